"""Make the file of the images that come with the app from Fashion-MNIST's official files.

    python -m cnn.data.make_example FOLDER

FOLDER holds the official idx files; Debian's package dataset-fashion-mnist installs them in
/usr/share/datasets/fashion-mnist. The same files give the same bytes each time.
"""

import argparse
from pathlib import Path

import numpy as np

from cnn.data.example import EXAMPLE_FILE
from cnn.data.idx import read_images_and_labels


def make_example(folder: Path, target: Path = EXAMPLE_FILE) -> None:
    """Write the official test images and labels in `folder` to `target`, in official order.

    `target` gets two uint8 arrays, images (n, 28, 28) and labels (n,). Raises DataError when the
    official files are missing or damaged.
    """
    images, labels = read_images_and_labels(folder, "t10k")
    np.savez_compressed(target, images=images, labels=labels)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Make the file of the images that come with the app."
    )
    parser.add_argument("folder", type=Path, help="the folder of the official idx files")
    make_example(parser.parse_args().folder)
