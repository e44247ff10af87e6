"""Runs side by side: how their settings differ, and on which images they disagree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal

import numpy as np

from cnn.arrays import Numbers
from cnn.data.split import ChosenData
from cnn.evaluation.predictions import Predictions
from cnn.statistics import mcnemar_p_value
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
    """Every setting in which some jobs differ, in the order of the data through the network."""
    networks = [job.network for job in jobs]
    return (
        *_of_layers("block", [one.blocks for one in networks]),
        *_of_values("network", None, [{"flattening": one.flattening} for one in networks]),
        *_of_layers("dense", [one.dense for one in networks]),
        *_of_values("network", None, [{"output": one.output} for one in networks]),
        *_of_values("data", None, [vars(job.data) for job in jobs]),
        *_of_values("training", None, [_training(job) for job in jobs]),
    )


def _of_layers(part: Part, layers: Sequence[tuple[Any, ...]]) -> Iterator[Difference]:
    for number, these in enumerate(zip_longest(*layers, fillvalue=MISSING)):
        if MISSING in these:
            yield Difference(part, number, "", these)
        else:
            yield from _of_values(part, number, [vars(one) for one in these])


def _of_values(
    part: Part, number: int | None, given: Sequence[dict[str, Any]]
) -> Iterator[Difference]:
    for setting in given[0]:
        values = tuple(one[setting] for one in given)
        if any(value != values[0] for value in values):
            yield Difference(part, number, setting, values)


def _training(job: Job) -> dict[str, Any]:
    """The settings, with the phases as epochs in all and the learning rates one after the other."""
    settings = job.settings
    rates = tuple(phase.learning_rate for phase in settings.phases)
    others = {name: value for name, value in vars(settings).items() if name != "phases"}
    return {"epochs": settings.epochs, "learning_rate": rates} | others


def check_same_images(names: Sequence[str], data: Sequence[ChosenData]) -> None:
    """Refuse runs that are tested on different images; `names` are what they are called.

    Raises ComparisonError where they are; the message says how the first and another differ.
    """
    first = data[0]
    for name, other in zip(names[1:], data[1:], strict=True):
        if what := _differently_tested(first, other):
            raise ComparisonError(
                f"{names[0]} and {name} were tested on different images, so their predictions cannot be compared: {what}."
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


def comparable(
    names: Sequence[str], predictions: Sequence[Predictions]
) -> tuple[dict[int, Predictions], tuple[str, ...]]:
    """The predictions that can be compared, by their place among the `names`.

    Returns also a sentence for each network that is left out, because some of its probabilities are
    not finite.
    """
    usable = {place: one for place, one in enumerate(predictions) if one.finite.all()}
    sentences = tuple(
        f"{name} gives no valid probabilities for {(~one.finite).sum():,} of {len(one):,}"
        " test images, because its training diverged. It cannot be compared. Train it with a"
        " smaller learning rate."
        for name, one in zip(names, predictions, strict=True)
        if not one.finite.all()
    )
    return usable, sentences


@dataclass(frozen=True, eq=False)
class Pair:
    """The predictions of two networks for the same images."""

    first: Predictions
    second: Predictions

    @property
    def only_first(self) -> Numbers:
        """The places of the images that only the first network gets right."""
        return np.flatnonzero(self.first.correct & ~self.second.correct)

    @property
    def only_second(self) -> Numbers:
        """The places of the images that only the second network gets right."""
        return np.flatnonzero(~self.first.correct & self.second.correct)

    @property
    def wrong_differently(self) -> Numbers:
        """The places of the images that both get wrong, with different predictions."""
        wrong = ~self.first.correct & ~self.second.correct
        return np.flatnonzero(wrong & (self.first.predicted != self.second.predicted))

    @property
    def p_value(self) -> float:
        """McNemar's test of the images that only one of the two gets right."""
        return mcnemar_p_value(len(self.only_first), len(self.only_second))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values of several comparisons, corrected so that all can be read at once.

    Holm's step-down correction (Holm, 1979): the smallest times their number, the next times one
    less, and so on, never below one before it and at most 1.
    """
    order = np.argsort(p_values, kind="stable")
    times = len(p_values) - np.arange(len(p_values))
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(1, np.maximum.accumulate(times * np.take(p_values, order)))
    return corrected.tolist()
