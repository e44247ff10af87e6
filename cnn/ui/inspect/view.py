"""The network at work: one network, at one epoch, one image, one number; `view.md` has the text."""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import streamlit as st

from cnn.arrays import Array, Pixels
from cnn.data.split import ChosenData
from cnn.inspection.classic_kernels import CLASSIC_KERNELS
from cnn.inspection.edits import Edits, KernelEdit
from cnn.inspection.forward import class_probabilities, forward
from cnn.inspection.keras_values import layer_output
from cnn.inspection.units import IMAGE, Unit, UnitError, from_text, to_text
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.common.choices import choice
from cnn.ui.common.notices import show_warning
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import wait_for
from cnn.ui.components.network_message import Keras, Picture, Scale
from cnn.ui.components.network_view import NOTHING, ViewCallbacks, film, network_view, timeline
from cnn.ui.state import services
from cnn.ui.state.session import Session


@dataclass(frozen=True, eq=False)
class InputImage:
    """An image as the network reads it, uint8 (height, width, channels), and what is known of it.

    `label` is the number of its class, None where nobody knows; `name` says in a few words what it
    is.
    """

    pixels: Pixels
    label: int | None
    name: str

    @cached_property
    def identity(self) -> str:
        """The same for the same pixels."""
        return hashlib.sha256(np.ascontiguousarray(self.pixels).tobytes()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class InspectionView:
    """A run at an epoch, with its edits made, and the image it works on.

    `weights` are flat, edits included. `outputs` are what this network gives for the image, by the
    layer's name: whoever needs them finds them here, so that an image goes through a network once per
    run of the page. `trained_outputs` are the same without the edits; `unit` is the number that is
    chosen, None where none is.
    """

    run: Run
    epoch: int
    edits: Edits
    plan: Plan
    weights: Array
    data: ChosenData
    subject: InputImage
    outputs: dict[str, Array]
    trained_outputs: dict[str, Array]
    unit: Unit | None = None

    @property
    def network_key(self) -> tuple[str, int, Edits]:
        """Names these very weights."""
        return self.run.id, self.epoch, self.edits

    @property
    def key(self) -> tuple[object, ...]:
        """Names these weights and this image."""
        return *self.network_key, self.subject.identity

    def ask(self, place: str, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Ask a worker for `function(plan, weights, pixels, *arguments)`, see `services.ask`."""
        asked = self.plan, self.weights, self.subject.pixels, *arguments
        return services.ask(place, (*self.key, *arguments), function, *asked)

    def prediction(self, trained: bool = False) -> tuple[int, float] | None:
        """The predicted class and its probability, None where they are not finite numbers.

        With `trained` those of the network without its edits.
        """
        outputs = self.trained_outputs if trained else self.outputs
        probabilities = class_probabilities(outputs[self.plan.network.output])[0]
        if not np.isfinite(probabilities).all():
            return None
        return int(probabilities.argmax()), float(probabilities.max())


def view(session: Session, run: Run, epoch: int, subject: InputImage) -> InspectionView:
    """Everything together, with the session's edits. Raises RunError where weights are missing."""
    plan, edits = services.run_plan(run), session.viewed.edits
    weights = services.edited_weights(run, epoch, edits)
    pixels = subject.pixels[None]
    outputs = trained = forward(plan, weights, pixels)
    if edits:
        trained = forward(plan, services.weights(run.id, epoch), pixels)
    unit, data = selected(session, plan), services.chosen(run.job.data)
    return InspectionView(run, epoch, edits, plan, weights, data, subject, outputs, trained, unit)


def selected(session: Session, plan: Plan) -> Unit | None:
    """The number that the visitor has chosen, None where none is.

    A warning names a choice that this network does not have, and it is forgotten.
    """
    if session.viewed.unit == NOTHING:
        session.viewed.unit = None
    if session.viewed.unit is None:
        return None
    try:
        unit = from_text(session.viewed.unit, plan)
        if unit.layer == IMAGE or not plan.layer(unit.layer).operation.training_only:
            return unit
        st.warning(_TEXT.text("not shown", layer=unit.layer))
    except UnitError as error:
        show_warning(error)
    session.viewed.unit = None
    return None


_TEXT = read_sections(__file__)
_SCALES: dict[Scale, str] = {"map": "Each map", "layer": "Each layer", "network": "Whole network"}
_FILM = "film-wanted"
_OTHER = "class-to-compare"
_CLASSIC = {kernel.name: kernel for kernel in CLASSIC_KERNELS}


def color_scale() -> Scale:
    """Over which values a color scale goes."""
    return choice("Color scale over", _SCALES, "scale", 1, _TEXT.text("scale"))


def chosen_epoch(session: Session, run: Run) -> int:
    """The epoch to show: the last one kept, or the one that the visitor has chosen."""
    wanted = session.viewed.epoch
    if wanted is None:
        return run.kept[-1]
    nearest = min(run.kept, key=lambda epoch: abs(epoch - wanted))
    if nearest != wanted:
        st.warning(_TEXT.text("not kept", wanted=wanted, shown=nearest))
        session.viewed.epoch = nearest
    return nearest


def edit_kernels(session: Session, view: InspectionView, name: str, kernels: list[Any]) -> None:
    """Change kernels of the filter called `name`, see `ViewCallbacks.edit`.

    What this network does not have or cannot hold is ignored.
    """
    trained = view.plan.split(services.weights(view.run.id, view.epoch))
    with suppress(UnitError, LookupError, TypeError, ValueError):  # a browser can send anything
        unit = from_text(name, view.plan)
        for channel, wanted in kernels:
            own = trained[f"{unit.layer}/kernel"][:, :, channel, unit.channel]
            numbers = own
            if wanted != "trained":
                classic = isinstance(wanted, str)
                numbers = (
                    _CLASSIC[wanted].sized(len(own)) if classic else np.array(wanted, np.float32)
                )
            place, edits = (unit.layer, unit.channel, int(channel)), session.viewed.edits
            if np.array_equal(numbers.ravel(), own.ravel()):
                session.viewed.edits = edits.without_kernel(*place)
            elif numbers.size == own.size and np.isfinite(numbers).all():
                values = tuple(numbers.ravel().tolist())
                session.viewed.edits = edits.with_kernel(KernelEdit(*place, values))


def show_difference(session: Session, plan: Plan, number: int, other: int) -> None:
    """Have the network view show what sets the logit of a class apart from that of another."""
    session.viewed.unit = to_text(Unit(plan.network.output, number), plan)
    st.session_state[_OTHER] = other


def inside(session: Session, view: InspectionView, scale: Scale) -> None:
    """Every layer's values for the chosen image, and the arithmetic of the chosen number."""
    layer = view.unit.layer if view.unit else IMAGE
    picture = Picture(
        view.plan,
        view.weights,
        view.subject.pixels,
        view.data.classes,
        view.subject.label,
        scale,
        view.unit,
        view.edits,
        timeline(view.run, view.epoch),
        film(view.run, edits=view.edits) if st.session_state.get(_FILM) else {},
        _keras(view, layer),
        outputs=view.outputs,
        trained_outputs=view.trained_outputs,
        other=st.session_state.pop(_OTHER, None),
        subject=view.subject.name,
    )
    callbacks = ViewCallbacks(
        select=lambda unit: setattr(session.viewed, "unit", unit),
        show=lambda epoch: setattr(session.viewed, "epoch", epoch),
        want_film=lambda: st.session_state.update({_FILM: True}),
        edit=partial(edit_kernels, session, view),
    )
    network_view(picture, "network", callbacks)
    st.session_state[_FILM] = False  # not before it is on its way
    with st.container():  # always there, so that what follows keeps its place
        if layer != IMAGE:
            answer = view.ask("Keras", layer_output, layer)
            if not answer.done():
                wait_for(answer)


def _keras(view: InspectionView, layer: str) -> Keras:
    """What Keras has answered until now for a layer; it is asked once the network is drawn."""
    answer = services.asked((*view.key, layer), layer_output)
    if answer is None or not answer.done() or answer.cancelled():
        return Keras()
    if error := answer.exception():
        return Keras(fault=f"Keras could not be asked: {error}")
    return Keras({layer: answer.result()})
