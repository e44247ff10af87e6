"""The four maps that explain an answer, each with what it is, what it is not and what it says."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cnn.inspection.explain.explanation import Gradients
from cnn.inspection.explain.occlusion import Occlusion
from cnn.inspection.map_geometry import receptive, squares
from cnn.network.layers import Layer
from cnn.network.plan import Plan
from cnn.ui.common import formatting
from cnn.ui.components.heat_map import HeatMap

Array = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_BLACK = "The image is black, just as what it is compared with: nothing is left to explain."


def occlusion_map(found: Occlusion, target: int, classes: tuple[str, ...], image: Pixels) -> HeatMap:
    """How far the logit of a class falls when a square of the image is hidden."""
    side, size, name = image.shape[0], found.size, classes[target]
    drops = found.drops(target)
    cells = squares(found.starts, size, side)
    changed = int(found.changes.sum())
    answer = classes[int(found.whole.argmax())]
    facts = [
        f"{drops.size} places of the square; logit with nothing hidden {formatting.number(found.whole[target])}."
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
            details=(("to", found.hidden[..., target]),),
            marks=np.where(found.changes, found.answers, -1),
            marked="the answer becomes",
        )
    )


def saliency_map(found: Gradients, name: str) -> HeatMap:
    """How much a tiny change of each pixel would change the logit."""
    values, gradient = found.saliency, found.gradient
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


def integrated_gradients_map(found: Gradients, steps: int, image: Pixels) -> HeatMap:
    """What each pixel adds to the logit on the way from black to the image."""
    values = found.integrated
    added, total = found.at_image - found.at_black, float(values.sum(dtype=np.float64))
    facts = [
        f"All pixels together: {formatting.number(total)}.",
        f"Logit of the image {formatting.number(found.at_image)} less that of black {formatting.number(found.at_black)}:"
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


def grad_cam_map(found: Gradients, layer: Layer | None, plan: Plan) -> HeatMap:
    """The maps of a layer, weighted by what each does for the logit."""
    limit = (
        "It is no finer than its cells, and it weighs each map as a whole: what the next layers make"
        " of the place of a cell is left out."
    )
    title = "Grad-CAM"
    if layer is None or layer.receptive_field is None or found.cam is None:
        no_maps = "Grad-CAM needs a convolution, and this network has none."
        return HeatMap(title, "The maps of a convolution, weighted for a class.", limit, (no_maps,))
    name, units, side = formatting.layer_title(layer), layer.output_shape[0], plan.image_shape[0]
    field = layer.receptive_field
    facts = [
        f"Each of the {units} × {units} cells sees {field.size} × {field.size} pixels, the next cell"
        f" {field.step} further on. Dots on the image: their centers."
    ]
    if not found.cam.any():
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
            found.cam,
            receptive(field, units, side),
            "weighted sum",
            grid=f"{name} as it is: {units} × {units}",
        )
    )


def _pixels(word: str, span: tuple[int, int]) -> str:
    first, after = span
    return f"{word} {after}" if after - first == 1 else f"{word}s {first + 1}–{after}"


def _checked(one: HeatMap) -> HeatMap:
    """With only a word on it where values have grown beyond all numbers."""
    assert one.values is not None
    broken = int((~np.isfinite(one.values)).sum())
    if not broken:
        return one
    fact = f"{broken} of {one.values.size} values are not finite numbers; they are drawn in pink."
    return replace(one, facts=(fact,))
