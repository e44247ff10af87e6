"""Why this class? Four maps of what the logit of a class hangs on, side by side."""

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cnn.inspection import worker_tasks
from cnn.inspection.explain.explanation import Gradients, class_logits, explained_layers
from cnn.inspection.explain.occlusion import Occlusion, occlusion
from cnn.inspection.map_geometry import receptive, squares
from cnn.network.layers import Layer
from cnn.network.plan import Plan
from cnn.ui.common import formatting
from cnn.ui.common.waiting import when_there
from cnn.ui.components.heat_map import HeatMap, heat_maps, message
from cnn.ui.inspect.view import InspectionView
from cnn.ui.state import services
from cnn.ui.state.session import Session

_STEPS = (8, 16, 32, 64, 128, 256, 512)


def explanation(session: Session, view: InspectionView) -> None:
    """Choose a class and see in four ways which pixels its logit depends on."""
    st.caption(
        "Four ways to ask which pixels a class score (logit) depends on. They answer different"
        " questions, and none of them is the reason. In a study, such maps helped people only a little"
        " to predict a network's answers (Alqaraawi et al., 2020)."
    )
    logits = class_logits(view.outputs["logits"])[0]
    if not np.isfinite(logits).all():
        st.warning(
            "The logits of this image are not finite numbers, as happens when a training diverges:"
            " there is nothing to explain. Choose an earlier epoch or another run.",
            icon=":material/warning:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        target = _class(view, int(logits.argmax()))
        size = _square(view)
        steps = _steps()
        layer = _layer(view)
    st.markdown(_asked(view, logits.tolist(), target))
    name = layer.name if layer else None
    asked = (view.plan, view.weights, view.subject.pixels)
    gradients = services.ask(
        "gradients",
        (*view.key, target, steps, name),
        worker_tasks.attribution,
        *asked,
        target,
        steps,
        name,
    )
    hidden = services.ask("hidden parts", (*view.key, size), occlusion, *asked, size)

    def show(found_gradients: Gradients, occluded: Occlusion) -> None:
        classes = view.data.classes
        drawn = [
            occlusion_map(occluded, target, classes, view.subject.pixels),
            saliency_map(found_gradients, classes[target]),
            integrated_gradients_map(found_gradients, steps, view.subject.pixels),
            grad_cam_map(found_gradients, layer, view.plan),
        ]
        heat_maps(message(view.subject.pixels, drawn, classes), key="explanation")

    when_there(
        gradients,
        "Following the gradients back to the image",
        lambda found_gradients: when_there(
            hidden,
            "Hiding one part of the image after another",
            lambda occluded: show(found_gradients, occluded),
        ),
    )


def _class(view: InspectionView, answer: int) -> int:
    """The class to explain, by number."""
    # The label of the first does not say which class it is: a label must not change while shown.
    names = dict(enumerate(view.data.classes))
    chosen = st.selectbox(
        "Explain the logit of",
        [-1, *names],
        format_func=lambda number: names.get(number, "The network's answer"),
        key=f"why-class-{view.run.id}",
        persist_state="session",
        width=210,
    )
    return answer if chosen == -1 else chosen


def _square(view: InspectionView) -> int:
    """The side of the square that hides, in pixels."""
    side = view.plan.image_shape[0]
    largest = side // 3
    if largest < 2:
        return 1
    size: int = st.slider(
        "Hiding square",
        1,
        largest,
        max(1, round(side / 7)),
        format="%d px",
        key=f"why-square-{side}",
        persist_state="session",
        help="Its side in pixels. A larger one hides whole parts; a smaller one shows more detail.",
        width=180,
    )
    return size


def _steps() -> int:
    """At how many points the gradient is integrated."""
    steps: int = st.select_slider(
        "Steps of integration",
        _STEPS,
        64,
        key="why-steps",
        persist_state="session",
        help="Points between black and the image at which integrated gradients takes the gradient.",
        width=180,
    )
    return steps


def _layer(view: InspectionView) -> Layer | None:
    """The layer whose maps Grad-CAM weighs; None if the network has no convolution."""
    layers = {layer.name: layer for layer in explained_layers(view.plan)}
    if not layers:
        return None
    chosen = st.selectbox(
        "Grad-CAM of",
        list(layers),
        index=len(layers) - 1,
        format_func=lambda name: formatting.layer_title(layers[name]),
        key=f"why-layer-{view.run.id}",
        persist_state="session",
        width=180,
    )
    return layers[chosen]


def _asked(view: InspectionView, logits: list[float], target: int) -> str:
    """What is explained, and what the network and the truth say."""
    classes = list(map(formatting.escaped, view.data.classes))
    answer, label = int(np.argmax(logits)), view.subject.label
    text = f"**{classes[target]}** has the logit {formatting.number(logits[target])}"
    if target == answer:
        others = [logit for at, logit in enumerate(logits) if at != answer]
        text += f", the largest; the next is {formatting.number(max(others))}: it is the network's answer."
    else:
        text += f". The network's answer is {classes[answer]}, with {formatting.number(logits[answer])}."
    if label is not None:
        text += " That is the truth." if label == target else f" The truth is {classes[label]}."
    return text


Array = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_BLACK = "The image is black, just as what it is compared with: nothing is left to explain."


def occlusion_map(
    occluded: Occlusion, target: int, classes: tuple[str, ...], image: Pixels
) -> HeatMap:
    """How far the logit of a class falls when a square of the image is hidden."""
    side, size, name = image.shape[0], occluded.size, classes[target]
    drops = occluded.drops(target)
    cells = squares(occluded.starts, size, side)
    changed = int(occluded.changes.sum())
    answer = classes[int(occluded.whole.argmax())]
    facts = [
        f"{drops.size} places of the square; logit with nothing hidden {formatting.number(occluded.whole[target])}."
    ]
    if not drops.any():
        facts.append(_BLACK if not image.any() else "The logit is the same wherever the square is.")
    elif drops.max() > 0:
        row, column = np.unravel_index(np.nanargmax(drops), drops.shape)
        where = f"{_pixels('row', cells.spans[row])}, {_pixels('column', cells.spans[column])}"
        facts.append(f"It falls most, by {formatting.number(drops.max())}, with {where} hidden.")
    else:
        facts.append("It falls nowhere: nothing that is hidden makes it fall.")
    facts.append(
        f"The answer changes from {answer} at {changed} of the places, marked with a dot."
        if changed
        else f"The answer stays {answer} at every place."
    )
    return _checked(
        HeatMap(
            "Occlusion",
            f"A black square of {size} × {size} hides one part after another. Blue: the logit of {name}"
            " falls without the part; orange: it rises. The color is at the middle of the square.",
            "It does not tell what two parts do together, and the square is itself a shape that the"
            " network has never seen.",
            tuple(facts),
            drops,
            cells,
            "logit falls by",
            signed=True,
            details=(("to", occluded.hidden[..., target]),),
            marks=np.where(occluded.changes, occluded.answers, -1),
            marked="the answer becomes",
        )
    )


def saliency_map(gradients: Gradients, name: str) -> HeatMap:
    """How much a tiny change of each pixel would change the logit."""
    values, gradient = gradients.saliency, gradients.gradient
    channels = ("red", "green", "blue") if gradient.shape[2] == 3 else ("signed",)
    over = " The largest over red, green and blue counts." if len(channels) == 3 else ""
    if values.any():
        row, column = np.unravel_index(values.argmax(), values.shape)
        fact = f"Largest in row {row + 1}, column {column + 1}: {formatting.number(values[row, column])}."
    else:
        fact = (
            "Exactly 0 everywhere: no tiny change of the image changes this logit. All that leads to"
            " it is flat here, as where every ReLU on the way gives 0."
        )
    return _checked(
        HeatMap(
            "Gradient saliency",
            f"How steeply the logit of {name} changes with each pixel: |∂ logit / ∂ pixel|, with"
            f" pixels from 0 to 1.{over}",
            "It shows where the class would change most for a tiny change of a pixel, not what the"
            " network looked at.",
            (fact,),
            values,
            squares(range(len(values)), 1, len(values)),
            "slope",
            details=tuple((one, gradient[..., at]) for at, one in enumerate(channels)),
        )
    )


def integrated_gradients_map(gradients: Gradients, steps: int, image: Pixels) -> HeatMap:
    """What each pixel adds to the logit on the way from black to the image."""
    values = gradients.integrated
    added, total = gradients.at_image - gradients.at_black, float(values.sum(dtype=np.float64))
    facts = [
        f"All pixels together: {formatting.number(total)}.",
        f"Logit of the image {formatting.number(gradients.at_image)} less that of black {formatting.number(gradients.at_black)}:"
        f" {formatting.number(added)}. Both should be the same; the difference is {formatting.number(total - added)}.",
    ]
    if not values.any():
        facts.append(
            "Exactly 0 everywhere: the gradient is 0 all the way." if image.any() else _BLACK
        )
    color = ", added up over red, green and blue" if image.shape[2] == 3 else ""
    return _checked(
        HeatMap(
            "Integrated gradients",
            "What each pixel adds to the logit as the image brightens from black to what it is: the"
            f" pixel times its mean gradient at {steps} steps{color}. Blue speaks for the class,"
            " orange against it.",
            "It is a comparison with a black image: a black pixel always gets 0, even where the"
            " network needs it dark, and another start gives another map.",
            tuple(facts),
            values,
            squares(range(len(values)), 1, len(values)),
            "adds",
            signed=True,
        )
    )


def grad_cam_map(gradients: Gradients, layer: Layer | None, plan: Plan) -> HeatMap:
    """The maps of a layer, weighted by what each does for the logit."""
    limit = (
        "It is no finer than its cells, and it weighs each map as a whole: what the next layers make"
        " of the place of a cell is left out."
    )
    title = "Grad-CAM"
    if layer is None or layer.receptive_field is None or gradients.cam is None:
        no_maps = "Grad-CAM needs a convolution, and this network has none."
        return HeatMap(title, "The maps of a convolution, weighted for a class.", limit, (no_maps,))
    name, units, side = formatting.layer_title(layer), layer.output_shape[0], plan.image_shape[0]
    field = layer.receptive_field
    facts = [
        f"Each of the {units} × {units} cells sees {field.size} × {field.size} pixels, the next cell"
        f" {field.step} further on. Dots on the image: their centers."
    ]
    if not gradients.cam.any():
        facts.append(
            f"Exactly 0 everywhere: the weighted maps of {name} add up to nothing positive for this"
            " class."
        )
    return _checked(
        HeatMap(
            title,
            f"The {layer.output_shape[2]} maps of {name}, each times the mean slope of the logit with"
            " its cells, added up; what is negative is set to 0.",
            limit,
            tuple(facts),
            gradients.cam,
            receptive(field, units, side),
            "weighted sum",
            grid=f"{name} as it is: {units} × {units}",
        )
    )


def _pixels(word: str, span: tuple[int, int]) -> str:
    first, after = span
    return f"{word} {after}" if after - first == 1 else f"{word}s {first + 1}–{after}"


def _checked(heat_map: HeatMap) -> HeatMap:
    """With only a word on it where values have grown beyond all numbers."""
    assert heat_map.values is not None
    broken = int((~np.isfinite(heat_map.values)).sum())
    if not broken:
        return heat_map
    fact = (
        f"{broken} of {heat_map.values.size} values are not finite numbers; they are drawn in pink."
    )
    return replace(heat_map, facts=(fact,))
