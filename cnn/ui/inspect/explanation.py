"""Why this class, or why not another? Four maps of what logits depend on; `explanation.md` has the text."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from cnn.arrays import Array, Pixels
from cnn.inspection.explain.attribution import Gradients, attribution, explained_layers
from cnn.inspection.explain.occlusion import Occlusion, occlusion
from cnn.inspection.explain.target import Target, class_logits
from cnn.inspection.map_geometry import Cells, receptive, squares
from cnn.network.layers import Layer
from cnn.network.plan import Plan
from cnn.ui.common import formatting
from cnn.ui.common.choices import choice_box
from cnn.ui.common.glossary import definition
from cnn.ui.common.prose import read_sections
from cnn.ui.common.waiting import when_there
from cnn.ui.components.heat_map import HeatMap, heat_maps, message
from cnn.ui.inspect.view import InspectionView, show_difference
from cnn.ui.state.session import Session

_TEXT = read_sections(__file__)

_STEPS = (8, 16, 32, 64, 128, 256, 512)


def explanation(session: Session, view: InspectionView) -> None:
    """Choose a class, or two to compare, and see in four ways which pixels decide."""
    _TEXT.caption("about")
    logits = class_logits(view.outputs["logits"])[0]
    if not np.isfinite(logits).all():
        st.warning(_TEXT.text("diverged"), icon=":material/warning:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        target = _target(view, logits)
        size = _square(view.plan.image_shape[0])
        label, help = "Steps of integration", _TEXT.text("steps")
        steps = st.select_slider(
            label, _STEPS, 64, key="why-steps", persist_state="session", help=help, width=160
        )
        layer = _layer(view)
    st.markdown(_question(view, logits, target))
    other = target.other if len(logits) > 2 else 1 - target.number
    if other is not None:
        asked = session, view.plan, target.number, other
        label = "Show the sum that makes this difference"
        st.button(label, icon=":material/receipt_long:", on_click=show_difference, args=asked)
    image, name = view.subject.pixels, layer.name if layer else None
    gradients = view.ask("gradients", attribution, target, steps, name)
    hidden = view.ask("hidden parts", occlusion, size)

    def show(gradients: Gradients, occluded: Occlusion) -> None:
        classes, words = view.data.classes, words_for(target, view.data.classes)
        maps = [
            occlusion_map(occluded, target, classes, image),
            saliency_map(gradients, words),
            integrated_gradients_map(gradients, words, steps, image),
            grad_cam_map(gradients, words, layer, view.plan),
        ]
        heat_maps(message(image, maps, classes), key="explanation")

    hiding = "Hiding one part of the image after another"
    following = "Following the gradients back to the image"
    when_there(gradients, following, lambda one: when_there(hidden, hiding, partial(show, one)))


def _target(view: InspectionView, logits: Array) -> Target:
    """The class to explain, and the class that it is compared with, if any."""
    # The label of the first does not say which class it is: a label must not change while shown.
    names = {-1: "The network's prediction", **dict(enumerate(view.data.classes))}
    key, help = f"why-class-{view.run.id}", definition("logit")
    chosen = choice_box("Explain the logit of", names, key, help=help, width=210)
    number = int(logits.argmax()) if chosen == -1 else chosen
    if view.plan.network.output == "sigmoid":  # its logit compares the two classes already
        return Target(number)
    names = {**names, -1: "No other class"}
    del names[number]
    help = _TEXT.text("compared")
    other = choice_box("Compared with", names, f"why-other-{view.run.id}", help=help)
    return Target(number, None if other == -1 else other)


def _square(side: int) -> int:
    """The side of the square that hides a part of an image of `side` pixels."""
    largest = side // 3
    if largest < 2:
        return 1
    start, key, help = round(side / 7), f"why-square-{side}", _TEXT.text("square")
    kept: dict[str, Any] = {"persist_state": "session", "width": 160}
    return st.slider("Hiding square", 1, largest, start, 1, "%d px", key, help, **kept)


def _layer(view: InspectionView) -> Layer | None:
    """The layer whose maps Grad-CAM weighs; None if the network has no convolution."""
    layers = explained_layers(view.plan)
    if not layers:
        return None
    titles = {layer.name: formatting.layer_title(layer) for layer in layers}
    chosen = choice_box("Grad-CAM of", titles, f"why-layer-{view.run.id}", len(layers) - 1)
    return view.plan.layer(chosen)


def _question(view: InspectionView, logits: Array, target: Target) -> str:
    """What is explained, what the network predicts, and what is true."""
    classes = list(map(formatting.escaped, view.data.classes))
    predicted, label = int(logits.argmax()), view.subject.label
    numbers: dict[str, object] = {
        "target": classes[target.number],
        "logit": logits[target.number],
        "prediction": classes[predicted],
        "largest": logits[predicted],
        "next": np.delete(logits, predicted).max(),
        "difference": float(target.score(logits)),
    }
    asked = "prediction" if target.number == predicted else "other"
    if target.other is not None:
        asked = "compared"
        numbers |= {"other": classes[target.other], "second": logits[target.other]}
    question = _TEXT.text_from(f"asked/{asked}", **numbers)
    if label is None:
        return question
    if label == target.number and target.other is None:
        return _TEXT.text("asked/correct", asked=question)
    return _TEXT.text("asked/wrong", asked=question, actual=classes[label])


@dataclass(frozen=True)
class Words:
    """What the cards call a score: `it` in one word, `score` in full; what blue and orange do."""

    it: str
    score: str
    blue: str
    orange: str


def words_for(target: Target, classes: tuple[str, ...]) -> Words:
    """What the cards call the score of `target`."""
    names, it = {"name": classes[target.number]}, "logit"
    if target.other is not None:
        names["other"], it = classes[target.other], "difference"
    parts = ("score/", "blue/", "orange/")
    return Words(it, *(_TEXT.text(f"{part}{it}", **names) for part in parts))


def occlusion_map(
    occluded: Occlusion, target: Target, classes: tuple[str, ...], image: Pixels
) -> HeatMap:
    """How far the score of a target falls when a square of the image is hidden."""
    drops, words = occluded.drops(target), words_for(target, classes)
    cells = squares(occluded.starts, occluded.size, image.shape[0])
    whole = float(target.score(occluded.whole))
    facts = [_TEXT.text("occlusion/places", places=drops.size, it=words.it, whole=whole)]
    if not drops.any():
        same = _TEXT.text("occlusion/same", it=words.it)
        facts.append(same if image.any() else _TEXT.text("black"))
    elif drops.max() > 0:
        row, column = np.unravel_index(np.nanargmax(drops), drops.shape)
        down, across = _pixels("row", cells.spans[row]), _pixels("column", cells.spans[column])
        facts.append(_TEXT.text("occlusion/falls", drop=drops.max(), row=down, column=across))
    else:
        facts.append(_TEXT.text("occlusion/never_falls"))
    prediction = classes[int(occluded.whole.argmax())]
    changes = int(occluded.changes.sum())
    section = "occlusion/changes" if changes else "occlusion/stays"
    facts.append(_TEXT.text_from(section, prediction=prediction, count=changes))
    card = _TEXT.text("occlusion/card", size=occluded.size, score=words.score)
    about = {
        "ends": (words.orange, words.blue),
        "details": (("to", target.score(occluded.hidden)),),
        "marks": np.where(occluded.changes, occluded.answers, -1),
        "marked": "the prediction becomes",
    }
    return _card(card, facts, drops, cells, f"{words.it} falls by", **about)


def saliency_map(gradients: Gradients, words: Words) -> HeatMap:
    """How much a tiny change of each pixel would change the score."""
    values, gradient = gradients.saliency, gradients.gradient
    color = gradient.shape[2] == 3
    channels = formatting.COLORS if color else ("signed",)
    if values.any():
        row, column = np.unravel_index(values.argmax(), values.shape)
        slope = values[row, column]
        fact = _TEXT.text("saliency/largest", row=row + 1, column=column + 1, slope=slope)
    else:
        fact = _TEXT.text("saliency/zero", it=words.it)
    card = _TEXT.text_from(f"saliency/{'color' if color else 'gray'}", **vars(words))
    cells = squares(range(len(values)), 1, len(values))
    details = tuple((one, gradient[..., at]) for at, one in enumerate(channels))
    return _card(card, [fact], values, cells, "slope", details=details)


def integrated_gradients_map(
    gradients: Gradients, words: Words, steps: int, image: Pixels
) -> HeatMap:
    """What each pixel adds to the score on the way from black to the image."""
    values, added = gradients.integrated, gradients.at_image - gradients.at_black
    total = float(values.sum(dtype=np.float64))
    check = {"gradients": gradients, "it": words.it, "added": added, "error": total - added}
    facts = [_TEXT.text("integrated/sum", total=total), _TEXT.text("integrated/check", **check)]
    if not values.any():
        facts.append(_TEXT.text("integrated/zero" if image.any() else "black"))
    kind = "color" if image.shape[2] == 3 else "gray"
    card = _TEXT.text_from(f"integrated/{kind}", steps=steps, **vars(words))
    cells, ends = squares(range(len(values)), 1, len(values)), (words.orange, words.blue)
    return _card(card, facts, values, cells, "adds", ends=ends)


def grad_cam_map(gradients: Gradients, words: Words, layer: Layer | None, plan: Plan) -> HeatMap:
    """The maps of a layer, weighted by what each does for the score."""
    if layer is None or layer.receptive_field is None or gradients.cam is None:
        title, what, limit = _TEXT.text("grad_cam/none").split("\n\n")
        return HeatMap(title, what, limit, (_TEXT.text("grad_cam/needs"),))
    name, field = formatting.layer_title(layer), layer.receptive_field
    side, _, maps = layer.output_shape
    facts = [_TEXT.text("grad_cam/cells", cells=side, field=field.size, step=field.step)]
    if not gradients.cam.any():
        facts.append(_TEXT.text("grad_cam/zero", layer=name, it=words.it))
    card = _TEXT.text("grad_cam/card", maps=maps, layer=name, it=words.it)
    cells, grid = receptive(field, side, plan.image_shape[0]), f"{name} as it is: {side} × {side}"
    return _card(card, facts, gradients.cam, cells, "weighted sum", grid=grid)


def _pixels(word: str, span: tuple[int, int]) -> str:
    first, after = span
    return f"{word} {after}" if after - first == 1 else f"{word}s {first + 1}–{after}"


def _card(
    text: str, facts: list[str], values: Array, cells: Cells, measure: str, **more: Any
) -> HeatMap:
    """A map with its text and facts; where values are not finite, that is the only fact."""
    title, _, rest = text.partition("\n\n")
    what, _, limit = rest.rpartition("\n\n")  # in between, a class's name may have any letters
    if broken := int((~np.isfinite(values)).sum()):
        facts = [_TEXT.text("broken", count=broken, cells=values.size)]
    return HeatMap(title, what, limit, tuple(facts), values, cells, measure, **more)
