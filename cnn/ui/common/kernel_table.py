"""A kernel's numbers in a table that can be typed into."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from cnn.arrays import Array


@dataclass
class _Sheet:
    """The table that is typed into, which shows `start` at first and reads `typed` by now.

    It is made anew, with the next `number`, where its numbers change from elsewhere, and only there:
    else the cursor of somebody who types would be lost.
    """

    number: int
    place: Hashable
    start: Array
    typed: Array


def kernel_sheet(name: str, place: Hashable, now: Array, written: str, width: int) -> Array:
    """The numbers in the table, which shows `now` unless something is being typed.

    They are (side, side), not-a-number where a cell is empty and infinite where a number is too
    large; see `fault`. `name` tells this table from others, `place` the kernels that it shows in
    turn; the numbers are `written` as C's printf does. The table keeps to a `width` in pixels.
    """
    sheet: _Sheet | None = st.session_state.get(name)
    # While another part of the page was shown, Streamlit has forgotten what was typed.
    if (
        sheet is None
        or sheet.place != place
        or f"{name}-{sheet.number}" not in st.session_state
        or not same(sheet.typed, now)
    ):
        sheet = _Sheet(sheet.number + 1 if sheet else 0, place, now, now)
        st.session_state[name] = sheet
    each = min(width // len(now), 80)
    columns = {
        f"Column {one}": st.column_config.NumberColumn(str(one), format=written, width=each)
        for one in range(1, len(now) + 1)
    }
    in_words = "; ".join(" ".join(f"{number:.4g}" for number in row) for row in now)
    edited = st.data_editor(
        pd.DataFrame(sheet.start.astype(np.float64), columns=list(columns)),
        key=f"{name}-{sheet.number}",
        column_config=columns,
        hide_index=True,
        row_height=28,
        alt=f"The kernel's numbers, row by row: {in_words}",
    )
    with np.errstate(over="ignore"):  # what is too large is infinite, which `fault` reports
        typed = edited.to_numpy(np.float64, na_value=np.nan).astype(np.float32)
    if np.isfinite(typed).all():
        sheet.typed = typed
    return typed


def start_over(name: str) -> None:
    """Have the table show what it is given next, whatever is half typed there."""
    sheet: _Sheet | None = st.session_state.get(name)
    if sheet is not None:
        sheet.place = None


def fault(typed: Array) -> str | None:
    """What is wrong with the first number that cannot be used, in a sentence."""
    for (row, column), number in np.ndenumerate(typed):
        if not np.isfinite(number):
            wrong = "is empty" if np.isnan(number) else "is larger than the network can hold"
            return f"Row {row + 1}, column {column + 1} {wrong}. Type a number there; until then the network keeps the kernel as it was before."
    return None


def same(one: Array, other: Array) -> bool:
    return np.array_equal(one, other, equal_nan=True)
