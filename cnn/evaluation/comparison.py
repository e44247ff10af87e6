"""Runs beside each other: what they were given differently, and on which images they disagree."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cnn.counts import thousands
from cnn.data.split import ChosenData
from cnn.statistics import chance
from cnn.training.job import Job

Part = Literal["block", "dense", "network", "data", "training"]
MISSING = "missing"
"""In the place of a value: this network has no such block or layer."""


class ComparisonError(ValueError):
    """Runs that cannot be compared; the message is a sentence that says why."""


@dataclass(frozen=True)
class Difference:
    """One setting that is not the same in all of some jobs.

    `number` is that of the block or dense layer, from 0 (None elsewhere). `setting` is the field's
    name, "" where whole blocks or layers stand against none. `values` has one a job, as it is in the
    job, MISSING where it has no such block or layer.
    """

    part: Part
    number: int | None
    setting: str
    values: tuple[Any, ...]


def differences(jobs: Sequence[Job]) -> tuple[Difference, ...]:
    """Everything in which some jobs differ, in the order of the data through the network."""
    networks = [job.network for job in jobs]
    found = _of_layers("block", [network.blocks for network in networks])
    found += _of_values(
        "network", None, [{"flattening": network.flattening} for network in networks]
    )
    found += _of_layers("dense", [network.dense for network in networks])
    found += _of_values("network", None, [{"output": network.output} for network in networks])
    found += _of_values("data", None, [vars(job.data) for job in jobs])
    found += _of_values("training", None, [_training(job) for job in jobs])
    return tuple(found)


def _of_layers(part: Part, layers: Sequence[tuple[Any, ...]]) -> list[Difference]:
    found = []
    for number in range(max(map(len, layers))):
        these = [own[number] if number < len(own) else MISSING for own in layers]
        if MISSING in these:
            found.append(Difference(part, number, "", tuple(these)))
        else:
            found += _of_values(part, number, [vars(one) for one in these])
    return found


def _of_values(part: Part, number: int | None, given: Sequence[dict[str, Any]]) -> list[Difference]:
    both = {setting: tuple(one[setting] for one in given) for setting in given[0]}
    return [
        Difference(part, number, setting, values)
        for setting, values in both.items()
        if any(value != values[0] for value in values)
    ]


def _training(job: Job) -> dict[str, Any]:
    """The settings, with the phases as epochs in all and the learning rates one after the other."""
    settings = job.settings
    rates = tuple(phase.learning_rate for phase in settings.phases)
    others = {
        field.name: getattr(settings, field.name)
        for field in fields(settings)
        if field.name != "phases"
    }
    return {"epochs": settings.epochs, "learning_rate": rates} | others


def check_same_images(names: Sequence[str], data: Sequence[ChosenData]) -> None:
    """Refuse runs that are tested on different images; `names` are what they are called.

    Raises:
        ComparisonError: They are; the message says what differs between the first and another.
    """
    first = data[0]
    for name, other in zip(names[1:], data[1:], strict=True):
        if what := _differently_tested(first, other):
            raise ComparisonError(
                f"{names[0]} and {name} are tested on different images, so their answers cannot be"
                f" set against each other: {what}."
            )


def _differently_tested(first: ChosenData, other: ChosenData) -> str:
    """What makes the test images of two choices differ, "" if they are the same in the same order."""
    one, another = first.choice, other.choice
    if one.dataset != another.dataset:
        return f"the data sets are {first.dataset.name} and {other.dataset.name}"
    if one.classes != another.classes:
        return f"the classes are {', '.join(first.classes)} and {', '.join(other.classes)}"
    if np.array_equal(first.test, other.test):
        return ""
    if one.train_share != another.train_share:
        return f"{len(first.test)} images are kept for testing by one and {len(other.test)} by the other"
    return f"the images were shuffled with the seeds {one.seed} and {another.seed} before the split"


def decided(
    names: Sequence[str], shares: Sequence[NDArray[np.float32]]
) -> tuple[dict[int, NDArray[np.int64]], tuple[str, ...]]:
    """What networks answer, each (n,), from their probabilities, each (n, classes).

    Returns the answers by the network's place among the `names`, and a sentence for each that has
    none, because some of its probabilities are no numbers.
    """
    said: dict[int, NDArray[np.int64]] = {}
    unable = []
    for place, (name, given) in enumerate(zip(names, shares, strict=True)):
        broken = int((~np.isfinite(given)).any(axis=1).sum())
        if broken:
            unable.append(
                f"For {thousands(broken)} of {thousands(len(given))} test images the probabilities"
                f" that {name} gives are no numbers, as happens when a training diverges: it has no"
                " answers to set against those of others. Train it with a smaller learning rate."
            )
        else:
            said[place] = given.argmax(axis=1)
    return said, tuple(unable)


@dataclass(frozen=True, eq=False)
class Pair:
    """The answers of two networks for the same images: class numbers (n,), and the `truth`."""

    truth: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]

    @property
    def only_first(self) -> NDArray[np.int64]:
        """The places of the images that the first network alone gets right."""
        return np.flatnonzero((self.first == self.truth) & (self.second != self.truth))

    @property
    def only_second(self) -> NDArray[np.int64]:
        """The places of the images that the second network alone gets right."""
        return np.flatnonzero((self.first != self.truth) & (self.second == self.truth))

    @property
    def wrong_differently(self) -> NDArray[np.int64]:
        """The places of the images that both get wrong, each in its own way."""
        wrong = (self.first != self.truth) & (self.second != self.truth)
        return np.flatnonzero(wrong & (self.first != self.second))

    @property
    def chance(self) -> float:
        """How often luck alone would part their right answers so unevenly, see `statistics.chance`."""
        return chance(len(self.only_first), len(self.only_second))


def holm(chances: Sequence[float]) -> list[float]:
    """The chances of several comparisons, each as large as it has to be read for all to hold at once.

    Holm's step-down correction (Holm, 1979): the smallest times their number, the next times one
    less, and so on, never below one before it and at most 1.
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    corrected = [0.0] * len(chances)
    largest = 0.0
    for place, at in enumerate(order):
        largest = max(largest, min(1.0, (len(chances) - place) * chances[at]))
        corrected[at] = largest
    return corrected
