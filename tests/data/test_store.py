import json
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cnn.data.dataset import DataError, Dataset
from cnn.data.example import challenge_dataset, example_dataset
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


@pytest.mark.parametrize("shipped", [example_dataset, challenge_dataset])
def test_the_shipped_data_sets_are_always_there_and_take_no_place(
    tmp_path: Path, shipped: Callable[[], Dataset]
) -> None:
    store = DatasetStore(tmp_path)
    assert store.get(shipped().identity) is shipped()
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
    with pytest.raises(DataError, match="“csv-1” is damaged"):
        store.get("csv-1")
    store.add(made("csv-1"))
    assert_same(DatasetStore(tmp_path).get("csv-1"), made("csv-1"))


def test_a_write_that_fails_is_explained_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DatasetStore(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(DataError, match="No space left"):
            store.add(made("csv-1"))
    assert kept(tmp_path) == set()
    with pytest.raises(DataError, match="does not keep"):
        store.get("csv-1")
    store.add(made("csv-1"))
    assert_same(store.get("csv-1"), made("csv-1"))


def test_a_file_of_the_first_edition_is_read(tmp_path: Path) -> None:
    data = made("csv-1")
    about = {
        "name": data.name,
        "identity": data.identity,
        "classes": data.classes,
        "credit": data.credit,
        "official_test": data.official_test,
    }
    np.savez(
        tmp_path / "csv-1.npz",
        images=data.images,
        labels=data.labels,
        about=np.array(json.dumps(about)),
    )
    assert_same(DatasetStore(tmp_path).get("csv-1"), data)


def test_an_identity_that_leads_to_a_real_file_outside_is_refused(tmp_path: Path) -> None:
    DatasetStore(tmp_path).add(made("outside"))
    store = DatasetStore(tmp_path / "store")
    (tmp_path / "store" / "csv-1").mkdir(parents=True)
    assert (tmp_path / "store" / "csv-1" / ".." / ".." / "outside.npz").exists()
    for identity in ("../outside", "csv-1/../../outside"):
        with pytest.raises(DataError, match="does not keep"):
            store.get(identity)


def test_no_damage_of_a_file_is_taken_for_data(tmp_path: Path) -> None:
    DatasetStore(tmp_path).add(made("csv-1", 20))
    file = tmp_path / "csv-1.npz"
    whole = file.read_bytes()
    generator = np.random.default_rng(5)
    for at in generator.choice(len(whole), 150, replace=False):
        damaged = bytearray(whole)
        damaged[at] ^= int(generator.integers(1, 256))
        for content in (bytes(damaged), whole[:at]):
            file.write_bytes(content)
            try:
                read = DatasetStore(tmp_path).get("csv-1")
            except DataError as error:
                assert "damaged" in str(error)
            else:  # only the mark of the checksum was hit
                assert_same(read, made("csv-1", 20))


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": np.zeros((6, 4, 4), np.uint8)},
        {"images": np.zeros((6, 4, 4, 1), np.float32)},
        {"labels": np.array([0, 1, 0, 1, 0, 2])},
        {"labels": np.array([0, 1, 0, 1, 0])},
    ],
)
def test_arrays_that_are_not_those_of_a_data_set_are_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray]
) -> None:
    about = {"name": "", "identity": "csv-1", "classes": ("a", "b"), "credit": ""}
    sound = {"images": np.zeros((6, 4, 4, 1), np.uint8), "labels": np.arange(6) % 2}
    file = tmp_path / "csv-1.npz"
    np.savez(file, **sound, about=np.array(json.dumps(about)))
    assert len(DatasetStore(tmp_path).get("csv-1").labels) == 6
    np.savez(file, **sound | arrays, about=np.array(json.dumps(about)))
    with pytest.raises(DataError, match="damaged"):
        DatasetStore(tmp_path).get("csv-1")


def test_reading_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    DatasetStore(tmp_path).add(made("csv-1"))
    before = (tmp_path / "csv-1.npz").stat()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    for name in ("utime", "mkdir", "replace", "unlink"):
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr(Path, "touch", refuse)
    assert_same(DatasetStore(tmp_path).get("csv-1"), made("csv-1"))
    assert (tmp_path / "csv-1.npz").stat() == before


def test_a_file_in_the_place_of_the_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "datasets").write_text("")
    store = DatasetStore(tmp_path / "datasets")
    with pytest.raises(DataError, match="does not keep"):
        store.get("csv-1")
    with pytest.raises(DataError, match="could not be kept"):
        store.add(made("csv-1"))


def test_odd_entries_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "odd.npz").mkdir()
    (tmp_path / "dangling.npz").symlink_to(tmp_path / "nowhere")
    store = DatasetStore(tmp_path, most=1)
    for identity in ("csv-1", "csv-2"):
        store.add(made(identity))
    assert_same(store.get("csv-2"), made("csv-2"))
    with pytest.raises(DataError, match="does not keep"):
        store.get("csv-1")


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
