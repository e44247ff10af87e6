"""The form in which a network is designed: blocks, dense layers, output; presets and undo."""

from dataclasses import replace
from functools import partial
from typing import Any, Literal

import streamlit as st

from cnn.network import spec
from cnn.network.presets import PRESETS
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling
from cnn.ui.common import formatting
from cnn.ui.common.form import Form
from cnn.ui.common.prose import read_sections
from cnn.ui.state import workshop
from cnn.ui.state.browser_echo import widget
from cnn.ui.state.session import Session
from cnn.workshop.rules import NETWORK_PARTS, Part

_TEXT = read_sections(__file__)
_FIRST_SLOPE = 0.1
_FLATTENINGS = {"flatten": "Flatten", "global_average": "Global average pooling"}
_OUTPUTS = {"softmax": "Softmax", "sigmoid": "Sigmoid (two classes)"}
_PADDINGS = {"valid": "Valid", "same": "Same"}
_POOLINGS = {"none": "None", "max": "Max", "average": "Average"}

_PARTS: dict[str, Part] = {"After the last block": "pooling", "Output": "dense"}
_BLOCK_PARTS: dict[str, Part] = {
    "Filters": "filters",
    "Kernel size": "kernel",
    "Dilation": "kernel",
    "Stride": "stride",
    "Padding": "padding",
    "Activation": "activation",
    "Slope below 0": "activation",
    "Pooling": "pooling",
    "Pooling size": "pooling",
    "Pooling stride": "pooling",
    "Dropout": "regularization",
    "Batch normalization": "regularization",
}
_DENSE_PARTS: dict[str, Part] = dict.fromkeys(
    ("Units", "Activation", "Slope below 0", "Dropout"), "dense"
)
"""What of the rules of a workshop each control is about."""

Entries = Literal["blocks", "dense"]
_MOST: dict[Entries, int] = {"blocks": int(spec.BLOCKS.high), "dense": int(spec.DENSE_LAYERS.high)}


def editor(session: Session) -> None:
    """The whole form; it shows and changes the network of the session."""
    _presets(session)
    network = session.network
    blocks = [_block(session, number, block) for number, block in enumerate(network.blocks)]
    _add(session, "Add a convolution block", "blocks", ConvolutionBlock())
    form = Form("net", _TEXT, workshop.locked(session, _PARTS))
    flattening = form.one_of("After the last block", _FLATTENINGS, network.flattening)
    dense = [_dense(session, number, layer) for number, layer in enumerate(network.dense)]
    _add(session, "Add a dense layer", "dense", DenseLayer())
    output = form.one_of("Output", _OUTPUTS, network.output)
    edited = Network(tuple(blocks), flattening, tuple(dense), output)
    if edited != network:
        session.change_network(edited)
        st.rerun()  # the titles above were written before their widgets were read


def _presets(session: Session) -> None:
    present = next((one for one in PRESETS.values() if one.network == session.network), None)
    parts = workshop.locked(session, {part: part for part in NETWORK_PARTS})
    why_locked = next(iter(parts.values()), None)
    box = widget("preset", None)

    def choose(name: str | None) -> None:
        if name:
            session.change_network(PRESETS[name].network)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Start from a preset",
            list(PRESETS),
            index=None,
            placeholder=present.title if present else "choose a network",
            format_func=lambda name: PRESETS[name].title,
            key=box.key,
            on_change=box.then(choose),
            disabled=bool(why_locked),
            help=why_locked,
        )
        undo, untouched = session.undo_network, not session.former_networks
        help = _TEXT.help("Undo")
        st.button("Undo", icon=":material/undo:", disabled=untouched, on_click=undo, help=help)
    if present:
        st.caption(present.why)


def _block(session: Session, number: int, block: ConvolutionBlock) -> ConvolutionBlock:
    title = f"**Block {number + 1}** · {formatting.block(block)}"
    with st.expander(title, expanded=number == 0, key=f"block-{number}"):
        _moves(session, "blocks", number)
        form = Form(f"net-block{number}", _TEXT, workshop.locked(session, _BLOCK_PARTS))
        left, right = st.columns(2)
        with left:
            filters = form.slider("Filters", block.filters, spec.FILTERS)
            kernel = form.slider("Kernel size", block.kernel, spec.KERNEL)
            stride, dilation = _stride_and_dilation(form, block)
        with right:
            activation = _activation(form, block.activation)
            pooling = _pooling(form, block.pooling)
            dropout = form.slider("Dropout", block.dropout, spec.DROPOUT, 0.05)
        padding = form.one_of("Padding", _PADDINGS, block.padding)
        normalized = form.toggle("Batch normalization", block.batch_normalization)
    return ConvolutionBlock(
        filters, kernel, stride, padding, normalized, activation, pooling, dropout, dilation
    )


def _stride_and_dilation(form: Form, block: ConvolutionBlock) -> tuple[int, int]:
    """Two sliders, of which one moves only while the other is at 1."""
    stride = form.slider("Stride", block.stride, spec.STRIDE, fixed=block.dilation > 1)
    before = 1 if stride > 1 else block.dilation
    dilation = form.slider("Dilation", before, spec.DILATION, fixed=stride > 1)
    if max(stride, dilation) > 1:
        this, other = ("stride", "dilation") if stride > 1 else ("dilation", "stride")
        st.caption(f"Keras has no convolution with both: set the {this} to 1 to have a {other}.")
    return stride, dilation


def _activation(form: Form, activation: Activation) -> Activation:
    name = form.box("Activation", formatting.ACTIVATION_NAMES, activation.name)
    if name != "leaky_relu":
        return Activation(name)
    before = activation.slope if activation.name == "leaky_relu" else _FIRST_SLOPE
    return Activation(name, form.slider("Slope below 0", before, spec.SLOPE, 0.01))


def _pooling(form: Form, pooling: Pooling | None) -> Pooling | None:
    kind = form.box("Pooling", _POOLINGS, pooling.kind if pooling else "none")
    if kind == "none":
        return None
    before = pooling or Pooling()
    size = form.slider("Pooling size", before.size, spec.POOL_SIZE)
    stride = form.slider("Pooling stride", before.stride, spec.POOL_SIZE)
    return replace(before, kind=kind, size=size, stride=stride)


def _dense(session: Session, number: int, layer: DenseLayer) -> DenseLayer:
    title = f"**Dense {number + 1}** · {formatting.dense_layer(layer)}"
    with st.expander(title, expanded=False, key=f"dense-{number}"):
        _moves(session, "dense", number)
        form = Form(f"net-dense{number}", _TEXT, workshop.locked(session, _DENSE_PARTS))
        left, right = st.columns(2)
        with left:
            units = form.slider("Units", layer.units, spec.UNITS)
        with right:
            activation = _activation(form, layer.activation)
            dropout = form.slider("Dropout", layer.dropout, spec.DROPOUT, 0.05)
    return DenseLayer(units, activation, dropout)


def _moves(session: Session, part: Entries, number: int) -> None:
    """Buttons that move, copy or remove one block or dense layer."""
    entries: tuple[Any, ...] = getattr(session.network, part)
    why_locked = workshop.locked(session, {part: part}).get(part)
    before, this, after = entries[:number], entries[number], entries[number + 1 :]

    def button(icon: str, label: str, possible: bool, *changed: Any) -> None:
        key, change = f"{icon}-{part}-{number}", partial(_change, session, part, changed)
        icon, off = f":material/{icon}:", not possible or bool(why_locked)
        st.button(
            label,
            icon=icon,
            key=key,
            disabled=off,
            type="tertiary",
            on_click=change,
            help=why_locked,
        )

    with st.container(horizontal=True):
        button("arrow_upward", "Up", bool(before), *before[:-1], this, *before[-1:], *after)
        button("arrow_downward", "Down", bool(after), *before, *after[:1], this, *after[1:])
        room = len(entries) < _MOST[part]
        button("content_copy", "Duplicate", room, *before, this, this, *after)
        button("delete", "Remove", True, *before, *after)


def _add(session: Session, label: str, part: Entries, entry: ConvolutionBlock | DenseLayer) -> None:
    entries = getattr(session.network, part)
    why_locked = workshop.locked(session, {part: part}).get(part)
    full = len(entries) >= _MOST[part]
    help = why_locked or (f"At most {_MOST[part]}." if full else None)
    full = full or bool(why_locked)
    add, key = partial(_change, session, part, (*entries, entry)), f"add-{part}"
    st.button(label, icon=":material/add:", key=key, disabled=full, help=help, on_click=add)


def _change(session: Session, part: Entries, entries: tuple[Any, ...]) -> None:
    changed: dict[str, Any] = {part: entries}
    session.change_network(replace(session.network, **changed))
