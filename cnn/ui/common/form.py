"""Widgets for values that can also change elsewhere: by Undo, a preset, a link or another page."""

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

from cnn.network.spec import Range
from cnn.ui.common.prose import Sections
from cnn.ui.state.browser_echo import widget

Number = TypeVar("Number", int, float)


class Form:
    """The widgets for one part of what a page sets up, such as a block of the network.

    Each shows a value and returns the one that the visitor has chosen. Its label names it within
    the form, as `part` names the form; the section of `text` with that name is its help. The widgets
    whose labels are `locked` cannot be changed; their help is the reason that is given there.
    """

    def __init__(self, part: str, text: Sections, locked: Mapping[str, str] | None = None) -> None:
        self._part, self._text, self._locked = part, text, locked or {}

    def about(self, label: str, value: Any, fixed: bool = False) -> dict[str, Any]:
        """What the widget with this label, which is to show `value`, gets besides: key, help, disabled."""
        fixed = fixed or label in self._locked
        # One that is fixed is another widget: what was asked of the first one does not linger in it.
        name = f"{self._part}-{label}{'-fixed' if fixed else ''}"
        help = self._locked.get(label) or self._text.help(label)
        return {"key": widget(name, value).key, "help": help, "disabled": fixed}

    def slider(
        self, label: str, value: Number, allowed: Range, step: float = 1, fixed: bool = False
    ) -> Number:
        """A slider over whole numbers or hundredths, as `value` is; it cannot be moved if `fixed`."""
        kind = type(value)
        low, high = kind(allowed.low), kind(allowed.high)
        chosen = st.slider(label, low, high, value, kind(step), **self.about(label, value, fixed))
        return kind(round(chosen, 2))

    def number(self, label: str, value: int, allowed: Range, step: int = 1) -> int:
        low, high = int(allowed.low), int(allowed.high)
        return int(st.number_input(label, low, high, value, step, **self.about(label, value)))

    def one_of(self, label: str, options: Mapping[Any, str], value: Any) -> Any:
        """A choice between a few values, all on view; `options` has the words for each."""
        worded = self._worded(label, options, value)
        return st.segmented_control(label, list(options), default=value, required=True, **worded)

    def several_of(self, label: str, options: Mapping[Any, str], values: list[Any]) -> list[Any]:
        """A choice of any of these values; `options` has the words for each."""
        worded = self._worded(label, options, values)
        return st.pills(
            label, list(options), selection_mode="multi", default=values, wrap=True, **worded
        )

    def box(self, label: str, options: Mapping[Any, str], value: Any) -> Any:
        """A choice between values that a box lists; `options` has the words for each."""
        index = list(options).index(value)
        return st.selectbox(label, list(options), index, **self._worded(label, options, value))

    def toggle(self, label: str, value: bool) -> bool:
        return st.toggle(label, value, **self.about(label, value))

    def _worded(self, label: str, options: Mapping[Any, str], value: Any) -> dict[str, Any]:
        return {"format_func": options.__getitem__, **self.about(label, value)}
