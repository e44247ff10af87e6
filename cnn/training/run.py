"""A run: what was trained, how it went epoch by epoch, and how it ended. An immutable snapshot."""

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np

from cnn.training.events import Ending, EpochEnd, Point
from cnn.training.events import EpochRecord as EpochRecord
from cnn.training.job import Job, Phase, Settings

Status = Literal["queued", "starting", "training", "paused"] | Ending
LIVE: tuple[Status, ...] = ("queued", "starting", "training", "paused")

MOST_POINTS = 500
"""Points kept of a run: as many as a chart can show."""


class RunError(ValueError):
    """A run that is not there or a wish that cannot be met; the message is a sentence to show."""


@dataclass(frozen=True)
class Parent:
    """The run, and the epoch of it, that another run went on from.

    `edits` is None, or where the network was first changed by hand a digest of its weights: such a
    run has a history of its own, which begins with those weights as epoch 0.
    """

    run: str
    epoch: int
    edits: str | None = None


@dataclass(frozen=True)
class Run:
    """A snapshot of a run.

    `message` is a sentence on its status. `created` and `updated` are seconds since 1970. `points`
    are the means between two reports within the epochs, `epochs` the whole epochs (the first is
    epoch 0, the network before it learns), `kept` the epochs whose weights were kept. `imported`
    says that it came as a file: nobody knows whether this training was ever done. `owner` is the
    person who requested it, as a digest of the browser's cookie; "" where it is nobody's.
    """

    id: str
    job: Job
    status: Status
    message: str
    created: float
    updated: float
    parent: Parent | None = None
    points: tuple[Point, ...] = ()
    epochs: tuple[EpochRecord, ...] = ()
    kept: tuple[int, ...] = ()
    imported: bool = False
    owner: str = ""

    @property
    def live(self) -> bool:
        """Whether the run is still to end."""
        return self.status in LIVE

    @property
    def last_epoch(self) -> int:
        """The last whole epoch (0 before the first)."""
        return self.epochs[-1].epoch if self.epochs else 0

    @property
    def planned_epochs(self) -> int:
        return self.job.settings.epochs

    @property
    def progress(self) -> float:
        """The share of the planned epochs that is done, 0 to 1, unfinished ones in part."""
        epochs = self.points[-1].epoch if self.points else self.last_epoch
        return min(1.0, epochs / self.planned_epochs)

    @property
    def seconds(self) -> float:
        """Seconds spent training the whole epochs."""
        return sum(record.seconds for record in self.epochs)


def with_point(run: Run, point: Point) -> Run:
    """The run with one more point; when they are too many the two closest become one."""
    return replace(run, points=_thinned((*run.points, point)))


def epoch_record(end: EpochEnd) -> EpochRecord:
    """What is kept of the end of an epoch besides its weights."""
    return EpochRecord(**{field.name: getattr(end, field.name) for field in fields(EpochRecord)})


def with_epoch(run: Run, end: EpochEnd) -> Run:
    """The run with one more whole epoch."""
    return replace(run, epochs=(*run.epochs, epoch_record(end)))


def without_unfinished_epoch(run: Run) -> Run:
    """The run without the points of the epoch it was in."""
    whole = tuple(point for point in run.points if point.epoch <= run.last_epoch)
    return replace(run, points=whole)


def continued(run: Run, phase: Phase | None) -> Settings:
    """The settings to go on with after the last epoch: as planned, or for one more phase.

    Raises RunError where the run cannot go on.
    """
    if run.live:
        raise RunError("This run is not over yet. Stop it first, or wait for its end.")
    if not run.epochs and run.parent and run.parent.edits:
        raise RunError(
            "This run ended before the network that was changed by hand could be kept. Make the changes again and train from there."
        )
    if phase is None:
        if run.status == "done":
            raise RunError("This run is done. Say for how many epochs more it should train.")
        if run.status == "diverged":
            raise RunError("This run diverged and would again. Go on with a smaller learning rate.")
        return run.job.settings
    phases, epochs = [], run.last_epoch
    for planned in run.job.settings.phases:
        if epochs > 0:
            phases.append(replace(planned, epochs=min(planned.epochs, epochs)))
            epochs -= planned.epochs
    return replace(run.job.settings, phases=(*phases, phase))


def _thinned(points: tuple[Point, ...]) -> tuple[Point, ...]:
    if len(points) <= MOST_POINTS:
        return points
    spans = np.diff([0.0, *(point.epoch for point in points)])
    both = spans[:-1] + spans[1:]
    at = int(both.argmin())
    first, second = points[at : at + 2]
    share = float(spans[at] / both[at]) if both[at] else 0.5
    merged = Point(
        second.epoch,
        share * first.loss + (1 - share) * second.loss,
        share * first.accuracy + (1 - share) * second.accuracy,
    )
    return (*points[:at], merged, *points[at + 2 :])
