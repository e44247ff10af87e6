"""The network view: a strip of layers, the receipt of one number, a time line, in the browser."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from cnn.arrays import Array
from cnn.inspection.edits import Edits
from cnn.inspection.units import UnitError, from_text
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.common.epoch_marks import marks_of
from cnn.ui.components.component import component, confirmed_tokens, pack, received_choice
from cnn.ui.components.network_message import Picture, Timeline, epochs_that_fit, message
from cnn.ui.state import services

NOTHING = "none"
"""In the place of a unit's name: none is chosen."""

_component = component("network_view")
_headline = component("headline")


@dataclass(frozen=True)
class ViewCallbacks:
    """What to call with a visitor's choice; the browser does not send a choice whose callback is None.

    `select` gets the name of the selected unit, "none" if there is none now; `show` gets an epoch;
    `want_film` is called when the film of this image is wanted; `edit` gets the name of a filter and
    pairs of a channel and its kernel: its numbers row by row, "trained", or a classic kernel's name.
    """

    select: Callable[[str], None] | None = None
    show: Callable[[int], None] | None = None
    want_film: Callable[[], None] | None = None
    edit: Callable[[str, list[Any]], None] | None = None


def network_view(picture: Picture, key: str, callbacks: ViewCallbacks = ViewCallbacks()) -> None:
    """Draw the network on the page."""
    known = f"{key}-weights"
    calls = {"unit": callbacks.select, "epoch": callbacks.show, "kernel": callbacks.edit}
    confirmed = confirmed_tokens(key, *(event for event, call in calls.items() if call))
    drawn, name = message(picture, st.session_state.get(known, ""), confirmed)
    st.session_state[known] = name

    def select(sent: Any) -> None:
        unit = received_choice(sent, key, "unit")
        if callbacks.select and _is_unit(unit, picture.plan):
            callbacks.select(unit)

    def show(sent: Any) -> None:
        epoch = received_choice(sent, key, "epoch")
        if callbacks.show and picture.timeline and epoch in picture.timeline.kept:
            callbacks.show(epoch)

    def edit(sent: Any) -> None:
        match received_choice(sent, key, "kernel"):
            case {"filter": str(name), "kernels": list(kernels)} if callbacks.edit:
                callbacks.edit(name, kernels)

    def want_film(_: Any) -> None:
        if callbacks.want_film:
            callbacks.want_film()

    _component(
        key=key,
        data=drawn,
        unit=select,
        epoch=show,
        kernel=edit,
        film=want_film,
        missing=lambda _: st.session_state.pop(known, None),
    )


def headline(key: str) -> None:
    """What the view whose picture has a `subject` predicts, at the epoch that it draws."""
    _headline(key=key, data=pack({}, b""))


def _is_unit(sent: Any, plan: Plan) -> bool:
    """Whether the browser sent a unit that the network has, or that none is selected."""
    try:
        return isinstance(sent, str) and (sent == NOTHING or bool(from_text(sent, plan)))
    except UnitError:
        return False


def timeline(run: Run, epoch: int) -> Timeline:
    """The course of a run, with an epoch that is shown."""
    losses = tuple((record.epoch, record.loss, record.validation_loss) for record in run.epochs)
    return Timeline(run.id, run.kept, epoch, losses, marks_of(run, "time line"))


def film(run: Run, share: int = 1, edits: Edits | None = None) -> dict[int, Array]:
    """The weights that the browser is given, with `edits`, flat: epochs evenly spread and the last.

    With a `share` of n, a report has n films, and each gets one part in n of the room.
    """
    most = max(1, epochs_that_fit(services.run_plan(run)) // share)
    places = np.linspace(len(run.kept) - 1, 0, min(len(run.kept), most))
    epochs = sorted({run.kept[round(place)] for place in places})
    return {epoch: services.edited_weights(run, epoch, edits or Edits()) for epoch in epochs}
