"""The network at work on the Inspect page: one network, at one epoch, one image, one number."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.data.split import ChosenData
from cnn.inspection import worker_tasks
from cnn.inspection.edits import Edits
from cnn.inspection.forward import class_probabilities, forward
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.inspection.image.picture import Step, prepare
from cnn.inspection.units import IMAGE, Unit, UnitError, from_text
from cnn.network.layers import Convolution, WindowSide
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.common import formatting
from cnn.ui.common.waiting import wait_for
from cnn.ui.components.network_message import Keras, Picture, Scale
from cnn.ui.components.network_view import (
    NOTHING,
    ViewCallbacks,
    filmed,
    network_view,
    timeline,
)
from cnn.ui.state import services
from cnn.ui.state.session import Session


@dataclass(frozen=True, eq=False)
class InputImage:
    """An image as the network reads it, uint8 (height, width, channels), and what is known of it.

    `label` is the number of its class, None where nobody knows; `name` says in a few words what it
    is; `identity` is the same for the same pixels.
    """

    pixels: NDArray[np.uint8]
    label: int | None
    name: str
    identity: str


def original(session: Session, data: ChosenData) -> InputImage:
    """The image that is chosen, before anything is done to it.

    As long as there is no picture, a test image stands in for it. Raises PictureError with a
    sentence for a picture that cannot be used.
    """
    if session.source.kind == "drawing":
        pixels = session.source.drawing(data.image_shape).pixels
        return _subject(pixels, None, "Your drawing")
    if session.source.kind == "picture" and session.source.picture is not None:
        steps = picture_steps(session.source.picture, data.image_shape, session.source.invert)
        return _subject(steps[-1].image, None, "Your picture")
    number = services.image_number(session.viewed.image, data)
    label = int(data.labels[number])
    learned = "" if number in data.test else " (the network was trained on it)"
    name = f"Image {number}, {data.classes[label]}{learned}"
    return _subject(data.dataset.images[number], label, name)


def subject(whole: InputImage, distortion: Distortion) -> InputImage:
    """What the network reads: `whole` after `distortion`. Its class stays."""
    if distortion.nothing:
        return whole
    pixels = distorted(whole.pixels, distortion)
    return _subject(pixels, whole.label, f"{whole.name}, {distortion_words(distortion)}")


def distortion_words(distortion: Distortion) -> str:
    """What is done to an image: "shifted 3 right and 1 up, turned 10° clockwise"."""
    parts, moves = [], []
    if right := distortion.shift_right:
        moves.append(f"{abs(right)} {'right' if right > 0 else 'left'}")
    if down := distortion.shift_down:
        moves.append(f"{abs(down)} {'down' if down > 0 else 'up'}")
    if moves:
        parts.append(f"shifted {' and '.join(moves)}")
    if angle := distortion.angle:
        parts.append(f"turned {abs(angle):g}° {'counter-clockwise' if angle > 0 else 'clockwise'}")
    if side := distortion.hidden_side:
        parts.append(f"hidden by a square of {side} × {side}")
    if distortion.noise:
        parts.append(f"with noise of {distortion.noise:g}")
    return ", ".join(parts)


@st.cache_resource(show_spinner=False, max_entries=16)
def picture_steps(
    content: bytes, image_shape: tuple[int, int, int], invert: bool | None
) -> tuple[Step, ...]:
    """The steps that make a picture file the network's input; see cnn.inspection.image.picture."""
    return prepare(content, image_shape, invert)


def _subject(pixels: NDArray[np.uint8], label: int | None, name: str) -> InputImage:
    identity = hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()[:16]
    return InputImage(pixels, label, name, identity)


Outputs = dict[str, NDArray[np.float32]]
"""What every layer gives for one image, by the layer's name: arrays (1, *the layer's shape)."""


@dataclass(frozen=True, eq=False)
class InspectionView:
    """A run at an epoch, with its edits made, and the image it works on.

    `weights` are flat, edits included. `outputs` are what this network gives for the image: whoever
    needs them finds them here, so that an image goes through a network once per run of the page.
    `trained_outputs` are the same without the edits; `unit` is the number that is chosen, None where
    none is.
    """

    run: Run
    epoch: int
    edits: Edits
    plan: Plan
    weights: NDArray[np.float32]
    data: ChosenData
    subject: InputImage
    outputs: Outputs
    trained_outputs: Outputs
    unit: Unit | None = None

    @property
    def network_key(self) -> tuple[str, int, Edits]:
        """Names these very weights."""
        return self.run.id, self.epoch, self.edits

    @property
    def key(self) -> tuple[object, ...]:
        """Names these weights and this image."""
        return *self.network_key, self.subject.identity

    def probabilities(self, outputs: Outputs) -> NDArray[np.float32]:
        """The probability of each class (classes,) in `outputs` or `trained_outputs`."""
        return class_probabilities(outputs[self.plan.network.output])[0]


def view(session: Session, run: Run, epoch: int, subject: InputImage) -> InspectionView:
    """Everything together, with the session's edits. Raises RunError where weights are missing."""
    plan, edits = services.run_plan(run), session.viewed.edits
    weights = services.edited_weights(run, epoch, edits)
    pixels = subject.pixels[None]
    outputs = trained_outputs = forward(plan, weights, pixels)
    if edits:
        trained_outputs = forward(plan, services.weights(run.id, epoch), pixels)
    # Without the edits, so that the number viewed stays while a kernel is typed over.
    unit = selected(session, plan, trained_outputs)
    data = services.chosen(run.job.data)
    return InspectionView(
        run, epoch, edits, plan, weights, data, subject, outputs, trained_outputs, unit
    )


def selected(
    session: Session, plan: Plan, outputs: Mapping[str, NDArray[np.float32]]
) -> Unit | None:
    """The number that the visitor has chosen; until they choose one, a telling one of `outputs`.

    None where the visitor wants none. A warning tells of a choice that this network does not have,
    and it is forgotten.
    """
    if session.viewed.unit == NOTHING:
        return None
    if session.viewed.unit is not None:
        try:
            unit = from_text(session.viewed.unit, plan)
            if unit.layer == IMAGE or not plan.layer(unit.layer).operation.training_only:
                return unit
            st.warning(f"The layer {unit.layer} does nothing after training; it is not shown.")
        except UnitError as error:
            st.warning(f"{error} A number of this network is shown instead.")
        session.viewed.unit = None
    return telling(plan, outputs)


def telling(plan: Plan, outputs: Mapping[str, NDArray[np.float32]]) -> Unit:
    """The strongest cell of the second convolution, or of the only one, or the largest logit.

    One that the next window reads: a number that has a part in the answer. `outputs` are those of
    `forward` for one image.
    """
    names = [layer.name for layer in plan.layers if isinstance(layer.operation, Convolution)]
    layer = names[min(1, len(names) - 1)] if names else "logits"
    values = np.nan_to_num(outputs[layer][0])
    if names:
        values = np.where(_read(plan, layer)[..., None], values, -np.inf)
    place = [int(at) for at in np.unravel_index(values.argmax(), values.shape)]
    if len(place) == 1:
        return Unit(layer, place[0])
    row, column, channel = place
    return Unit(layer, channel, row, column)


def _read(plan: Plan, layer: str) -> NDArray[np.bool_]:
    """Which cells of a layer's maps the next window reads: (rows, columns)."""
    place = [one.name for one in plan.layers].index(layer)
    read = np.ones(plan.layers[place].output_shape[:2], np.bool_)
    for follower in plan.layers[place + 1 :]:
        if window := follower.window:
            read[:] = np.outer(
                _read_along(window.rows, len(read)), _read_along(window.columns, read.shape[1])
            )
        if not follower.operation.pointwise:
            return read
    return read


def _read_along(side: WindowSide, cells: int) -> NDArray[np.bool_]:
    """Which of the `cells` along one side the window reads at any of its positions."""
    read = {cell for position in range(side.positions(cells)) for cell in side.cells_read(position)}
    return np.isin(np.arange(cells), list(read))


_SCALES: dict[Scale, str] = {"map": "Each map", "layer": "Each layer", "network": "Whole network"}
_FILM = "film-wanted"


def chosen_epoch(session: Session, run: Run) -> int:
    """The epoch to show: the last one kept, or the one that the visitor has chosen."""
    if session.viewed.epoch is not None and session.viewed.epoch not in run.kept:
        nearest = min(run.kept, key=lambda epoch: abs(epoch - (session.viewed.epoch or 0)))
        st.warning(
            f"The weights of epoch {session.viewed.epoch} of this run were not kept; epoch {nearest} is shown."
        )
        session.viewed.epoch = nearest
    return run.kept[-1] if session.viewed.epoch is None else session.viewed.epoch


def _scale_choice() -> Scale:
    """Choose over how much one color scale reaches."""
    scale: Scale = st.segmented_control(
        "Color scale over",
        list(_SCALES),
        default="layer",
        required=True,
        format_func=_SCALES.__getitem__,
        key="scale",
        persist_state="session",
        help="Blue is positive, orange negative, neutral exactly 0. A scale of its own makes even a "
        "weak map look strong.",
    )
    return scale


def inside(session: Session, view: InspectionView) -> None:
    """Every layer's values for the chosen image, and the arithmetic of the chosen number."""
    subject = view.subject
    changed = ", with your changes" if view.edits else ""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"
    ):
        st.markdown(
            f"**{formatting.escaped(subject.name)}** through the network as it was after epoch {view.epoch}{changed}",
            width="content",
        )
        scale = _scale_choice()
    picture = Picture(
        view.plan,
        view.weights,
        subject.pixels,
        view.data.classes,
        subject.label,
        scale,
        view.unit,
        view.edits,
        timeline(view.run, view.epoch),
        _film(view) if st.session_state.get(_FILM) else {},
        _keras(view),
        outputs=view.outputs,
    )
    network_view(picture, "network", _wishes(session))
    st.session_state[_FILM] = False  # not before it is on its way
    with st.container():  # always there, so that what follows keeps its place
        _ask_keras(view)


def _wishes(session: Session) -> ViewCallbacks:
    def select(unit: str) -> None:
        session.viewed.unit = unit

    def show(epoch: int) -> None:
        session.viewed.epoch = epoch

    def want_film() -> None:
        st.session_state[_FILM] = True

    return ViewCallbacks(select, show, want_film)


def _film(view: InspectionView) -> dict[int, NDArray[np.float32]]:
    """The weights of the epochs that the browser is given, with the edits of the view; none if only one fits."""
    epochs = filmed(view.run)
    if len(epochs) < 2:
        return {}
    return {record: services.edited_weights(view.run, record, view.edits) for record in epochs}


def _keras(view: InspectionView) -> Keras:
    """What Keras has answered until now for the layer of the chosen number."""
    if view.unit is None:
        return Keras()
    layer = view.unit.layer
    answer = services.asked((*view.key, layer), worker_tasks.layer_values)
    if answer is None or not answer.done() or answer.cancelled():
        return Keras()
    if error := answer.exception():
        return Keras(fault=f"Keras could not be asked: {error}")
    return Keras({layer: answer.result()})


def _ask_keras(view: InspectionView) -> None:
    """Ask it for the chosen number's layer, once that is drawn, which is not to wait for it."""
    if view.unit is None or view.unit.layer == IMAGE:
        return
    arguments = view.plan, view.weights, view.subject.pixels, view.unit.layer
    key = (*view.key, view.unit.layer)
    answer = services.ask("Keras", key, worker_tasks.layer_values, *arguments)
    if not answer.done():
        wait_for(answer)
