"""The board of a workshop: what was trained, who did it, and which networks nobody has beaten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnn.statistics import wilson
from cnn.workshop.workshop import OwnRun, TrainedRun


@dataclass(frozen=True)
class BoardEntry:
    """A run on the board, and the ids of the participants who trained it, the first one first.

    `best` says that no network has at least its accuracy with fewer parameters, or a higher one
    with as many: it is on the Pareto front.
    """

    run: TrainedRun
    people: tuple[str, ...]
    best: bool = False

    @property
    def accuracy(self) -> float:
        return self.run.accuracy or 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the accuracy, from 0 to 1."""
        return wilson(self.accuracy, self.run.images)


def board(runs: Sequence[OwnRun]) -> list[BoardEntry]:
    """The runs that have an accuracy and are to be shown, the highest accuracy first.

    A run that several people share is there once. A run on other images than those that the workshop
    began with is compared with none.
    """
    people: dict[str, list[str]] = {}
    shown: dict[str, TrainedRun] = {}
    for own in runs:
        if own.on_board and own.run.accuracy is not None:
            shown[own.run.run] = own.run
            people.setdefault(own.run.run, []).extend(filter(None, [own.participant]))
    front = pareto_front(
        {name: (run.parameters, run.accuracy or 0) for name, run in shown.items() if run.comparable}
    )
    entries = [BoardEntry(run, tuple(people[name]), name in front) for name, run in shown.items()]
    return sorted(entries, key=lambda entry: (-entry.accuracy, entry.run.parameters))


def pareto_front(networks: Mapping[str, tuple[int, float]]) -> set[str]:
    """The names of the networks that no other one beats, each with its parameters and accuracy.

    One beats another if it is at least as good in both, and better in one.
    """
    front, best = set(), -1.0
    ordered = sorted(networks.items(), key=lambda item: (item[1][0], -item[1][1]))
    fewest = -1
    for name, (parameters, accuracy) in ordered:
        if accuracy > best or (accuracy == best and parameters == fewest):
            front.add(name)
            best, fewest = accuracy, parameters
    return front
