"""Units that are dead, filters that are rarely active, activations that are saturated."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cnn.evaluation.health.finding import (
    Bars,
    Check,
    Finding,
    HealthInput,
    Remedy,
    listed,
    percent,
    title,
    untold,
    with_activation,
)
from cnn.inspection.features.saturation import NEAR, RANGES, Activity, activities
from cnn.inspection.units import Unit, to_text
from cnn.network.layers import Layer
from cnn.network.plan import Plan
from cnn.network.spec import Activation
from cnn.statistics import wilson

SAMPLE = 500
"""Test images that are looked at: what none of them wakes, 95 % sure, fewer than 1 in 100 would."""

RARE = 0.01
"""A filter above 0 on fewer of its cells gives the layers behind it next to nothing to work with."""

SATURATED = 0.5
"""A layer with a larger share of its values near the ends passes little of most gradients back."""

LEAK = Activation("leaky_relu", 0.1)
"""What is put in the place of a ReLU with dead units: below 0 it passes a tenth."""

DEAD_NAME, RARE_NAME, SATURATED_NAME = "Dead units", "Rarely active filters", "Saturation"


def sample(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The test images to look at: `SAMPLE` of them, or all, evenly taken."""
    places = np.linspace(0, len(numbers) - 1, min(SAMPLE, len(numbers)))
    return numbers[places.round().astype(np.int64)]


def measured(
    plan: Plan, weights: NDArray[np.float32], images: NDArray[np.uint8]
) -> dict[str, Activity]:
    """The activity on these images, none where weights are not finite; see `Patient`."""
    return activities(plan, weights, images) if np.isfinite(weights).all() else {}


def dead(patient: HealthInput) -> Check:
    """Units behind a ReLU that are 0 everywhere on every image."""
    layers = list(_layers(patient, "relu"))
    if not layers:
        return untold(DEAD_NAME, "There is no ReLU; only a ReLU can die.")
    findings = tuple(_dead(patient, layer, one) for layer, one in layers if one.dead.any())
    units = sum(len(one.dead) for _, one in layers)
    images = layers[0][1].images
    return Check(
        DEAD_NAME,
        f"Each of the {units} maps and units behind a ReLU was above 0 for at least one of"
        f" {images} test images.",
        findings,
    )


def rare(patient: HealthInput) -> Check:
    """Filters behind a ReLU that are above 0 on very few cells, but on some."""
    layers = [(layer, one) for layer, one in _layers(patient, "relu") if one.cells > 1]
    if not layers:
        return untold(RARE_NAME, "There is no map behind a ReLU; others are hardly ever 0.")
    findings = tuple(_rare(patient, layer, one) for layer, one in layers if _rarely(one).any())
    least = min(float(_awake(one).min()) for _, one in layers)
    return Check(
        RARE_NAME,
        f"Of every filter that is not dead at least {percent(RARE, 0)} of the cells were above 0"
        f" (the least: {percent(least)}).",
        findings,
    )


def saturated(patient: HealthInput) -> Check:
    """Sigmoid and tanh activations most of whose values are near an end of their range."""
    layers = [*_layers(patient, "sigmoid"), *_layers(patient, "tanh")]
    if not layers:
        return untold(
            SATURATED_NAME,
            "There is no sigmoid or tanh within the network; only these are flat at both ends.",
        )
    findings = tuple(
        _saturated(patient, layer, one) for layer, one in layers if one.saturated.mean() > SATURATED
    )
    most = max(float(one.saturated.mean()) for _, one in layers)
    return Check(
        SATURATED_NAME,
        f"In no layer more than half of the values lay near an end (the most: {percent(most)}).",
        findings,
    )


def _layers(patient: HealthInput, name: str) -> Iterator[tuple[Layer, Activity]]:
    for layer_name, one in patient.activity.items():
        layer = patient.plan.layer(layer_name)
        if isinstance(layer.operation, Activation) and layer.operation.name == name:
            yield layer, one


def _awake(one: Activity) -> NDArray[np.float64]:
    """The share of cells above 0 of every filter that is not dead; 1 where all are dead."""
    living = 1 - one.zero[~one.dead]
    return living if len(living) else np.ones(1)


def _rarely(one: Activity) -> NDArray[np.bool_]:
    return (1 - one.zero < RARE) & ~one.dead


def _bars(layer: Layer, values: NDArray[np.float64], ill: NDArray[np.bool_]) -> Bars:
    maps = len(layer.output_shape) == 3
    return Bars(
        "filter" if maps else "unit",
        tuple(str(number + 1) for number in range(len(values))),
        tuple(values.tolist()),
        "share of its cells above 0" if maps else "share of images for which it is above 0",
        tuple(ill.tolist()),
        RARE,
    )


def _told(one: Activity, number: int) -> str:
    return f"filter {number + 1} on {percent(1 - one.zero[number], 2)}"


def _look(patient: HealthInput, layer: Layer, number: int) -> Remedy:
    what = "filter" if len(layer.output_shape) == 3 else "unit"
    unit = to_text(Unit(layer.name, number), patient.plan)
    return Remedy(f"Look at {what} {number + 1}", "Inspect", unit=unit)


def _dead(patient: HealthInput, layer: Layer, one: Activity) -> Finding:
    numbers = np.flatnonzero(one.dead)
    what = ("filter" if one.cells > 1 else "unit") + ("s" if len(numbers) > 1 else "")
    leaky = with_activation(patient.run.job.network, layer, LEAK)
    _, most = wilson(0, one.images)
    return Finding(
        "dead",
        f"{len(numbers)} dead {what} in {title(layer)}",
        f"Of the {len(one.dead)} of {title(layer)}, {what} {listed([str(n + 1) for n in numbers])}"
        f" {'were' if len(numbers) > 1 else 'was'} never above 0 on {one.images} test images (so on"
        f" fewer than {percent(most)} of such images, 95\u202f% sure).",
        "A ReLU below 0 has slope 0: what no training image wakes gets no gradient, so its own weights"
        " stay as they are, carried along for nothing; only a change in the layers before it could"
        " wake it. It often comes of too large a step early in the training. Leaky ReLU lets a little"
        " through below 0.",
        _bars(layer, 1 - one.zero, one.dead),
        (
            Remedy(f"Put Leaky ReLU into {title(layer)}", "Build", network=leaky),
            _look(patient, layer, int(numbers[0])),
        ),
    )


def _rare(patient: HealthInput, layer: Layer, one: Activity) -> Finding:
    ill = _rarely(one)
    numbers = np.flatnonzero(ill)
    what = "filters" if len(numbers) > 1 else "filter"
    least = numbers[np.argmin(1 - one.zero[numbers])]
    return Finding(
        "rare",
        f"{len(numbers)} rarely active {what} in {title(layer)}",
        f"In {title(layer)}, {listed([_told(one, int(n)) for n in numbers])}: that is the share of cells"
        f" above 0 over {one.images} test images, below {percent(RARE, 0)}.",
        "It may have found something rare that matters, or be nearly dead. What it costs to switch"
        " it off tells which: Inspect ranks the filters by that.",
        _bars(layer, 1 - one.zero, ill),
        (_look(patient, layer, int(least)),),
    )


def _saturated(patient: HealthInput, layer: Layer, one: Activity) -> Finding:
    assert isinstance(layer.operation, Activation)
    name = layer.operation.name
    low, high = RANGES[name]
    top = {"sigmoid": 0.25, "tanh": 1.0}[name]
    bars = replace(
        _bars(layer, one.saturated, one.saturated > SATURATED),
        measure="share of its values near an end",
        threshold=SATURATED,
    )
    return Finding(
        "saturated",
        f"{title(layer)}: the {name} is saturated",
        f"{percent(one.saturated.mean(), 0)} of the values of {title(layer)} lie within"
        f" {percent(NEAR, 0)} of an end of the range from {low} to {high}, over {one.images} test"
        f" images. The mean slope there is {one.slope.mean():.3f} of at most {top:g}.",
        "Near its ends the curve is flat, and gradients are multiplied by its slope on their way"
        " back: the layers before learn slowly. At the end of a training it can also just mean that"
        " the units have made up their minds. ReLU is not flat above 0.",
        bars,
        (
            Remedy(
                f"Put ReLU into {title(layer)}",
                "Build",
                network=with_activation(patient.run.job.network, layer, Activation("relu")),
            ),
        ),
    )
