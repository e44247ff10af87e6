"""What the controls of a lesson are set to, kept in the address: `stride-2_padding-same`."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

_LONGEST = 2000


class Setup:
    """The controls of one lesson, each with a short name by which the address knows its value.

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
        key = self._widget(name, initial)
        if st.session_state[key] not in options:  # another control has taken the option away
            st.session_state[key] = usual
        shown: dict[str, Any] = {"format_func": options.__getitem__, "key": key, "help": help}
        if slider:
            found: str = st.select_slider(label, list(options), **shown)
        elif len(options) <= 5:
            found = st.segmented_control(label, list(options), required=True, **shown)
        else:
            found = st.selectbox(label, list(options), **shown)
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

        key = self._widget(name, self._initial(name, kind(usual), parsed, f"{usual:g}"))
        within = min(max(st.session_state[key], low), high)
        if within != st.session_state[key]:  # setting it anyway would undo what a key did meanwhile
            st.session_state[key] = within
        found: float = st.slider(label, kind(low), kind(high), step=kind(step), key=key, help=help)
        self._keep(name, f"{found:g}", f"{usual:g}")
        return found

    def switch(self, name: str, label: str, usual: bool = False, help: str | None = None) -> bool:
        """On or off; the address says yes or no."""
        words = {"yes": True, "no": False}
        usual_word = "yes" if usual else "no"
        key = self._widget(name, self._initial(name, usual, words.get, usual_word))
        found = st.toggle(label, key=key, help=help)
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

    def _widget(self, name: str, initial: Any) -> str:
        key = self.key(name)
        st.session_state.setdefault(key, initial)
        return key

    def _keep(self, name: str, found: str, usual: str) -> str:
        if found != usual:
            self._now[name] = found
        return found


def read(text: str) -> dict[str, str]:
    """The values by name; what is not written as "name-value" is passed over."""
    parts = (part.partition("-") for part in text[:_LONGEST].split("_"))
    return {name: value for name, dash, value in parts if dash and name}
