"""What is viewed on the Inspect page: one network, at one epoch, one image, one number."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.data.split import ChosenData
from cnn.inspection.edits import Edits
from cnn.inspection.forward import class_probabilities, forward
from cnn.inspection.image.distortion import Distortion, distorted
from cnn.inspection.image.picture import Step, prepare
from cnn.inspection.units import IMAGE, Unit, UnitError, from_text
from cnn.network.layers import Convolution, WindowSide
from cnn.network.plan import Plan
from cnn.training.run import Run
from cnn.ui.components.network_view import NOTHING
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
