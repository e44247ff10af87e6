"""Runs and comparisons as CSV: the numbers alone, unrounded, for a spreadsheet or a script."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.network.link import to_text
from cnn.training.run import Run
from cnn.ui.compare import curves
from cnn.ui.compare.selection import Compared
from cnn.ui.state import services

_INJECTION = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a text for a formula."""


def epochs(run: Run) -> str:
    """A row an epoch."""
    rows = [asdict(one) for one in run.epochs]
    return pd.DataFrame(rows).drop(columns="gradients", errors="ignore").to_csv(index=False)


def answers(run: Run, epoch: int) -> str:
    """A row a test image: its number in the data set, its class, the answer, all probabilities.

    Where the probabilities are no numbers, they and the answer are empty.
    """
    data, shares = services.chosen(run.job.data), services.answers_now(run, epoch)
    return (
        _answers(data, {"answer": _said(shares)})
        .assign(
            **{
                f"probability of {name}": column
                for name, column in zip(data.classes, shares.T, strict=True)
            }
        )
        .to_csv(index=False)
    )


def outcomes(runs: Sequence[Compared]) -> str:
    """A row a run that has an epoch: its settings and what came of it; networks as links spell them."""
    settings = [
        {
            "link of the network": to_text(one.run.job.network),
            "data set": one.run.job.data.dataset,
            "seed": one.run.job.settings.seed,
            "batch size": one.run.job.settings.batch_size,
            "optimiser": one.run.job.settings.optimiser,
        }
        for one in runs
        if one.run.epochs
    ]
    if not settings:
        return "run\n"
    table = curves.costs(runs)
    table["run"] = table["run"].map(_as_text)
    return table.join(pd.DataFrame(settings)).to_csv(index=False)


def decisions(runs: Sequence[Compared]) -> str:
    """A row a test image: its number in the data set, its class, the answer of every run.

    The runs must be tested on the same images, and have an epoch whose weights were kept. An answer
    is empty where the probabilities are no numbers.
    """
    said = {
        f"answer of {one.name}": _said(services.answers_now(one.run, one.run.kept[-1]))
        for one in runs
    }
    return _answers(services.chosen(runs[0].run.job.data), said).to_csv(index=False)


def _said(shares: NDArray[np.float32]) -> NDArray[np.int64]:
    """The answers (n,) by their number, -1 where the probabilities are no numbers."""
    return np.where(np.isfinite(shares).all(axis=1), shares.argmax(axis=1), -1)


def _answers(data: ChosenData, said: dict[str, NDArray[np.int64]]) -> pd.DataFrame:
    table = pd.DataFrame({"image": data.test, "class": data.labels[data.test]} | said)
    named = ["class", *said]
    table[named] = table[named].map([*map(_as_text, data.classes), ""].__getitem__)
    return table


def _as_text(name: str) -> str:
    """A name that somebody typed, so that no spreadsheet takes it for a formula."""
    return f"'{name}" if name.startswith(_INJECTION) else name
