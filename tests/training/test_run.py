from dataclasses import replace
from itertools import pairwise

import pytest

from cnn.network.spec import (
    NetworkError,
)
from cnn.training.events import Point
from cnn.training.job import Phase
from cnn.training.run import (
    MOST_POINTS,
    Run,
    RunError,
    continued,
    with_epoch,
    with_point,
    without_unfinished_epoch,
)
from tests.training.examples import epoch_end, job, new_run


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
