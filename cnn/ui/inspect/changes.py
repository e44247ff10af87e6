"""Changes to the network itself: what they do, where they are made, and training on from them."""

from functools import partial

import streamlit as st

from cnn.inspection.edits import Edits
from cnn.network.layers import Convolution, Layer
from cnn.training.job import EPOCHS, Phase
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.live_run import follow, learning_rate, refusal
from cnn.ui.common.page import TRAIN
from cnn.ui.inspect.effect import effect, filter_ranking
from cnn.ui.inspect.kernel_form import kernel_form
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services
from cnn.ui.state.session import Session

_PARTS = {"kernel": "Edit a kernel", "switch": "Switch filters off", "rank": "Rank filters"}
_FEW_EPOCHS = 5


def changes(session: Session, view: InspectionView) -> None:
    """Type over kernels, switch filters off, rank them, and train on from the changed network."""
    convolutions = [layer for layer in view.plan.layers if isinstance(layer.operation, Convolution)]
    if not convolutions:
        st.info(
            "This network has no convolution, so there is no kernel to type over and no filter to"
            " switch off. Build one with a convolution block, or look at another run.",
            icon=":material/grid_off:",
        )
        return
    st.markdown(
        "What is changed here is changed in the whole page, at every epoch. The run keeps what it"
        " has learned; looking at another run drops the changes."
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
        "A filter that is off adds nothing to what follows: its map is read as 0. Click a number to"
        " switch that filter off or on; those that are filled in are on."
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
            on_change=partial(_switched, session, layer.name, len(filters), key),
        )


def _switched(session: Session, layer: str, filters: int, key: str) -> None:
    on = set(st.session_state[key])
    for number in range(filters):
        session.viewed.edits = session.viewed.edits.switched(layer, number, off=number not in on)


def _train_on(session: Session, view: InspectionView) -> None:
    st.markdown(
        f"A new run begins with the network as it is changed now, after epoch {view.epoch} of this"
        " run, as its epoch 0. It learns from the same images with the same settings; its optimiser"
        " starts afresh."
    )
    if view.edits.off:
        st.caption(
            "A filter that is off stays off while the network learns if its activation makes 0 of"
            " 0, as all but the sigmoid do."
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
