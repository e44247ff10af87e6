"""Experiments in words: what can be varied, its values, what an experiment is called."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnn.data.split import ChosenData
from cnn.evaluation.effects import Difference
from cnn.training.experiments.experiment import Experiment
from cnn.training.experiments.factors import Factor, Setting
from cnn.training.job import Job
from cnn.ui.common import formatting


@dataclass(frozen=True)
class Offer:
    """A setting as the form offers it: its title, all values, and those chosen to begin with."""

    title: str
    values: tuple[str, ...]
    usual: tuple[str, ...]


_ROWS: Any = csv.DictReader(Path(__file__).with_suffix(".csv").read_text("utf-8").splitlines())
OFFERS: dict[Setting, Offer] = {
    row["setting"]: Offer(row["title"], tuple(row["values"].split()), tuple(row["usual"].split()))
    for row in _ROWS
}


def factor(factor: Factor) -> str:
    """What is varied: "Pooling of block 2"."""
    place = "" if factor.block is None else f" of block {factor.block + 1}"
    return f"{OFFERS[factor.setting].title}{place}"


def value(setting: Setting, value: str) -> str:
    """A value as people read it: "× 2", "5 × 5", "ReLU", "40% of all"."""
    match setting:
        case "filters":
            return f"× {value}"
        case "kernel":
            return f"{value} × {value}"
        case "activation" | "dense_activation":
            return formatting.ACTIVATION_NAMES.get(value, value)
        case "optimizer":
            return formatting.OPTIMIZER_NAMES.get(value, value)
        case "train_share":
            return f"{formatting.percent(float(value), 0)} of all"
        case _:
            return value


def level(factors: Sequence[Factor], at: int, chosen: str) -> str:
    """A value of the factor at a place; "all runs" where nothing is varied."""
    return value(factors[at].setting, chosen) if factors else "all runs"


def difference(factors: Sequence[Factor], measured: Difference) -> str:
    """Which values a difference is between: "average − max", with the factor if there are more."""
    varied = factors[measured.factor]
    both = [value(varied.setting, each) for each in (measured.value, measured.reference)]
    return f"{factor(varied)}: {' − '.join(both)}" if len(factors) > 1 else " − ".join(both)


def levels(experiment: Experiment, values: Sequence[str]) -> str:
    return ", ".join(
        f"{factor(varied)} {value(varied.setting, chosen)}"
        for varied, chosen in zip(experiment.factors, values, strict=True)
    )


def title(factors: Sequence[Factor], seeds: int) -> str:
    """What an experiment is called when nobody gave it a name."""
    varied = [
        f"{factor(varied)} {', '.join(value(varied.setting, chosen) for chosen in varied.values)}"
        for varied in factors
    ]
    return "; ".join(filter(None, [" × ".join(varied), formatting.counted(seeds, "seed")]))


def base(job: Job, data: ChosenData) -> str:
    """The training that an experiment varies and its images, in one line."""
    settings = job.settings
    rates = ", then ".join(f"{phase.learning_rate:g}" for phase in settings.phases)
    training = f"{formatting.OPTIMIZER_NAMES[settings.optimizer]} at {rates}, batches of {settings.batch_size}, {formatting.counted(settings.epochs, 'epoch')}"
    images = f"{len(data.train):,} images of {formatting.escaped(data.dataset.name)} to train on, {len(data.test):,} to test on."
    return f"{formatting.network(job.network)}; {training}; {images}"
