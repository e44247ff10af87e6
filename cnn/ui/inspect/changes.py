"""Changes to the network: editing kernels, switching filters off, and training on from there."""

from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection.classic_kernels import that_fit
from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.units import IMAGE, to_text
from cnn.network.layers import Convolution, Layer
from cnn.training.job import EPOCHS, Phase
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.glossary import definition, term
from cnn.ui.common.kernel_table import (
    fault,
    formats,
    frame,
    in_words,
    kernel_sheet,
    same,
    start_over,
)
from cnn.ui.common.layout import responsive_columns
from cnn.ui.common.live_run import follow, learning_rate, refusal
from cnn.ui.common.page import TRAIN
from cnn.ui.inspect.effect import effect, filter_ranking
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services
from cnn.ui.state.browser_echo import heard
from cnn.ui.state.session import Session

_PARTS = {"kernel": "Edit a kernel", "switch": "Switch filters off", "rank": "Rank filters"}
_FEW_EPOCHS = 5


def changes(session: Session, view: InspectionView) -> None:
    """Edit kernels, switch filters off, rank them, and train on from the changed network."""
    convolutions = [layer for layer in view.plan.layers if isinstance(layer.operation, Convolution)]
    if not convolutions:
        st.info(
            "This network has no convolution, so there is no kernel to edit and no filter to switch off."
            " Build a network with a convolution block, or choose another run.",
            icon=":material/grid_off:",
        )
        return
    st.markdown(
        "Your changes apply to this whole page, at every epoch. The run itself stays as it was trained."
        " Choosing another run drops the changes."
    )
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
    part = st.segmented_control(
        "Change",
        list(_PARTS),
        default="kernel",
        required=True,
        format_func=_PARTS.__getitem__,
        key="changes-part",
        persist_state="session",
        label_visibility="collapsed",
    )
    if part == "kernel":
        kernel_form(session, view, convolutions)
    elif part == "switch":
        _switches(session, view, convolutions)
    else:
        filter_ranking(session, view)


def _switches(session: Session, view: InspectionView, convolutions: list[Layer]) -> None:
    st.markdown(
        "The next layer reads the map of a filter that is off as 0. Click a number to switch that filter"
        " off or on. Filters that are filled in are on."
    )
    for layer in convolutions:
        filters = range(layer.output_shape[2])
        key = f"filters-on-{view.run.id}-{layer.name}"
        # The edits decide, for filters are switched in the ranking, too.
        st.session_state[key] = [
            number for number in filters if (layer.name, number) not in session.viewed.edits.off
        ]
        st.pills(
            f"{formatting.layer_title(layer)}: filters that are on",
            filters,
            selection_mode="multi",
            format_func=lambda number: str(number + 1),
            key=key,
            on_change=heard(key, key, partial(_switched, session, layer.name, len(filters), key)),
        )


def _switched(session: Session, layer: str, filters: int, key: str) -> None:
    on = set(st.session_state[key])
    for number in range(filters):
        session.viewed.edits = session.viewed.edits.switched(layer, number, off=number not in on)


def _train_on(session: Session, view: InspectionView) -> None:
    st.markdown(
        f"A new run starts from your changed network, after {term('epoch')} {view.epoch} of this run. It"
        f" learns from the same images with the same settings. Its {term('optimizer')} starts over."
    )
    if view.edits.off:
        st.caption(
            "A filter that is off stays off while the network learns, unless its activation function is"
            " the sigmoid: all others turn 0 into 0."
        )
    settings = view.run.job.settings
    with st.container(horizontal=True):
        epochs = int(
            st.number_input(
                "Epochs",
                int(EPOCHS.low),
                int(EPOCHS.high),
                _FEW_EPOCHS,
                key=f"edited-epochs-{view.run.id}",
                width=140,
            )
        )
        rate = learning_rate(
            "Learning rate",
            settings.learning_rate(max(1, view.epoch)),
            f"edited-rate-{view.run.id}-{view.epoch}",
        )
    seconds = services.seconds_per_epoch(view.plan, len(view.data.train), settings.batch_size)
    if seconds is not None:
        st.caption(f"One epoch takes {formatting.seconds(seconds)} here.")

    def ask() -> Run:
        return services.engine().train_edited(
            view.run.id, view.epoch, view.weights, view.data, session.token, Phase(epochs, rate)
        )

    # Not a callback: that would run before a number typed just now is read.
    if st.button("Train on from here", type="primary", icon=":material/play_arrow:"):
        follow(session, ask)
        if not refusal():
            st.switch_page(TRAIN)


Array = NDArray[np.float32]
Place = tuple[str, int, int]
"""Convolution, filter and channel of a kernel."""

_SHEET = "kernel-sheet"
_COLUMN = 80
"""Pixels for a column of numbers, or for the names of the rows."""
_COLORS = ("red", "green", "blue")


def kernel_form(session: Session, view: InspectionView, convolutions: list[Layer]) -> None:
    """Choose a kernel, type over its numbers or load a classic one."""
    layer, filter, channel = place = _choice(session, view, convolutions)
    weights = view.plan.split(services.weights(view.run.id, view.epoch))
    trained = weights[f"{layer}/kernel"][:, :, channel, filter]
    edit = session.viewed.edits.kernel(*place)
    now = trained if edit is None else np.array(edit.values, np.float32).reshape(trained.shape)
    left, right = responsive_columns(1, 1, narrowest=_COLUMN * (len(trained) + 1))
    with left:
        st.markdown("**Now** (click a number to edit it)")
        typed = kernel_sheet(_SHEET, place, now)
    with right:
        st.markdown("**As trained**")
        st.dataframe(
            frame(trained),
            column_config=formats(trained),
            alt=f"The trained numbers: {in_words(trained)}",
        )
    if edit is not None and session.viewed.unit is None and view.unit is not None:
        # The next image's telling number would call up another kernel.
        session.viewed.unit = to_text(view.unit, view.plan)
    if (layer, filter) in session.viewed.edits.off:
        st.info("This filter is off. Its numbers count again once you switch it on.")
    wrong = fault(typed)
    if wrong:
        st.error(wrong, icon=":material/error:")
    elif not same(typed, now):
        _put(session, place, typed, trained)
    if st.button(
        "Restore trained weights",
        icon=":material/undo:",
        disabled=edit is None and not wrong,
        key="kernel-back",
    ):
        _load(session, place, trained, trained)
    bias = weights[f"{layer}/bias"][filter]
    _classics(session, place, trained, bias)


def _choice(session: Session, view: InspectionView, convolutions: list[Layer]) -> Place:
    names = [layer.name for layer in convolutions]
    chosen_layer, number = _chosen_filter(view, names)
    # Made anew when the network view selects another map, which is then the one to change.
    key = f"{view.run.id}-{chosen_layer}-{number}"
    with st.container(horizontal=True):
        name = st.selectbox(
            "Convolution",
            names,
            names.index(chosen_layer),
            format_func=lambda layer: formatting.layer_title(view.plan.layer(layer)),
            key=f"kernel-layer-{key}",
            persist_state="session",
            width=180,
        )
        layer = view.plan.layer(name)
        filter = st.selectbox(
            "Filter",
            range(layer.output_shape[2]),
            number if name == chosen_layer else 0,
            format_func=lambda option: f"Filter {option + 1}",
            key=f"kernel-filter-{key}-{name}",
            persist_state="session",
            width=140,
        )
        channels = layer.input_shape[2]
        channel = 0
        if channels > 1:
            first = name == names[0]
            channel = st.selectbox(
                "Channel",
                range(channels),
                format_func=lambda one: (
                    f"Channel {one + 1} ({_COLORS[one]})" if first else f"Map {one + 1}"
                ),
                key=f"kernel-channel-{key}-{name}",
                persist_state="session",
                help=definition("filter"),
                width=180,
            )
    return name, filter, channel


def _chosen_filter(view: InspectionView, names: list[str]) -> tuple[str, int]:
    """The convolution and filter whose map is chosen, else the first."""
    unit = view.unit
    layer = None if unit is None or unit.layer == IMAGE else view.plan.layer(unit.layer)
    if unit is None or layer is None or layer.receptive_field is None:
        return names[0], 0
    return next(name for name in names if view.plan.layer(name).block == layer.block), unit.channel


def _put(session: Session, place: Place, numbers: Array, trained: Array) -> None:
    """Make these the kernel's numbers and draw the page again."""
    if same(numbers, trained):
        session.viewed.edits = session.viewed.edits.without_kernel(*place)
    else:
        session.viewed.edits = session.viewed.edits.with_kernel(
            KernelEdit(*place, tuple(numbers.ravel().tolist()))
        )
    st.rerun()


def _load(session: Session, place: Place, numbers: Array, trained: Array) -> None:
    """Put numbers that were not typed into the table, whatever is half typed there."""
    start_over(_SHEET)
    _put(session, place, numbers, trained)


def _classics(session: Session, place: Place, trained: Array, bias: np.float32) -> None:
    size = len(trained)
    st.markdown("**Or load a classic kernel**")
    with st.container(horizontal=True):
        for kernel in that_fit(size):
            if st.button(kernel.name, key=f"classic-{kernel.name}", help=kernel.does):
                _load(session, place, kernel.sized(size), trained)
    room = "" if size <= 3 else " They stand in the middle, with 0 around them."
    few = "" if size >= 3 else f" Most need 3 × 3 numbers; this kernel has {size} × {size}."
    st.caption(
        "With the numbers of the textbooks, not scaled: identity is a single 1, Sobel has 1 and 2,"
        f" the outline 8, and the blurs add up to 1.{room}{few} As trained, this kernel reaches from"
        f" {formatting.number(float(trained.min()))} to {formatting.number(float(trained.max()))}. The filter's bias stays {formatting.number(float(bias))}."
    )
