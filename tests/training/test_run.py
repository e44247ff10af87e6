import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn.data.dataset import DataChoice
from cnn.network.spec import (
    Activation,
    ConvolutionBlock,
    DenseLayer,
    Network,
    NetworkError,
    Pooling,
)
from cnn.training.codec import decode, encode
from cnn.training.events import Point
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import (
    MOST_POINTS,
    Parent,
    Run,
    RunError,
    continued,
    job_key,
    run_from_json,
    run_to_json,
    with_epoch,
    with_point,
    without_unfinished_epoch,
)
from cnn.training.store import EXAMPLES
from tests.training.examples import epoch_end, job, new_run

hundredths = st.integers(0, 90).map(lambda number: number / 100)
networks = st.builds(
    Network,
    blocks=st.lists(
        st.builds(
            ConvolutionBlock,
            filters=st.integers(1, 128),
            padding=st.sampled_from(["valid", "same"]),
            dilation=st.integers(1, 4),
            batch_normalisation=st.booleans(),
            pooling=st.none() | st.builds(Pooling, kind=st.sampled_from(["max", "average"])),
            activation=st.just(Activation("leaky_relu", 0.2)) | st.just(Activation("gelu")),
            dropout=hundredths,
        ),
        max_size=3,
    ).map(tuple),
    dense=st.lists(st.builds(DenseLayer, dropout=hundredths), max_size=3).map(tuple),
    bridge=st.sampled_from(["flatten", "global_average"]),
)
jobs = st.builds(
    Job,
    network=networks,
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
        optimiser=st.sampled_from(["adam", "rmsprop"]),
        patience=st.none() | st.integers(1, 20),
    ),
)
texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "job", "x"]), inner),
)


@given(jobs)
def test_a_job_survives_json_exactly(a_job: Job) -> None:
    assert decode(Job, encode(a_job)) == a_job
    assert job_key(decode(Job, encode(a_job))) == job_key(a_job)


def test_equal_jobs_have_one_key() -> None:
    whole = Job(Network(), DataChoice("d"), Settings((Phase(3, 1),)))  # 1, not 1.0
    assert job_key(whole) == job_key(replace(whole, settings=Settings((Phase(3, 1.0),))))
    assert job_key(whole) != job_key(replace(whole, settings=Settings((Phase(4, 1.0),))))


def test_a_run_survives_json_exactly() -> None:
    run = with_epoch(with_point(new_run(), Point(0.5, 1 / 3, 0.5)), epoch_end(0))
    run = replace(run, parent=Parent("other", 4, "d1ge57"), kept=(0,), message="“Déjà vu”")
    assert run_from_json(run_to_json(run)) == run


def test_a_parent_from_before_there_were_edits_is_read() -> None:
    run = replace(new_run(), parent=Parent("other", 4))
    old = run_to_json(run).replace('"edits":null,', "")
    assert "edits" not in old
    assert run_from_json(old) == run


def test_a_network_without_dilation_is_written_as_before_there_was_any() -> None:
    [shipped] = EXAMPLES.glob("*/run.json")
    run = run_from_json(shipped.read_text())
    assert "dilation" not in run_to_json(run) == shipped.read_text()
    block = replace(run.job.network.blocks[0], dilation=2)
    dilated = replace(run.job, network=replace(run.job.network, blocks=(block,)))
    assert decode(Job, encode(dilated)) == dilated != run.job


def test_records_from_before_gradients_were_measured_stay_what_they_were() -> None:
    before = run_to_json(with_epoch(new_run(), epoch_end(1)))
    assert "gradients" not in before
    assert run_to_json(run_from_json(before)) == before
    with_gradients = with_epoch(new_run(), replace(epoch_end(1), gradients=(0.5, 1e-30)))
    assert run_from_json(run_to_json(with_gradients)) == with_gradients


def test_a_loss_that_is_no_number_survives_json() -> None:
    run = run_from_json(run_to_json(with_epoch(new_run(), epoch_end(1, 1, math.nan))))
    assert math.isnan(run.epochs[0].validation_loss)


@given(st.text() | texts.map(str))
def test_damaged_json_gives_a_sentence(text: str) -> None:
    with pytest.raises(RunError, match="damaged"):
        run_from_json(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"status":"training"', '"status":"resting"'),
        ('"epochs":2', '"epochs":"two"'),
        ('"epochs":2', '"epochs":2000'),
        ('"created":1.0', '"created":true'),
        ('"blocks":[]', '"blocks":[{}, 7]'),
        ('"parent":null', '"parent":{"run":"x"}'),
        ('"parent":null', '"stranger":null'),
    ],
)
def test_damaged_fields_give_a_sentence(old: str, new: str) -> None:
    text = run_to_json(new_run())
    assert old in text
    with pytest.raises(RunError, match="damaged"):
        run_from_json(text.replace(old, new))


def test_network_errors_are_not_run_errors() -> None:
    assert not issubclass(NetworkError, RunError)


def test_points_stay_few_even_and_true() -> None:
    run = new_run()
    for number in range(3 * MOST_POINTS):
        run = with_point(run, Point((number + 1) / 10, float(number), 0.5))
    assert len(run.points) == MOST_POINTS
    assert run.points[-1].epoch == 3 * MOST_POINTS / 10
    ends = [0.0, *(point.epoch for point in run.points)]
    spans = [after - before for before, after in pairwise(ends)]
    assert max(spans) < 5 * min(spans)
    mean = sum(p.loss * s for p, s in zip(run.points, spans, strict=True)) / sum(spans)
    assert mean == pytest.approx((3 * MOST_POINTS - 1) / 2)


def test_an_unfinished_epoch_leaves_no_points() -> None:
    run = with_epoch(with_epoch(new_run(), epoch_end(0)), epoch_end(1))
    for epoch in (0.5, 1.0, 1.5):
        run = with_point(run, Point(epoch, 0.1, 0.9))
    assert [point.epoch for point in without_unfinished_epoch(run).points] == [0.5, 1.0]


def _ended(status: str, epochs: int) -> Run:
    run = replace(new_run(), status=status, job=job(10))
    for epoch in range(epochs + 1):
        run = with_epoch(run, epoch_end(epoch))
    return run


def test_a_run_goes_on_as_planned_or_with_one_more_phase() -> None:
    assert continued(_ended("stopped", 4), None).phases == (Phase(10, 0.01),)
    assert continued(_ended("stopped", 4), Phase(3, 0.1)).phases == (Phase(4, 0.01), Phase(3, 0.1))
    assert continued(_ended("diverged", 4), Phase(3, 0.1)).epochs == 7
    assert continued(_ended("done", 10), Phase(3, 0.1)).phases == (Phase(10, 0.01), Phase(3, 0.1))


@pytest.mark.parametrize("status", ["training", "diverged", "done"])
def test_a_run_that_cannot_go_on_says_why(status: str) -> None:
    with pytest.raises(RunError, match=r"\.$"):
        continued(_ended(status, 10), None)
