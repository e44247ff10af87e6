"""The form in which a network is designed: blocks, dense layers, output; presets and undo."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from cnn.network.presets import PRESETS
from cnn.network.spec import (
    ACTIVATIONS,
    BLOCKS,
    DENSE_LAYERS,
    DILATION,
    DROPOUT,
    FILTERS,
    FLATTENINGS,
    KERNEL,
    OUTPUTS,
    PADDINGS,
    POOL_SIZE,
    SLOPE,
    STRIDE,
    UNITS,
    Activation,
    ActivationName,
    ConvolutionBlock,
    DenseLayer,
    Network,
    Pooling,
    Range,
)
from cnn.ui.common import formatting
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session

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


def editor(session: Session) -> None:
    """The whole form; it shows and changes the network of `session.editor`."""
    _presets(session)
    network = session.network
    blocks = [_block(session, number, block) for number, block in enumerate(network.blocks)]
    _add(session, "Add a convolution block", "blocks", ConvolutionBlock(), BLOCKS)
    form = Form("flattening")
    flattening = form.one_of(
        "After the last block",
        FLATTENINGS,
        network.flattening,
        {"flatten": "Flatten", "global_average": "Global average pooling"},
    )
    dense = [_dense(session, number, layer) for number, layer in enumerate(network.dense)]
    _add(session, "Add a dense layer", "dense", DenseLayer(), DENSE_LAYERS)
    output = Form("output").one_of(
        "Output",
        OUTPUTS,
        network.output,
        {"softmax": "Softmax", "sigmoid": "Sigmoid (two classes)"},
    )
    edited = Network(tuple(blocks), flattening, tuple(dense), output)
    if edited != network:
        session.change_network(edited)
        st.rerun()  # the titles above were written before their widgets were read


def _presets(session: Session) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        box = widget("preset", None)

        def choose(name: str | None) -> None:
            if name:
                session.change_network(PRESETS[name].network)

        st.selectbox(
            "Start from a preset",
            list(PRESETS),
            index=None,
            placeholder=_preset_name(session.network) or "choose a network",
            format_func=lambda name: PRESETS[name].title,
            key=box.key,
            on_change=box.then(choose),
        )
        st.button(
            "Undo",
            icon=":material/undo:",
            disabled=not session.editor.history,
            on_click=session.editor.undo,
            help="Go back to the network before the last change.",
        )
    for preset in PRESETS.values():
        if preset.network == session.network:
            st.caption(preset.why)


def _preset_name(network: Network) -> str | None:
    return next((one.title for one in PRESETS.values() if one.network == network), None)


def _block(session: Session, number: int, block: ConvolutionBlock) -> ConvolutionBlock:
    title = f"**Block {number + 1}** · {formatting.block(block)}"
    with st.expander(title, expanded=number == 0, key=f"block-{number}"):
        _moves(session, "blocks", number)
        form = Form(f"block{number}")
        left, right = st.columns(2)
        with left:
            filters = form.whole("Filters", block.filters, FILTERS, "One feature map each.")
            kernel = form.whole("Kernel size", block.kernel, KERNEL, "Cells along one side.")
            stride, dilation = _stride_and_dilation(form, block)
        with right:
            activation = form.activation(block.activation)
            pooling = _pooling(form, block.pooling)
            dropout = form.share("Dropout", block.dropout, DROPOUT, "Share set to 0 in training.")
        padding = form.one_of(
            "Padding", PADDINGS, block.padding, {"valid": "Valid", "same": "Same"}
        )
        normalized = st.toggle(
            "Batch normalization",
            block.batch_normalization,
            key=form.key("norm", block.batch_normalization),
        )
    return ConvolutionBlock(
        filters, kernel, stride, padding, normalized, activation, pooling, dropout, dilation
    )


def _stride_and_dilation(form: Form, block: ConvolutionBlock) -> tuple[int, int]:
    """Two sliders, of which one moves only while the other is at 1."""
    stride = form.whole(
        "Stride", block.stride, STRIDE, "Cells moved at each step.", fixed=block.dilation > 1
    )
    dilation = form.whole(
        "Dilation",
        1 if stride > 1 else block.dilation,
        DILATION,
        "Cells from one that the kernel reads to the next.",
        fixed=stride > 1,
    )
    if max(stride, dilation) > 1:
        this, other = ("stride", "dilation") if stride > 1 else ("dilation", "stride")
        st.caption(f"Keras has no convolution with both: set the {this} to 1 to have a {other}.")
    return stride, dilation


def _pooling(form: Form, pooling: Pooling | None) -> Pooling | None:
    kinds: dict[Any, str] = {"none": "None", "max": "Max", "average": "Average"}
    before = pooling.kind if pooling else "none"
    kind = st.selectbox(
        "Pooling",
        list(kinds),
        list(kinds).index(before),
        format_func=lambda kind: kinds[kind],
        key=form.key("pooling", before),
    )
    if kind == "none":
        return None
    size, stride = (pooling.size, pooling.stride) if pooling else (2, 2)
    size = form.whole("Pooling size", size, POOL_SIZE)
    stride = form.whole("Pooling stride", stride, POOL_SIZE)
    return replace(pooling or Pooling(), kind=kind, size=size, stride=stride)


def _dense(session: Session, number: int, layer: DenseLayer) -> DenseLayer:
    title = f"**Dense {number + 1}** · {formatting.dense_layer(layer)}"
    with st.expander(title, expanded=False, key=f"dense-{number}"):
        _moves(session, "dense", number)
        form = Form(f"dense{number}")
        left, right = st.columns(2)
        with left:
            units = form.whole("Units", layer.units, UNITS)
        with right:
            activation = form.activation(layer.activation)
            dropout = form.share("Dropout", layer.dropout, DROPOUT)
    return DenseLayer(units, activation, dropout)


def _moves(session: Session, part: str, number: int) -> None:
    """Buttons that move, copy or remove one block or dense layer."""
    entries: tuple[Any, ...] = getattr(session.network, part)
    most = int((BLOCKS if part == "blocks" else DENSE_LAYERS).high)
    last = len(entries) - 1

    def button(icon: str, label: str, order: list[int], possible: bool = True) -> None:
        st.button(
            label,
            icon=f":material/{icon}:",
            key=f"{icon}-{part}-{number}",
            disabled=not possible,
            type="tertiary",
            on_click=_changer(session, part, [entries[at] for at in order]),
        )

    def swapped(first: int) -> list[int]:
        order = list(range(len(entries)))
        if 0 <= first < last:
            order[first], order[first + 1] = first + 1, first
        return order

    everything = range(len(entries))
    with st.container(horizontal=True):
        button("arrow_upward", "Up", swapped(number - 1), number > 0)
        button("arrow_downward", "Down", swapped(number), number < last)
        button("content_copy", "Duplicate", sorted([*everything, number]), len(entries) < most)
        button("delete", "Remove", [at for at in everything if at != number])


def _add(session: Session, label: str, part: str, entry: Any, allowed: Range) -> None:
    entries = getattr(session.network, part)
    full = len(entries) >= allowed.high
    st.button(
        label,
        icon=":material/add:",
        key=f"add-{part}",
        disabled=full,
        help=f"At most {allowed.high:g}." if full else None,
        on_click=_changer(session, part, [*entries, entry]),
    )


def _changer(session: Session, part: str, entries: list[Any]) -> Callable[[], None]:
    def change() -> None:
        changed: dict[str, Any] = {part: tuple(entries)}
        session.change_network(replace(session.network, **changed))

    return change
