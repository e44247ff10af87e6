import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnn.data.dataset import DataError
from cnn.data.example import challenge_dataset, example_dataset
from cnn.data.sources import FOLDER_VARIABLE, load, sources
from tests.data.idx_files import idx, random_part, write_part


def test_a_folder_is_offered_only_when_it_is_named() -> None:
    without = [source.key for source in sources({})]
    assert without == ["fashion-mnist-10000", "fashion-mnist-challenge", "fashion-mnist", "mnist"]
    with_folder = sources({FOLDER_VARIABLE: "/somewhere/letters"})
    assert [source.key for source in with_folder] == [*without, "folder"]
    assert with_folder[-1].title == "Folder letters"


def test_the_shipped_sources_are_the_shipped_data_sets() -> None:
    assert load("fashion-mnist-10000") is example_dataset()
    assert load("fashion-mnist-challenge") is challenge_dataset()


def test_the_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("train", "t10k"):
        write_part(tmp_path, part, *random_part(9, seed=1))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert len(load("folder").images) == 18
    monkeypatch.delenv(FOLDER_VARIABLE)
    with pytest.raises(DataError, match=f"set the environment variable {FOLDER_VARIABLE}"):
        load("folder")


def test_an_unknown_source_is_explained() -> None:
    with pytest.raises(DataError, match="no source of data called “imagenet”"):
        load("imagenet")


PROGRAM = """
from cnn.data.dataset import DataError
from cnn.data.sources import load

for key in ("fashion-mnist", "mnist"):
    try:
        dataset = load(key)
        print(dataset.identity, dataset.images.shape, dataset.official_test)
    except DataError as error:
        print(error)
"""


def without_a_network(home: Path) -> str:
    """What PROGRAM prints in a process of its own, with Keras's cache in `home`."""
    nowhere = "http://127.0.0.1:9"
    environment = os.environ | {
        "KERAS_HOME": str(home),
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "no_proxy": "",
        "PYTHONIOENCODING": "utf-8",
    }
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=120,
    ).stdout


def test_without_a_network_keras_gives_what_it_kept_or_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    for part, count in (("train", 9), ("t10k", 6)):
        images, labels = random_part(count, seed=1, size=(28, 28))
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    printed = without_a_network(tmp_path)
    assert "fashion-mnist (15, 28, 28, 1) 6\n" in printed
    assert "“mnist” could not be downloaded; the machine seems to be offline" in printed
    assert FOLDER_VARIABLE in printed
