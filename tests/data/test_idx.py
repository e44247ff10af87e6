import gzip
from pathlib import Path

import numpy as np
import pytest

from cnn.data.dataset import DataError
from cnn.data.idx import read_idx, read_idx_folder
from tests.data.idx_files import idx, random_part, write_part


def test_a_file_written_by_hand_is_read(tmp_path: Path) -> None:
    file = tmp_path / "images"
    file.write_bytes(bytes.fromhex("00000803 00000002 00000001 00000003 0102030405ff"))
    assert read_idx(file, 3).tolist() == [[[1, 2, 3]], [[4, 5, 255]]]
    file.write_bytes(gzip.compress(bytes.fromhex("00000801 00000002 0709")))
    assert read_idx(file, 1).tolist() == [7, 9]


WHOLE = idx(np.zeros((2, 4, 4), np.uint8))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", r"starts with the bytes \(none\) instead of 00 00 08 03"),
        (b"label,pixel1", "6c 61 62 65 instead of 00 00 08 03"),
        (idx(np.zeros(3, np.uint8)), "00 00 08 01 instead of 00 00 08 03"),
        (WHOLE[:9], "ends within its header"),
        (WHOLE[:-1], "announces 32 numbers but holds 31"),
        (WHOLE + b"\0", "announces 32 numbers but holds 33"),
        (gzip.compress(WHOLE, mtime=0)[:-9], "cannot be read"),
        (b"\x1f\x8b" + WHOLE, "cannot be read"),
    ],
)
def test_a_damaged_file_is_explained(tmp_path: Path, content: bytes, sentence: str) -> None:
    file = tmp_path / "train-images"
    file.write_bytes(content)
    with pytest.raises(DataError, match=f"The file train-images .*{sentence}"):
        read_idx(file, 3)


@pytest.mark.parametrize("joint", ["-", "."])
def test_a_folder_holds_train_images_then_test_images(tmp_path: Path, joint: str) -> None:
    train, test = random_part(9, seed=1), random_part(6, seed=2)
    write_part(tmp_path / "digits", "train", *train, joint)
    write_part(tmp_path / "digits", "t10k", *test, joint)
    dataset = read_idx_folder(tmp_path / "digits")
    assert np.array_equal(dataset.images[:9, ..., 0], train[0])
    assert np.array_equal(dataset.images[9:, ..., 0], test[0])
    assert dataset.labels.tolist() == [*train[1], *test[1]]
    assert dataset.official_test == 6
    assert dataset.classes == ("0", "1", "2")
    assert not dataset.images.flags.writeable


def test_a_folder_called_fashion_has_fashion_names(tmp_path: Path) -> None:
    folder = tmp_path / "Fashion-MNIST"
    write_part(folder, "train", *random_part(9, seed=1))
    write_part(folder, "t10k", *random_part(6, seed=2))
    assert read_idx_folder(folder).classes == ("T-shirt/top", "Trouser", "Pullover")


def test_labels_need_not_start_at_zero(tmp_path: Path) -> None:
    for part in ("train", "t10k"):
        images, labels = random_part(9, seed=1)
        write_part(tmp_path, part, images, labels + 11)
    dataset = read_idx_folder(tmp_path)
    assert dataset.classes == ("11", "12", "13")
    assert dataset.labels.tolist() == [0, 1, 2] * 6


def test_files_that_do_not_belong_together_are_explained(tmp_path: Path) -> None:
    images, labels = random_part(9, seed=1)
    write_part(tmp_path, "train", images, labels)
    with pytest.raises(DataError, match="has no file t10k-images-idx3-ubyte"):
        read_idx_folder(tmp_path)
    write_part(tmp_path, "t10k", images, labels[:-1])
    with pytest.raises(DataError, match=r"9 images but t10k-labels-idx1-ubyte\.gz holds 8 labels"):
        read_idx_folder(tmp_path)
    write_part(tmp_path, "t10k", *random_part(9, seed=1, size=(6, 6)))
    with pytest.raises(DataError, match=r"train images are 5 x 5 pixels but .* 6 x 6 pixels"):
        read_idx_folder(tmp_path)


@pytest.mark.parametrize("size", [(4, 5), (3, 3), (65, 65)])
def test_images_must_be_square_and_of_a_sensible_size(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    for part in ("train", "t10k"):
        write_part(tmp_path, part, *random_part(9, seed=1, size=size))
    with pytest.raises(DataError, match=f"{size[0]} x {size[1]} pixels; they must be square, 4 to"):
        read_idx_folder(tmp_path)


def test_one_class_is_not_enough(tmp_path: Path) -> None:
    for part in ("train", "t10k"):
        images, labels = random_part(9, seed=1)
        write_part(tmp_path, part, images, labels * 0)
    with pytest.raises(DataError, match="1 different labels"):
        read_idx_folder(tmp_path)
