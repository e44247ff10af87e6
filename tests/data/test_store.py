import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cnn.data.dataset import DataError, Dataset
from cnn.data.example import shipped
from cnn.data.store import DatasetStore


def made(identity: str, count: int = 6) -> Dataset:
    images = np.random.default_rng(len(identity)).integers(0, 256, (count, 4, 4, 1), dtype=np.uint8)
    return Dataset(
        "made", identity, images, np.arange(count) % 2, ("Café", "bar"), "credit", count // 3
    )


def assert_same(left: Dataset, right: Dataset) -> None:
    assert np.array_equal(left.images, right.images) and left.images.dtype == right.images.dtype
    assert np.array_equal(left.labels, right.labels) and left.labels.dtype == right.labels.dtype
    for field in ("name", "identity", "classes", "credit", "official_test"):
        assert getattr(left, field) == getattr(right, field)


def age(folder: Path, *identities: str) -> None:
    """Make the files look last used in this order, long ago."""
    for second, identity in enumerate(identities, start=1):
        os.utime(folder / f"{identity}.npz", (second, second))


def kept(folder: Path) -> set[str]:
    return {path.stem for path in folder.iterdir()}


def test_a_data_set_outlives_the_process(tmp_path: Path) -> None:
    DatasetStore(tmp_path / "new" / "folder").add(made("csv-1"))
    read = DatasetStore(tmp_path / "new" / "folder").get("csv-1")
    assert_same(read, made("csv-1"))
    assert not read.images.flags.writeable


def test_memory_saves_reading_again(tmp_path: Path) -> None:
    store = DatasetStore(tmp_path)
    store.add(made("csv-1"))
    assert store.get("csv-1") is store.get("csv-1")


def test_a_data_set_from_another_process_is_read_only_again(tmp_path: Path) -> None:
    store = DatasetStore(tmp_path)
    store.add(pickle.loads(pickle.dumps(made("csv-1"))))
    assert not store.get("csv-1").images.flags.writeable


def test_the_shipped_data_set_is_always_there_and_takes_no_place(tmp_path: Path) -> None:
    store = DatasetStore(tmp_path)
    assert store.get("fashion-mnist-10000") is shipped()
    store.add(shipped())
    assert kept(tmp_path) == set()


@pytest.mark.parametrize("identity", ["csv-2", "../csv-1", "", "csv-1.npz", "CSV-1", "a" * 1000])
def test_an_unknown_identity_is_explained(tmp_path: Path, identity: str) -> None:
    store = DatasetStore(tmp_path / "store")
    store.add(made("csv-1"))
    (tmp_path / "csv-1.npz").write_bytes(b"outside")
    with pytest.raises(DataError, match="does not keep a data set"):
        store.get(identity)


def test_a_damaged_file_is_explained_and_can_be_replaced(tmp_path: Path) -> None:
    DatasetStore(tmp_path).add(made("csv-1"))
    file = tmp_path / "csv-1.npz"
    file.write_bytes(file.read_bytes()[:100])
    store = DatasetStore(tmp_path)
    with pytest.raises(DataError, match="“csv-1” was damaged"):
        store.get("csv-1")
    store.add(made("csv-1"))
    assert_same(DatasetStore(tmp_path).get("csv-1"), made("csv-1"))


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "csv-1.npz", images=np.array([{}], dtype=object), about=np.array("{}"))
    with pytest.raises(DataError, match="damaged"):
        DatasetStore(tmp_path).get("csv-1")


def test_what_was_not_asked_for_longest_goes_first(tmp_path: Path) -> None:
    store = DatasetStore(tmp_path, most=3)
    for identity in ("csv-1", "csv-2", "csv-3"):
        store.add(made(identity))
    age(tmp_path, "csv-1", "csv-2", "csv-3")
    store.get("csv-1")
    store.add(made("csv-4"))
    assert kept(tmp_path) == {"csv-1", "csv-3", "csv-4"}
    with pytest.raises(DataError):
        store.get("csv-2")


def test_bytes_are_bounded_but_the_newest_stays(tmp_path: Path) -> None:
    store = DatasetStore(tmp_path, most_bytes=35_000)
    store.add(made("csv-1", count=600))
    store.add(made("csv-2", count=600))
    age(tmp_path, "csv-1", "csv-2")
    store.add(made("csv-3", count=600))
    assert kept(tmp_path) == {"csv-2", "csv-3"}
    store.add(made("csv-4", count=6000))
    assert kept(tmp_path) == {"csv-4"}


def test_threads_may_share_it(tmp_path: Path) -> None:
    store = DatasetStore(tmp_path, most=20)

    def use(number: int) -> None:
        identity = f"csv-{number % 10}"
        store.add(made(identity))
        assert_same(store.get(identity), made(identity))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(200)))
    assert kept(tmp_path) == {f"csv-{number}" for number in range(10)}
