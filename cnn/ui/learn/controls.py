"""The controls of a lesson, with their values in the URL: `stride-2_padding-same`."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_LONGEST = 2000

Number = TypeVar("Number", int, float)


class Controls:
    """The controls of one lesson. Each has a short name under which the URL holds its value.

    A name is letters and digits. A value from the URL enters as the widget's default and never
    through the session state: the browser can miss what is set there while the page is drawn for the
    first time, and then shows the lowest value. `values` are those of the URL, and `number` counts the
    URLs that were opened; each has widgets of its own. All widgets are drawn where the page is at, or `at` a column.

    If the URL asks for a value that a control does not offer, the control keeps its default and
    `notices` gets a sentence. Values of controls that are not on the page at the moment stay in the
    URL.
    """

    def __init__(self, lesson: str, values: str, number: int) -> None:
        self.lesson = lesson
        self._number = number
        self._from_url = read(values)
        self._drawn: set[str] = set()
        self._changed: dict[str, str] = {}
        self.notices: list[str] = []

    def for_url(self) -> str:
        """Return all values that differ from the defaults as the URL has them; "" if none does."""
        hidden = {name: text for name, text in self._from_url.items() if name not in self._drawn}
        return "_".join(f"{name}-{value}" for name, value in (hidden | self._changed).items())

    def key(self, name: str) -> str:
        return f"learn-{self.lesson}-{self._number}-{name}"

    def choice(
        self,
        name: str,
        label: str,
        options: Mapping[str, str],
        default: str | None = None,
        help: str | None = None,
        slider: bool = False,
        labeled: bool = True,
        at: DeltaGenerator | None = None,
    ) -> str:
        """Choose one of `options`, at first the `default` or the first one.

        The keys go into the URL, the values are shown. With `slider` they are the stops of a slider.
        Without `labeled` only screen readers have the label.
        """
        stops = list(options)
        default = default or stops[0]
        first = self._first(name, default, lambda text: stops[stops.index(text)], options[default])
        key = self.key(name)
        if st.session_state.get(key, first) not in options:  # another control removed the option
            st.session_state[key] = default
        shared: dict[str, Any] = {
            "format_func": options.__getitem__,
            "key": key,
            "help": help,
            "label_visibility": "visible" if labeled else "collapsed",
        }
        with at or nullcontext():
            if slider:
                chosen: str = st.select_slider(label, stops, first, **shared)
            elif len(options) <= 5:
                chosen = st.segmented_control(label, stops, default=first, required=True, **shared)
            else:
                chosen = st.selectbox(label, stops, stops.index(first), **shared)
        self._note(name, chosen, default)
        return chosen

    def one_of(
        self,
        name: str,
        label: str,
        numbers: Sequence[Number],
        default: Number,
        slider: bool = False,
        at: DeltaGenerator | None = None,
    ) -> Number:
        """Choose one of a few numbers; see `choice`."""
        by_text = {f"{number:g}": number for number in numbers}
        texts = {text: text for text in by_text}
        return by_text[self.choice(name, label, texts, f"{default:g}", slider=slider, at=at)]

    def slider(
        self,
        name: str,
        label: str,
        low: float,
        high: float,
        default: Number,
        step: float = 1,
        help: str | None = None,
        at: DeltaGenerator | None = None,
    ) -> Number:
        """Choose a number from `low` to `high` in steps of `step`; whole if they all are."""
        kind = type(default)

        def parsed(text: str) -> Number:
            number = float(text)
            steps = (number - low) / step
            if low <= number <= high and abs(steps - round(steps)) < 1e-6:
                return kind(round(number, 6))
            raise ValueError(text)

        first = self._first(name, default, parsed, f"{default:g}")
        key = self.key(name)
        current = st.session_state.get(key, first)
        within = kind(min(max(current, low), high))
        if within != current:  # setting it anyway would undo what a key did meanwhile
            st.session_state[key] = within
        with at or nullcontext():
            chosen = st.slider(label, kind(low), kind(high), first, kind(step), key=key, help=help)
        self._note(name, f"{chosen:g}", f"{default:g}")
        return kind(chosen)

    def switch(self, name: str, label: str, default: bool = False) -> bool:
        """Choose on or off; the URL has yes or no."""
        words = ["no", "yes"]
        first = self._first(name, default, lambda text: bool(words.index(text)), words[default])
        chosen = st.toggle(label, first, key=self.key(name))
        self._note(name, words[chosen], words[default])
        return chosen

    def kept(
        self, name: str, default: str, check: Callable[[str], object], shown: str | None = None
    ) -> str:
        """Return a text that no widget here has, such as a kernel: at first that of the URL.

        Afterwards it is what `st.session_state` has under its key. `check` raises ValueError for a
        text that cannot be used; `shown` is what a notice calls the default. Letters, digits,
        periods, minus signs and `~` are possible.
        """

        def checked(text: str) -> str:
            check(text)
            return text

        key = self.key(name)
        if key not in st.session_state:
            st.session_state[key] = self._first(name, default, checked, shown or default)
        self._drawn.add(name)
        text: str = st.session_state[key]
        self._note(name, text, default)
        return text

    def _first(self, name: str, default: Any, parsed: Callable[[str], Any], shown: str) -> Any:
        """Return the value that the URL has or, with a notice if it cannot be used, the default.

        `parsed` raises ValueError for a text that cannot be used.
        """
        self._drawn.add(name)
        if name not in self._from_url:
            return default
        text = self._from_url[name]
        try:
            return parsed(text)
        except ValueError:
            self.notices.append(
                f"The link sets “{name}” to {text[:60]!r}, which this lesson does not offer. It is"
                f" set to {shown} instead."
            )
            return default

    def _note(self, name: str, value: str, default: str) -> None:
        if value != default:
            self._changed[name] = value


def read(text: str) -> dict[str, str]:
    """Read the values by name from a URL; whatever is not written as "name-value" is skipped."""
    parts = (part.partition("-") for part in text[:_LONGEST].split("_"))
    return {name: value for name, dash, value in parts if dash and name}
