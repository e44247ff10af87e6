"""A workshop, its people and their runs for the tests."""

from pathlib import Path

from cnn.network.presets import ARTICLE
from cnn.training.job import Job, Settings
from cnn.workshop.rules import Rules
from cnn.workshop.store import WorkshopStore
from cnn.workshop.workshop import Plan, Question, TrainedRun, View
from tests.training.examples import chosen

START = Job(ARTICLE, chosen().choice, Settings())
VIEW = View("Build", "net=flatten_softmax")
PLAN = Plan("A lesson", START, VIEW, Rules(("filters", "epochs"), 5, "We compare filters."))
QUESTION = Question("padding", "How large is it?", ("26", "28", "30"), 1)


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


def store(folder: Path, clock: Clock | None = None) -> WorkshopStore:
    return WorkshopStore(folder / "home" / "workshops.sqlite", clock or Clock())


def trained(
    run: str, parameters: int = 100, accuracy: float | None = 0.8, **more: object
) -> TrainedRun:
    """A run that is done."""
    values = {"status": "done", "since": 1e9, "epochs": 5, "planned": 5, "images": 2000} | more
    return TrainedRun(run, "flatten_softmax", parameters, accuracy=accuracy, **values)  # type: ignore[arg-type]
