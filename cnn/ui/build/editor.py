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
    form = Form("net", _TEXT, workshop.locked(session, _PARTS))
    # Before anything is drawn, for titles stand above the widgets that change what they say.
    session.change_network(_chosen(session, form))
    network = session.network
    _presets(session)
    for number, block in enumerate(network.blocks):
        _block(session, number, block)
    _add(session, "Add a convolution block", "blocks", ConvolutionBlock())
    form.one_of("After the last block", _FLATTENINGS, network.flattening)
    for number, layer in enumerate(network.dense):
        _dense(session, number, layer)
    _add(session, "Add a dense layer", "dense", DenseLayer())
    form.one_of("Output", _OUTPUTS, network.output)


def _part(session: Session, entries: Entries, number: int) -> Form:
    """The widgets of one block or dense layer."""
    name, parts = ("block", _BLOCK_PARTS) if entries == "blocks" else ("dense", _DENSE_PARTS)
    return Form(f"net-{name}{number}", _TEXT, workshop.locked(session, parts))


def _chosen(session: Session, form: Form) -> Network:
    """The network that the visitor has set, starting from the one that is shown."""
    shown = session.network
    blocks, dense = enumerate(shown.blocks), enumerate(shown.dense)
    return Network(
        tuple(_chosen_block(_part(session, "blocks", number), block) for number, block in blocks),
        form.chosen("After the last block", shown.flattening),
        tuple(_chosen_dense(_part(session, "dense", number), layer) for number, layer in dense),
        form.chosen("Output", shown.output),
    )


def _chosen_block(form: Form, block: ConvolutionBlock) -> ConvolutionBlock:
    stride = form.chosen("Stride", block.stride)
    return ConvolutionBlock(
        form.chosen("Filters", block.filters),
        form.chosen("Kernel size", block.kernel),
        stride,
        form.chosen("Padding", block.padding),
        form.chosen("Batch normalization", block.batch_normalization),
        _chosen_activation(form, block.activation),
        _chosen_pooling(form, block.pooling),
        round(form.chosen("Dropout", block.dropout), 2),
        1 if stride > 1 else form.chosen("Dilation", block.dilation),
    )


def _chosen_dense(form: Form, layer: DenseLayer) -> DenseLayer:
    return DenseLayer(
        form.chosen("Units", layer.units),
        _chosen_activation(form, layer.activation),
        round(form.chosen("Dropout", layer.dropout), 2),
    )


def _chosen_activation(form: Form, activation: Activation) -> Activation:
    name = form.chosen("Activation", activation.name)
    if name != "leaky_relu":
        return Activation(name)
    before = activation.slope if activation.name == "leaky_relu" else _FIRST_SLOPE
    return Activation(name, round(form.chosen("Slope below 0", before), 2))


def _chosen_pooling(form: Form, pooling: Pooling | None) -> Pooling | None:
    kind = form.chosen("Pooling", pooling.kind if pooling else "none")
    if kind == "none":
        return None
    before = pooling or Pooling()
    size = form.chosen("Pooling size", before.size)
    return replace(
        before, kind=kind, size=size, stride=form.chosen("Pooling stride", before.stride)
    )


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


def _block(session: Session, number: int, block: ConvolutionBlock) -> None:
    title = f"**Block {number + 1}** · {formatting.block(block)}"
    with st.expander(title, expanded=number == 0, key=f"block-{number}"):
        _moves(session, "blocks", number)
        form = _part(session, "blocks", number)
        left, right = st.columns(2)
        with left:
            form.slider("Filters", block.filters, spec.FILTERS)
            form.slider("Kernel size", block.kernel, spec.KERNEL)
            _stride_and_dilation(form, block)
        with right:
            _activation(form, block.activation)
            _pooling(form, block.pooling)
            form.slider("Dropout", block.dropout, spec.DROPOUT, 0.05)
        form.one_of("Padding", _PADDINGS, block.padding)
        form.toggle("Batch normalization", block.batch_normalization)


def _stride_and_dilation(form: Form, block: ConvolutionBlock) -> None:
    """Two sliders, of which one moves only while the other is at 1."""
    form.slider("Stride", block.stride, spec.STRIDE, fixed=block.dilation > 1)
    form.slider("Dilation", block.dilation, spec.DILATION, fixed=block.stride > 1)
    if max(block.stride, block.dilation) > 1:
        this, other = ("stride", "dilation") if block.stride > 1 else ("dilation", "stride")
        st.caption(f"Keras has no convolution with both: set the {this} to 1 to have a {other}.")


def _activation(form: Form, activation: Activation) -> None:
    form.box("Activation", formatting.ACTIVATION_NAMES, activation.name)
    if activation.name == "leaky_relu":
        form.slider("Slope below 0", activation.slope, spec.SLOPE, 0.01)


def _pooling(form: Form, pooling: Pooling | None) -> None:
    form.box("Pooling", _POOLINGS, pooling.kind if pooling else "none")
    if pooling:
        form.slider("Pooling size", pooling.size, spec.POOL_SIZE)
        form.slider("Pooling stride", pooling.stride, spec.POOL_SIZE)


def _dense(session: Session, number: int, layer: DenseLayer) -> None:
    title = f"**Dense {number + 1}** · {formatting.dense_layer(layer)}"
    with st.expander(title, expanded=False, key=f"dense-{number}"):
        _moves(session, "dense", number)
        form = _part(session, "dense", number)
        left, right = st.columns(2)
        with left:
            form.slider("Units", layer.units, spec.UNITS)
        with right:
            _activation(form, layer.activation)
            form.slider("Dropout", layer.dropout, spec.DROPOUT, 0.05)


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
