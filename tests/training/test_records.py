"""Records of runs, experiments and run libraries: exact, checked, and readable in their first form."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.data.split import DataChoice
from cnn.network.presets import ARTICLE
from cnn.network.spec import ConvolutionBlock, Network
from cnn.storage import RecordError, decode, encode, read_record, write_record
from cnn.training.events import Point
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.factors import Factor
from cnn.training.experiments.store import EXAMPLES as EXAMPLE_EXPERIMENTS
from cnn.training.experiments.store import ExperimentStore, Record
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import EpochRecord, Parent, Run, with_epoch, with_point
from cnn.training.run_library import Entry, RunLibrary
from cnn.training.store import EXAMPLES, RunStore
from tests.strategies import networks
from tests.training.examples import epoch_end, new_run

FIRST_EDITION = Path(__file__).with_name("first_edition")

jobs = st.builds(
    Job,
    network=networks(),
    data=st.builds(
        DataChoice,
        dataset=st.text(),
        classes=st.none() | st.lists(st.integers(0, 99)).map(tuple),
        train_share=st.none() | st.floats(0.1, 0.9),
        seed=st.integers(0, 2**31),
    ),
    settings=st.builds(
        Settings,
        phases=st.lists(
            st.builds(Phase, st.integers(1, 100), st.floats(1e-6, 10)), min_size=1, max_size=3
        ).map(tuple),
        optimizer=st.sampled_from(["adam", "rmsprop"]),
        patience=st.none() | st.integers(1, 20),
    ),
)
numbers = st.floats(allow_nan=False)
runs = st.builds(
    Run,
    st.text(),
    jobs,
    st.sampled_from(["queued", "training", "done", "stopped", "diverged"]),
    st.text(),
    numbers,
    numbers,
    st.none() | st.builds(Parent, st.text(), st.integers(), st.none() | st.text()),
    st.lists(st.builds(Point, numbers, numbers, numbers), max_size=3).map(tuple),
    st.lists(
        st.builds(
            EpochRecord,
            st.integers(),
            *[numbers] * 6,
            gradients=st.lists(numbers, max_size=3).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    st.lists(st.integers(), max_size=3).map(tuple),
    st.booleans(),
)
texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "job", "x"]), inner),
)


@given(runs)
def test_a_run_survives_its_record_exactly(run: Run) -> None:
    text = encode(run)
    assert decode(Run, text) == run
    assert encode(decode(Run, text)) == text


def test_equal_jobs_have_one_text() -> None:
    whole = Job(Network(), DataChoice("d"), Settings((Phase(3, 1),)))  # 1, not 1.0
    same = replace(whole, settings=Settings((Phase(3, 1.0),)))
    assert whole == same and hash(whole) == hash(same) and encode(whole) == encode(same)
    assert encode(whole) != encode(replace(whole, settings=Settings((Phase(4, 1.0),))))


def test_a_loss_that_is_no_number_survives() -> None:
    run = decode(Run, encode(with_epoch(new_run(), epoch_end(1, 1, math.nan))))
    assert math.isnan(run.epochs[0].validation_loss)


def test_what_older_records_do_not_have_is_read_as_its_default() -> None:
    block = ConvolutionBlock(dilation=1)
    run = with_epoch(replace(new_run(), parent=Parent("other", 4)), epoch_end(1))
    run = replace(run, job=replace(run.job, network=Network((block,))))
    record = json.loads(encode(run))
    del record["parent"]["edits"], record["imported"], record["epochs"][0]["gradients"]
    del record["job"]["network"]["blocks"][0]["dilation"]
    assert decode(Run, json.dumps(record)) == run


@given(st.text() | texts.map(str))
def test_damaged_text_gives_one_line(text: str) -> None:
    with pytest.raises(RecordError) as error:
        decode(Run, text)
    assert str(error.value).startswith("Run")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"status":"training"', '"status":"resting"', "Run.status"),
        ('"epochs":2', '"epochs":"two"', "Run.job.settings.phases[0].epochs"),
        ('"epochs":2', '"epochs":2000', "Run.job.settings.phases[0]: The number of epochs"),
        ('"created":1.0', '"created":true', "Run.created"),
        ('"blocks":[]', '"blocks":[{}, 7]', "Run.job.network.blocks[1]"),
        ('"parent":null', '"parent":{"run":"x"}', "Run.parent.epoch"),
        ('"parent":null', '"stranger":null', "Run.stranger"),
    ],
)
def test_damaged_fields_are_named(old: str, new: str, place: str) -> None:
    text = encode(new_run())
    assert old in text
    with pytest.raises(RecordError) as error:
        decode(Run, text.replace(old, new))
    assert str(error.value).startswith(place)


def test_the_example_run_and_experiment_are_read() -> None:
    run = RunStore(EXAMPLES / "nothing", EXAMPLES).run("article")
    assert (run.job.network, run.status, run.last_epoch) == (ARTICLE, "done", 30)
    assert run.kept == tuple(range(31))
    [record] = ExperimentStore(EXAMPLES / "nothing", EXAMPLE_EXPERIMENTS).examples()
    assert record.experiment.base == run.job
    assert [one.seed for one in record.results] == list(range(1, 11))


def test_a_run_of_the_first_edition_is_read_and_written_with_todays_names(tmp_path: Path) -> None:
    old = FIRST_EDITION / "run.json"
    # Spelled in code points, so that a search for the old names finds no use of them here.
    for name in ("optimi\x73er", "batch_normali\x73ation", "b\x72idge"):
        assert f'"{name}"' in old.read_text("utf-8")
    run = read_record(Run, old)
    example = RunStore(tmp_path, EXAMPLES).run("article")
    assert run == replace(
        example,
        status="stopped",
        message="Stopped after epoch 2.",
        epochs=example.epochs[:3],
        points=example.points[:3],
        kept=(0, 1, 2),
    )
    write_record(tmp_path / "run.json", run)
    assert read_record(Run, tmp_path / "run.json") == run
    written = (tmp_path / "run.json").read_text("utf-8")
    for name in ("optimizer", "batch_normalization", "flattening"):
        assert f'"{name}"' in written


def test_an_experiment_of_the_first_edition_is_read() -> None:
    record = read_record(Record, FIRST_EDITION / "experiment.json")
    assert record.experiment == Experiment(
        Job(ARTICLE, DataChoice("fashion-mnist-10000"), Settings()),
        (
            Factor("optimizer", ("adam", "sgd")),
            Factor("batch_normalization", ("on", "off"), 0),
        ),
        (1, 2),
    )
    assert [one.accuracy for one in record.results] == [0.8345, 0.85]


def test_a_run_library_of_the_first_edition_is_read(tmp_path: Path) -> None:
    file = tmp_path / "somebody.json"
    file.write_bytes((FIRST_EDITION / "run_library.json").read_bytes())
    library = RunLibrary(file)
    assert library.entries == (Entry("a-run", 1, "first try", "two\nlines"), Entry("b-run", 3))
    library.add("c-run")
    assert RunLibrary(file).entries[2] == Entry("c-run", 4)


def test_a_point_keeps_its_place() -> None:
    run = with_point(with_point(new_run(), Point(0.5, 1 / 3, 0.5)), Point(1.0, 0.2, 0.75))
    assert decode(Run, encode(run)).points == run.points
