"""Widgets for values that can also change elsewhere: by Undo, a preset, a link or another page."""

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

from cnn.network.spec import Range
from cnn.ui.state.browser_echo import widget

Number = TypeVar("Number", int, float)


class Form:
    """The widgets for one part of what a page sets up, such as a block of the network.

    Each shows a value and returns the one that the visitor has chosen. Its label names it within
    the form, as `part` names the form.
    """

    def __init__(self, part: str) -> None:
        self._part = part

    def key(self, label: str, value: Any) -> str:
        """The key of the widget with this label, which is to show `value`."""
        return widget(f"{self._part}-{label}", value).key

    def slider(
        self,
        label: str,
        value: Number,
        allowed: Range,
        step: float = 1,
        help: str | None = None,
        fixed: bool = False,
    ) -> Number:
        """A slider over whole numbers or hundredths, whichever `value` is; it cannot be moved if `fixed`."""
        kind = type(value)
        # One that is fixed is another widget: what was asked of the first one does not linger in it.
        key = self.key(f"{label}-fixed" if fixed else label, value)
        low, high = kind(allowed.low), kind(allowed.high)
        chosen = st.slider(label, low, high, value, kind(step), key=key, help=help, disabled=fixed)
        return kind(round(chosen, 2))

    def number(
        self, label: str, value: int, allowed: Range, step: int = 1, help: str | None = None
    ) -> int:
        """A field for a whole number."""
        low, high = int(allowed.low), int(allowed.high)
        key = self.key(label, value)
        return int(st.number_input(label, low, high, value, step, key=key, help=help))

    def one_of(self, label: str, options: Mapping[Any, str], value: Any) -> Any:
        """A choice between a few values, all on view; `options` has the words for each."""
        return st.segmented_control(
            label,
            list(options),
            default=value,
            required=True,
            format_func=options.__getitem__,
            key=self.key(label, value),
        )

    def box(
        self, label: str, options: Mapping[Any, str], value: Any, help: str | None = None
    ) -> Any:
        """A choice between values that a box lists; `options` has the words for each."""
        values = list(options)
        return st.selectbox(
            label,
            values,
            values.index(value),
            format_func=options.__getitem__,
            key=self.key(label, value),
            help=help,
        )

    def toggle(self, label: str, value: bool) -> bool:
        """A switch."""
        return st.toggle(label, value, key=self.key(label, value))
