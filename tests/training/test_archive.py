"""A run as a file: equal to the bit when it comes back, and a sentence for anything else."""

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.data.dataset import DataError
from cnn.data.split import ChosenData, DataChoice
from cnn.network.plan import plan
from cnn.training.archive import Label, fits, pack, unpack
from cnn.training.events import Point
from cnn.training.run import Parent, Run, RunError, with_point
from cnn.training.store import RunStore
from tests.strategies import random_weights
from tests.training.examples import NETWORK, chosen, epoch_end, new_run
from tests.training.hostile import HOSTILE, LIE, files_of, lying, zipped

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


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_gets_one_sentence(example: tuple[Run, bytes], kind: str) -> None:
    make, told = HOSTILE[kind]
    with pytest.raises(RunError, match=told) as error:
        unpack(make(files_of(example[1])), found)
    assert len(str(error.value)) < 500


def test_a_file_that_lies_about_its_size_is_not_unpacked(example: tuple[Run, bytes]) -> None:
    content = lying(files_of(example[1]))
    tracemalloc.start()
    try:
        with pytest.raises(RunError, match="damaged"):
            unpack(content, found)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < LIE / 10


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
