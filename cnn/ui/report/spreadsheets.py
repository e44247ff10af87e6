"""A run as CSV: the numbers alone, unrounded, for a spreadsheet or a script."""

from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cnn.data.dataset import ChosenData
from cnn.training.run import Run
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
        answer_table(data, {"answer": predicted(shares)})
        .assign(
            **{
                f"probability of {name}": column
                for name, column in zip(data.classes, shares.T, strict=True)
            }
        )
        .to_csv(index=False)
    )


def predicted(shares: NDArray[np.float32]) -> NDArray[np.int64]:
    """The answers (n,) by their number, -1 where the probabilities are no numbers."""
    return np.where(np.isfinite(shares).all(axis=1), shares.argmax(axis=1), -1)


def answer_table(data: ChosenData, said: dict[str, NDArray[np.int64]]) -> pd.DataFrame:
    """A row a test image: its number, its class, and the class in each column of `said`."""
    table = pd.DataFrame({"image": data.test, "class": data.labels[data.test]} | said)
    named = ["class", *said]
    table[named] = table[named].map([*map(plain_text, data.classes), ""].__getitem__)
    return table


def plain_text(name: str) -> str:
    """A name that somebody typed, so that no spreadsheet takes it for a formula."""
    return f"'{name}" if name.startswith(_INJECTION) else name
