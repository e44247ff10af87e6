"""Kernels edited, filters switched off, training on from there; `changes.md` has the text."""

from functools import partial

import numpy as np
import streamlit as st

from cnn.arrays import Array
from cnn.inspection.classic_kernels import that_fit
from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.units import IMAGE, to_text
from cnn.network.layers import Convolution, Layer
from cnn.training.job import EPOCHS, Phase
from cnn.ui.common import formatting, kernel_table
from cnn.ui.common.choices import choice, choice_box
from cnn.ui.common.glossary import definition
from cnn.ui.common.kernel_table import kernel_sheet, same
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.live_run import follow, learning_rate, refusal
from cnn.ui.common.page import TRAIN
from cnn.ui.common.prose import read_sections
from cnn.ui.inspect.effect import effect, filter_ranking
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services
from cnn.ui.state.browser_echo import while_shown
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)
_PARTS = {"kernel": "Edit a kernel", "switch": "Switch filters off", "rank": "Rank filters"}
_FEW_EPOCHS = 5
_SHEET = "kernel-sheet"
_COLUMN = 80
"""Pixels for a column of numbers, or for the names of the rows."""


def changes(session: Session, view: InspectionView) -> None:
    """Edit kernels, switch filters off, rank them, and train on from the changed network."""
    convolutions = [layer for layer in view.plan.layers if isinstance(layer.operation, Convolution)]
    if not convolutions:
        st.info(_TEXT.text("no convolution"), icon=":material/grid_off:")
        return
    _TEXT.show("about")
    # One element whatever is in it: were there more above the kernel's table than before, the
    # browser would make the table anew, and the place of the one who types would be lost.
    with st.container():
        effect(view)
        if view.edits:
            if st.button("Undo all changes", icon=":material/undo:"):
                session.viewed.edits = Edits()
                st.rerun()
            with st.expander("Train on from the changed network", icon=":material/forward:"):
                _train_on(session, view)
    match choice("Change", _PARTS, "changes-part", labeled=False):
        case "kernel":
            kernel_form(session, view, convolutions)
        case "switch":
            _TEXT.show("switch")
            for layer in convolutions:
                _switches(session, view, layer)
        case "rank":
            filter_ranking(session, view)


def _switches(session: Session, view: InspectionView, layer: Layer) -> None:
    filters = range(layer.output_shape[2])
    key = f"filters-on-{view.run.id}-{layer.name}"

    def switch() -> None:
        for number in filters:
            off = number not in st.session_state[key]
            session.viewed.edits = session.viewed.edits.switched(layer.name, number, off)

    # The edits decide, for filters are switched in the ranking, too.
    all_off = session.viewed.edits.off
    st.session_state[key] = [number for number in filters if (layer.name, number) not in all_off]
    st.pills(
        f"{formatting.layer_title(layer)}: filters that are on",
        filters,
        selection_mode="multi",
        format_func=lambda number: str(number + 1),
        key=key,
        on_change=while_shown(key, key, switch),
    )


def _train_on(session: Session, view: InspectionView) -> None:
    _TEXT.show("train on", epoch=view.epoch)
    if view.edits.off:
        _TEXT.caption("train on/off")
    settings, key = view.run.job.settings, f"edited-epochs-{view.run.id}"
    low, high = int(EPOCHS.low), int(EPOCHS.high)
    with st.container(horizontal=True):
        epochs = st.number_input("Epochs", low, high, _FEW_EPOCHS, key=key, width=140)
        present = settings.learning_rate(max(1, view.epoch))
        rate = learning_rate("Learning rate", present, f"edited-rate-{view.run.id}-{view.epoch}")
    seconds = services.seconds_per_epoch(view.plan, len(view.data.train), settings.batch_size)
    if seconds is not None:
        st.caption(f"One epoch takes {formatting.seconds(seconds)} here.")
    asked = view.run.id, view.epoch, view.weights, view.data, session.token, Phase(epochs, rate)
    # Not a callback: that would run before a number typed just now is read.
    if st.button("Train on from here", type="primary", icon=":material/play_arrow:"):
        follow(session, partial(services.engine().train_edited, *asked))
        if not refusal(session):
            st.switch_page(TRAIN)


def kernel_form(session: Session, view: InspectionView, convolutions: list[Layer]) -> None:
    """Choose a kernel, edit its numbers or load a classic one."""
    layer, filter, channel = place = _choice(view, convolutions)
    weights = view.plan.split(services.weights(view.run.id, view.epoch))
    trained = weights[f"{layer}/kernel"][:, :, channel, filter]
    edit = session.viewed.edits.kernel(*place)
    now = trained if edit is None else np.array(edit.values, np.float32).reshape(trained.shape)

    def put(numbers: Array) -> None:
        edits = session.viewed.edits
        if same(numbers, trained):
            session.viewed.edits = edits.without_kernel(*place)
        else:
            values = tuple(numbers.ravel().tolist())
            session.viewed.edits = edits.with_kernel(KernelEdit(*place, values))
        st.rerun()

    left, right = responsive_columns(1, 1, narrowest=_COLUMN * (len(trained) + 1))
    with left:
        st.markdown("**Now** (click a number to edit it)")
        typed = kernel_sheet(_SHEET, place, now)
    with right:
        st.markdown("**As trained**")
        st.dataframe(
            kernel_table.frame(trained),
            column_config=kernel_table.formats(trained),
            alt=f"The trained numbers: {kernel_table.in_words(trained)}",
        )
    if edit is not None and session.viewed.unit is None and view.unit is not None:
        # The next image's telling number would call up another kernel.
        session.viewed.unit = to_text(view.unit, view.plan)
    if (layer, filter) in session.viewed.edits.off:
        st.info(_TEXT.text("off"))
    wrong = kernel_table.fault(typed)
    if wrong:
        st.error(wrong, icon=":material/error:")
    elif not same(typed, now):
        put(typed)
    untouched = edit is None and not wrong
    back = st.button(
        "Restore trained weights", icon=":material/undo:", disabled=untouched, key="kernel-back"
    )
    loaded = trained if back else _classic(trained, weights[f"{layer}/bias"][filter])
    if loaded is not None:
        kernel_table.start_over(_SHEET)  # whatever is half typed there
        put(loaded)


def _choice(view: InspectionView, convolutions: list[Layer]) -> tuple[str, int, int]:
    """Convolution, filter and channel of the kernel to edit, at first of the map that is chosen."""
    chosen, number = _filter_of(view, convolutions)
    # Made anew when the network view selects another map, which is then the one to change.
    key = f"{view.run.id}-{chosen.name}-{number}"
    with st.container(horizontal=True):
        titles = {layer.name: formatting.layer_title(layer) for layer in convolutions}
        index = convolutions.index(chosen)
        name = choice_box("Convolution", titles, f"kernel-layer-{key}", index)
        layer = view.plan.layer(name)
        filters = {one: f"Filter {one + 1}" for one in range(layer.output_shape[2])}
        first = number if layer is chosen else 0
        filter = choice_box("Filter", filters, f"kernel-filter-{key}-{name}", first, width=140)
        channels = {one: f"Map {one + 1}" for one in range(layer.input_shape[2])}
        if layer is convolutions[0]:
            channels = {one: f"Channel {one + 1} ({formatting.COLORS[one]})" for one in channels}
        if len(channels) == 1:
            return name, filter, 0
        key, help = f"kernel-channel-{key}-{name}", definition("filter")
        return name, filter, choice_box("Channel", channels, key, help=help)


def _filter_of(view: InspectionView, convolutions: list[Layer]) -> tuple[Layer, int]:
    """The convolution and filter whose map is chosen, else the first."""
    unit = view.unit
    if unit is not None and unit.layer != IMAGE:
        here = view.plan.layer(unit.layer)
        if here.receptive_field is not None:
            return next(one for one in convolutions if one.block == here.block), unit.channel
    return convolutions[0], 0


def _classic(trained: Array, bias: np.float32) -> Array | None:
    """Offer classic kernels of the size of a trained one; returns the one that is to be loaded."""
    size, loaded = len(trained), None
    st.markdown("**Or load a classic kernel**")
    with st.container(horizontal=True):
        for kernel in that_fit(size):
            if st.button(kernel.name, key=f"classic-{kernel.name}", help=kernel.does):
                loaded = kernel.sized(size)
    room = ""
    if size > 3:
        room = f" {_TEXT.text('classics/larger')}"
    elif size < 3:
        room = f" {_TEXT.text('classics/smaller', size=size)}"
    least, most = trained.min(), trained.max()
    _TEXT.caption("classics", room=room, least=least, most=most, bias=bias)
    return loaded
