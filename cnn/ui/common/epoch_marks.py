"""The epochs that the charts of a run point out, in words."""

from collections.abc import Sequence
from typing import Literal

from cnn.evaluation.health.history import key_epochs
from cnn.training.run import EpochRecord, Run
from cnn.ui.common.prose import read_sections

Marks = tuple[tuple[int, str], ...]
"""Epochs, each with its label."""

_TEXT = read_sections(__file__)

Place = Literal["chart", "curve", "time line", "button"]
"""Where a label stands, which decides how it is worded."""


def marks_of(run: Run, place: Place) -> Marks:
    """The lowest validation loss and where the gap grows; none while the run goes on."""
    return () if run.live else marks(run.epochs, place)


def marks(epochs: Sequence[EpochRecord], place: Place) -> Marks:
    """The same for these epochs of a run."""
    found = key_epochs(epochs)
    if found is None:
        return ()
    lowest, gap = found.lowest, found.gap_grows
    labeled = ((lowest, _TEXT.text(f"lowest/{place}", epoch=lowest)),)
    return labeled if gap is None else (*labeled, (gap, _TEXT.text(f"gap/{place}", epoch=gap)))
