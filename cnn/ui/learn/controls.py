"""What the controls of a lesson are set to, kept in the address: `stride-2_padding-same`."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

_LONGEST = 2000


class Setup:
    """The controls of one lesson, each with a short name by which the address knows its value.

    The address comes in as a widget's default, never through the session state: the browser can miss
    what is set there while the page is drawn for the first time, and shows the lowest value instead.

    A name is letters and digits. What the address says and no control can be set to is told in a
    sentence of `notices`, and the control keeps its usual value. What it says of controls that are
    not drawn at the moment stays in it. `number` counts the setups that came by an address; each has
    widgets of its own.
    """

    def __init__(self, lesson: str, text: str, number: int) -> None:
        self.lesson = lesson
        self._number = number
        self._given = read(text)
        self._seen: set[str] = set()
        self._now: dict[str, str] = {}
        self.notices: list[str] = []

    def text(self) -> str:
        """What was set until now, but for what is as usual; "" if all is."""
        unseen = {name: text for name, text in self._given.items() if name not in self._seen}
        return "_".join(f"{name}-{value}" for name, value in (unseen | self._now).items())

    def key(self, name: str) -> str:
        """A key for a widget of this lesson that this class does not draw."""
        return f"learn-{self.lesson}-{self._number}-{name}"

    def choice(
        self,
        name: str,
        label: str,
        options: Mapping[str, str],
        usual: str,
        help: str | None = None,
        slider: bool = False,
    ) -> str:
        """One of `options`, whose keys stand in the address and whose values on the page.

        With `slider` they are the stops of a slider, in their order.
        """
        initial = self._initial(
            name, usual, lambda text: text if text in options else None, options[usual]
        )
        key = self.key(name)
        if st.session_state.get(key, initial) not in options:  # another control has taken it away
            st.session_state[key] = usual
        stops = list(options)
        first = initial if initial in options else usual
        shown: dict[str, Any] = {"format_func": options.__getitem__, "key": key, "help": help}
        if slider:
            found: str = st.select_slider(label, stops, first, **shown)
        elif len(options) <= 5:
            found = st.segmented_control(label, stops, default=first, required=True, **shown)
        else:
            found = st.selectbox(label, stops, stops.index(first), **shown)
        return self._keep(name, found, usual)

    def whole(
        self, name: str, label: str, low: int, high: int, usual: int, help: str | None = None
    ) -> int:
        """A whole number on a slider from `low` to `high`."""
        found = self.decimal(name, label, low, high, usual, 1, help)
        return int(found)

    def decimal(
        self,
        name: str,
        label: str,
        low: float,
        high: float,
        usual: float,
        step: float,
        help: str | None = None,
    ) -> float:
        """A number on a slider from `low` to `high` in steps."""
        kind = int if isinstance(step, int) else float

        def parsed(text: str) -> float | None:
            try:
                number = float(text)
            except ValueError:
                return None
            if not low <= number <= high:  # not-a-number, too
                return None
            steps = (number - low) / step
            return kind(round(number, 6)) if abs(steps - round(steps)) < 1e-6 else None

        key = self.key(name)
        initial = self._initial(name, kind(usual), parsed, f"{usual:g}")
        there = st.session_state.get(key, initial)
        within = min(max(there, low), high)
        if within != there:  # setting it anyway would undo what a key did meanwhile
            st.session_state[key] = within
        first = min(max(initial, kind(low)), kind(high))
        found: float = st.slider(
            label, kind(low), kind(high), first, step=kind(step), key=key, help=help
        )
        self._keep(name, f"{found:g}", f"{usual:g}")
        return found

    def switch(self, name: str, label: str, usual: bool = False, help: str | None = None) -> bool:
        """On or off; the address says yes or no."""
        words = {"yes": True, "no": False}
        usual_word = "yes" if usual else "no"
        initial = self._initial(name, usual, words.get, usual_word)
        found = st.toggle(label, initial, key=self.key(name), help=help)
        self._keep(name, "yes" if found else "no", usual_word)
        return found

    def given(self, name: str) -> str | None:
        """What the address says of something that no widget here sets, such as a kernel's numbers."""
        self._seen.add(name)
        return self._given.get(name)

    def put(self, name: str, text: str) -> None:
        """Have the address say `text` of it; letters, digits, full stops, minus signs and `~`."""
        self._now[name] = text

    def refuse(self, name: str, text: str, instead: str) -> None:
        """Say that the address asks for something that cannot be."""
        self.notices.append(
            f"The address sets “{name}” to {text[:60]!r}, which this lesson does not offer; it is"
            f" {instead} instead."
        )

    def _initial(self, name: str, usual: Any, parsed: Any, told: str) -> Any:
        text = self.given(name)
        if text is None:
            return usual
        found = parsed(text)
        if found is None:
            self.refuse(name, text, told)
            return usual
        return found

    def _keep(self, name: str, found: str, usual: str) -> str:
        if found != usual:
            self._now[name] = found
        return found


def read(text: str) -> dict[str, str]:
    """The values by name; what is not written as "name-value" is passed over."""
    parts = (part.partition("-") for part in text[:_LONGEST].split("_"))
    return {name: value for name, dash, value in parts if dash and name}
