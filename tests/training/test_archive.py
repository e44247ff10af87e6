"""A run as a file: equal to the bit when it comes back, and a sentence for anything else."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.data.dataset import ChosenData, DataChoice, DataError
from cnn.network.plan import plan
from cnn.training.archive import MOST_BYTES, Label, fits, pack, unpack
from cnn.training.events import Point
from cnn.training.run import Parent, Run, RunError, with_point
from cnn.training.store import RunStore
from tests.strategies import random_weights
from tests.training.examples import NETWORK, chosen, epoch_end, new_run

DATA = chosen()
PLAN = plan(NETWORK, DATA.image_shape, 2)
LABEL = Label("mine", "a note\nin two lines")


def found(choice: DataChoice) -> ChosenData:
    if choice != DATA.choice:
        raise DataError(f"This server does not keep a data set “{choice.dataset}”.")
    return DATA


def trained(store: RunStore, epochs: int = 2) -> Run:
    run = with_point(new_run(), Point(0.5, 0.4, 0.9))
    for epoch in range(epochs + 1):
        weights = random_weights(PLAN, epoch)
        run = store.save_epoch(run, replace(epoch_end(epoch), weights=weights))
    run = replace(run, status="done", parent=Parent("other", 3, "0" * 64))
    store.save(run)
    return run


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, bytes]:
    store = RunStore(tmp_path_factory.mktemp("runs"))
    run = trained(store)
    return run, pack(run, {one: store.weights(run.id, one) for one in run.kept}, LABEL)


def test_what_comes_back_is_equal_to_the_bit(example: tuple[Run, bytes], tmp_path: Path) -> None:
    run, content = example
    imported = unpack(content, found)
    assert imported.label == LABEL
    store = RunStore(tmp_path)
    kept = store.save_imported(imported.run, imported.weights)
    assert kept.id != run.id
    assert kept.imported
    same = {"id": run.id, "message": "", "created": 1.0, "updated": run.updated}
    assert replace(kept, imported=False, **same) == run
    for epoch in run.kept:
        expected = random_weights(PLAN, epoch)
        assert store.weights(kept.id, epoch).tobytes() == expected.tobytes()
    for reader in (store, RunStore(tmp_path)):
        assert reader.run(kept.id) == kept
        assert reader.done(run.job, run.parent) is None  # it may be forged
    assert store.checkpoint(kept).resume == b""


def test_a_live_run_is_taken_along_up_to_its_last_epoch(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = with_point(replace(trained(store), status="training"), Point(2.5, 0.1, 0.9))
    imported = unpack(pack(run, {2: store.weights(run.id, 2)}, Label()), found)
    assert (imported.run.status, imported.run.kept) == ("stopped", (2,))
    assert imported.run.points == run.points[:-1]
    assert len(imported.run.epochs) == 3


def test_what_cannot_be_written_leaves_nothing_behind(
    example: tuple[Run, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = unpack(example[1], found)
    store = RunStore(tmp_path)
    monkeypatch.setattr(store, "save", _full)
    with pytest.raises(RunError, match="full"):
        store.save_imported(imported.run, imported.weights)
    assert not list(tmp_path.iterdir())


def _full(_: Run) -> None:
    raise RunError("The disk is full.")


def test_a_run_too_large_for_one_file_is_known_before() -> None:
    run = replace(new_run(), kept=tuple(range(30)))
    assert fits(run, 200_000)
    assert not fits(run, 500_000)


Files = dict[str, bytes]


def files_of(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return packed.getvalue()


def edited(**changes: Any) -> Callable[[Files], bytes]:
    """The file with other values in its record; "epochs__0__loss" names a place within."""

    def made(files: Files) -> bytes:
        record = json.loads(files["run.json"])
        for place, value in changes.items():
            *way, last = (int(one) if one.isdigit() else one for one in place.split("__"))
            inside = record
            for step in way:
                inside = inside[step]
            inside[last] = value
        return zipped(files | {"run.json": json.dumps(record).encode()})

    return made


def record(text: bytes) -> Callable[[Files], bytes]:
    return lambda files: zipped(files | {"run.json": text})


def weights(make: Callable[[], bytes]) -> Callable[[Files], bytes]:
    return lambda files: zipped(files | {"weights/epoch_000.npy": make()})


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def extra(name: str, content: bytes = b"x") -> Callable[[Files], bytes]:
    return lambda files: zipped(files | {name: content})


def doubled(files: Files) -> bytes:
    packed = io.BytesIO(zipped(files))
    with zipfile.ZipFile(packed, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("run.json", files["run.json"])
    return packed.getvalue()


def linked(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            file.writestr(info, content)
    return packed.getvalue()


def lying(files: Files) -> bytes:
    """The directory says that the weights are small; unpacked they are not."""
    content = bytearray(zipped(files | {"weights/epoch_000.npy": bytes(10_000_000)}))
    at = content.rindex(b"weights/epoch_000.npy") - 46
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(content)


def bomb(files: Files) -> bytes:
    return zipped(files | {"weights/epoch_000.npy": bytes(MOST_BYTES + 1)})


def crowd(files: Files) -> bytes:
    return zipped(files | {f"weights/epoch_{at:04d}.npy": b"" for at in range(300)})


class Evil:
    """What a pickle would do if it were read."""

    def __reduce__(self) -> tuple[Any, ...]:
        raise AssertionError  # pragma: no cover


HOSTILE: dict[str, tuple[Callable[[Files], bytes], str]] = {
    "nothing": (lambda _: b"", "damaged"),
    "no archive": (lambda _: b"PK\x03\x04 and then nonsense", "damaged"),
    "a text": (lambda _: b"epoch,loss\n0,2.3\n", "damaged"),
    "no record": (lambda files: zipped({"shelf.json": files["shelf.json"]}), "record"),
    "out of the folder": (extra("../../../etc/cron.d/evil"), "no run has"),
    "from the root": (extra("/etc/passwd"), "no run has"),
    "a program": (extra("weights/__init__.py"), "no run has"),
    "a folder": (extra("weights/"), "no run has"),
    "weights too many": (extra("weights/epoch_077.npy"), "other epochs"),
    "a link": (linked, "link"),
    "twice": (doubled, "twice"),
    "a bomb": (bomb, "at most 48 MB"),
    "a lie": (lying, "damaged"),
    "a crowd": (crowd, "more files"),
    "a long record": (record(b" " * (3 * 2**20)), "record of 3 MB"),
    "deep": (record(b"[" * 500_000), "record"),
    "no text": (record(b"\xff\xfe"), "record"),
    "other JSON": (record(b'{"a": 1}'), "record"),
    "a huge number": (edited(created=10**400), "record"),
    "a number too long": (record(b'{"created": ' + b"9" * 5000 + b"}"), "record"),
    "not a number": (edited(epochs__0__loss=float("nan")), "loss"),
    "without end": (edited(epochs__1__validation_loss=float("inf")), "loss"),
    "too right": (edited(epochs__1__validation_accuracy=1.5), "loss"),
    "back in time": (edited(epochs__1__seconds=-1), "time"),
    "a gap": (edited(epochs__1__epoch=7), "follow"),
    "a point beyond": (edited(points__0__epoch=99.0), "curve"),
    "many gradients": (edited(epochs__1__gradients=[1.0] * 1000), "gradients"),
    "still training": (edited(status="training"), "not ended"),
    "no weights": (edited(kept=[]), "no weights"),
    "unknown weights": (edited(kept=[0, 1, 2, 9]), "not trained"),
    "without the last": (edited(kept=[0, 1]), "last epoch"),
    "too long": (edited(job__settings__phases=[{"epochs": 1000, "learning_rate": 1}]), "record"),
    "more than planned": (
        edited(job__settings__phases=[{"epochs": 1, "learning_rate": 0.01}]),
        "planned",
    ),
    "too large": (edited(job__network__dense=[{"units": 10**9}]), "record"),
    "a deep network": (edited(job__network__blocks=[{}] * 5), "cannot read its images"),
    "another network": (edited(job__network__dense=[{"units": 5}]), "numbers of its network"),
    "other images": (edited(job__data__dataset="cats"), "are not here"),
    "a strange parent": (edited(parent__run="![x](y)"), "go on from"),
    "objects": (weights(lambda: npy(np.array([{"a": 1}], dtype=object))), "numbers of"),
    "a pickle": (weights(lambda: b"\x80\x04cos\nsystem\n(S'true'\ntR."), "numbers of"),
    "other numbers": (weights(lambda: npy(np.zeros(PLAN.parameters))), "numbers of"),
    "other shapes": (weights(lambda: npy(np.zeros(3, np.float32))), "numbers of"),
    "a long name": (
        lambda files: zipped(files | {"shelf.json": json.dumps({"name": "n" * 99}).encode()}),
        "name has 99",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_gets_one_sentence(example: tuple[Run, bytes], kind: str) -> None:
    make, told = HOSTILE[kind]
    with pytest.raises(RunError, match=told) as error:
        unpack(make(files_of(example[1])), found)
    assert len(str(error.value)) < 500


@given(st.data())
@settings(max_examples=150)
def test_a_damaged_file_never_gets_past(example: tuple[Run, bytes], data: st.DataObject) -> None:
    run, content = example
    damaged = bytearray(content)
    if data.draw(st.booleans()):
        damaged = damaged[: data.draw(st.integers(0, len(content) - 1))]
    else:
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(content) - 1))
            damaged[at] ^= data.draw(st.integers(1, 255))
    try:
        imported = unpack(bytes(damaged), found)
    except RunError:
        return
    # What is not checked within a zip, a date for example, may be other; what counts is the same.
    assert replace(imported.run, id=run.id) == run
    assert imported.label == LABEL
    for epoch, vector in imported.weights.items():
        assert vector.tobytes() == random_weights(PLAN, epoch).tobytes()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside),
    max_leaves=5,
)


@given(st.data(), JSON)
@settings(max_examples=150)
def test_any_value_anywhere_in_the_record_is_taken_or_refused(
    example: tuple[Run, bytes], data: st.DataObject, value: Any
) -> None:
    files = files_of(example[1])
    whole = inside = json.loads(files["run.json"])
    while True:
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(inside[key], dict | list) and inside[key] and data.draw(st.booleans()):
            inside = inside[key]
        else:
            inside[key] = value
            break
    try:
        imported = unpack(zipped(files | {"run.json": json.dumps(whole).encode()}), found)
    except RunError:
        return
    assert all(len(vector) == PLAN.parameters for vector in imported.weights.values())
