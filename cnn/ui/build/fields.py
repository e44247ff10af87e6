"""The widgets of one part of the network's form."""

from typing import Any

import streamlit as st

from cnn.network.spec import ACTIVATIONS, SLOPE, Activation, ActivationName, Range
from cnn.ui.common import formatting
from cnn.ui.state.browser_echo import widget

_FIRST_SLOPE = 0.1


class Form:
    """Widgets that show one part of the network, such as a block."""

    def __init__(self, part: str) -> None:
        self._prefix = f"net-{part}"

    def key(self, name: str, value: Any) -> str:
        """The key of the widget of this name, which is to show `value`."""
        return widget(f"{self._prefix}-{name}", value).key

    def whole(
        self, name: str, value: int, allowed: Range, help: str | None = None, fixed: bool = False
    ) -> int:
        """A slider over whole numbers; while `fixed` it stays at `value`."""
        low, high = int(allowed.low), int(allowed.high)
        # One that is fixed is another widget: what was asked of the first one does not linger in it.
        key = self.key(f"{name}-fixed" if fixed else name, value)
        return int(st.slider(name, low, high, value, key=key, help=help, disabled=fixed))

    def share(self, name: str, value: float, allowed: Range, help: str | None = None) -> float:
        """A slider over a share, in steps of 0.05."""
        low, high = float(allowed.low), float(allowed.high)
        return round(
            st.slider(name, low, high, value, 0.05, key=self.key(name, value), help=help), 2
        )

    def one_of(
        self, name: str, options: tuple[Any, ...], value: Any, labels: dict[Any, str]
    ) -> Any:
        """A choice between a few words."""
        return st.segmented_control(
            name,
            options,
            default=value,
            required=True,
            format_func=labels.__getitem__,
            key=self.key(name, value),
        )

    def activation(self, value: Activation) -> Activation:
        """A box of all activations, and the slope of leaky ReLU."""
        name: ActivationName = st.selectbox(
            "Activation",
            list(ACTIVATIONS),
            ACTIVATIONS.index(value.name),
            format_func=lambda name: formatting.ACTIVATION_NAMES[name],
            key=self.key("activation", value.name),
            help="What is done to each sum before it is passed on.",
        )
        if name != "leaky_relu":
            return Activation(name)
        before = value.slope if value.name == "leaky_relu" else _FIRST_SLOPE
        low, high = float(SLOPE.low), float(SLOPE.high)
        slope = st.slider("Slope below 0", low, high, before, 0.01, key=self.key("slope", before))
        return Activation("leaky_relu", round(slope, 2))
