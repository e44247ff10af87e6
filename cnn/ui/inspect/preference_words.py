"""What a filter or unit looks for, in sentences."""

import numpy as np

from cnn.data.split import ChosenData
from cnn.inspection.features.maximization import STEP, STEPS, Ascent
from cnn.inspection.features.preference import SHOWN, Extremes, Preference
from cnn.inspection.units import Unit
from cnn.network.layers import Layer
from cnn.ui.common import formatting


def kind(layer: Layer) -> str:
    """What the numbers of a layer belong to: "map" or "unit"."""
    return "map" if len(layer.output_shape) == 3 else "unit"


def numbered(layer: Layer, channel: int, classes: tuple[str, ...]) -> str:
    """The number of a map or unit, from 1, with the class if it is one's: "3", "3: Bag"."""
    a_class = layer.name == "logits" and layer.output_shape[-1] == len(classes)
    return f"{channel + 1}: {classes[channel]}" if a_class else str(channel + 1)


def sight(layer: Layer, hatched: bool) -> str:
    """What a cell or unit of the layer sees, as the patches show it."""
    field = layer.receptive_field
    if field is None:
        return "A unit of this layer sees the whole image."
    outside = " Hatched parts lie outside of what there is to see: padding." if hatched else ""
    return (
        f"Each picture is all that one cell of the map sees: its receptive field,"
        f" {field.size} × {field.size} pixels.{outside}"
    )


def oddity(preference: Preference, layer: Layer, channel: int) -> str | None:
    """Why this map or unit has no preference; None if it has one."""
    one, count = kind(layer), formatting.thousands(preference.images)
    if broken := preference.broken[channel]:
        return (
            f"On {formatting.thousands(broken)} of the {count} test images this {one} gives a value that"
            " is infinite or not a number: the weights have diverged. Look at an earlier epoch, or"
            " train again with a smaller learning rate."
        )
    if preference.is_dead(channel):
        what = "filter gives 0 everywhere on" if one == "map" else "unit gives 0 on"
        return f"This {what} all {count} test images: it is dead."
    if preference.is_constant(channel):
        value = formatting.number(preference.most.values[channel, 0])
        return f"This {one} gives {value} on all {count} test images: no image excites it more than another."
    return None


def tie(extremes: Extremes, channel: int, images: int) -> str | None:
    """That more images share the most extreme value than are shown; None if they do not."""
    tied = int(extremes.tied[channel])
    if tied <= SHOWN:
        return None
    return (
        f"{formatting.thousands(tied)} of the {formatting.thousands(images)} test images share the value"
        f" {formatting.number(extremes.values[channel, 0])}; these are the first {SHOWN} of them."
    )


def answered(preference: Preference, layer: Layer, channel: int, classes: tuple[str, ...]) -> str:
    """The classes it answers to most and least, and how often it is silent."""
    means = preference.class_means[:, channel]
    high, low = int(means.argmax()), int(means.argmin())
    sentence = (
        f"It answers most to **{formatting.escaped(classes[high])}** (mean {formatting.number(means[high])}) and least to"
        f" **{formatting.escaped(classes[low])}** (mean {formatting.number(means[low])})."
    )
    zeros = preference.zeros[channel]
    return (
        f"{sentence} {formatting.percent(zeros)} of its values are exactly 0."
        if zeros
        else sentence
    )


def climbed(layer: Layer, unit: Unit, classes: tuple[str, ...]) -> str:
    """The number that gradient ascent raises."""
    number = formatting.escaped(numbered(layer, unit.channel, classes))
    name = f"{formatting.layer_title(layer)}, {kind(layer)} {number}"
    if unit.row is None or unit.column is None:
        return name
    return f"{name}, the cell in the middle (row {unit.row + 1}, column {unit.column + 1})"


def ended(ascent: Ascent) -> str:
    """How the ascent went and why it stopped."""
    made = len(ascent.values) - 1
    first, last = formatting.number(ascent.values[0]), formatting.number(ascent.values[ascent.best])
    if ascent.end == "broken" and made == 0:
        return (
            "The value or its gradient is infinite or not a number at the start: the weights have"
            " diverged, and there is no direction to go."
        )
    if ascent.end == "flat" and made == 0:
        return (
            f"The gradient is 0 for every pixel: no small change of this start moves the value from"
            f" {first}. Try the other start."
        )
    why = {
        "steps": "",
        "corner": "; no pixel that matters can go any further",
        "flat": "; there the gradient is 0",
        "broken": "; then it is not a number any more",
    }[ascent.end]
    at = "" if ascent.best == made else f" The picture is that of step {ascent.best}, the highest."
    return f"The value went from **{first}** to **{last}** in {formatting.counted(made, 'step')}{why}.{at}"


def method(what: str, before: bool, start: str) -> str:
    """What is done, from where, in which steps; `before`: not to the chosen layer's own value."""
    why = ", before activation and pooling, which can leave no slope to climb" if before else ""
    return (
        f"Gradient ascent on the input raises one number: **{what}**{why}. It starts from {start} and"
        f" makes at most {STEPS} steps. Each adds the gradient, scaled so that the pixels that matter"
        f" move by {STEP} on average, and keeps every pixel between 0 and 1."
    )


def compared(ascent: Ascent, preference: Preference, climbed: Unit, data: ChosenData) -> str | None:
    """How the result stands against the test image with the largest value of the same map or unit.

    None where the numbers are not finite.
    """
    reached = float(ascent.values[ascent.best])
    if preference.broken[climbed.channel] or not np.isfinite(reached):
        return None
    best = float(preference.most.values[climbed.channel, 0])
    image = int(data.test[preference.most.images[climbed.channel, 0]])
    name = formatting.escaped(data.classes[data.labels[image]])
    where = " in the strongest cell of the map" if climbed.row is not None else ""
    theirs = (
        f"Of {formatting.thousands(preference.images)} test images the best, image {image} ({name}), reaches"
        f" {formatting.number(best)}{where}"
    )
    if reached > best:
        return f"{theirs}; this input reaches {formatting.number(reached)}."
    why = {
        "steps": " The steps ran out before;",
        "corner": " The ascent stopped on a lower hill;",
        "flat": " The ascent stopped on a lower hill;",
        "broken": " The numbers broke off before;",
    }[ascent.end]
    return (
        f"{theirs}; this input reaches only {formatting.number(reached)}.{why} from another start it may"
        " get higher."
    )
