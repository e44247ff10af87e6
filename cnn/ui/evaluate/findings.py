"""What the health checks measured, in words: a sentence per check, and a card per finding."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cnn.evaluation.health.activity import RARE, SATURATED
from cnn.evaluation.health.classes import UNEVEN
from cnn.evaluation.health.history import RISE
from cnn.evaluation.health.kernels import SIMILAR
from cnn.evaluation.health.measurements import (
    Cause,
    ClassBalance,
    DeadUnits,
    FiniteWeights,
    GradientLines,
    GradientSizes,
    HealthInput,
    LayerUnits,
    Measurement,
    Memorizing,
    NearDuplicates,
    NotApplicable,
    Progress,
    RareFilters,
    Saturation,
    SimilarPairs,
    WeightMovement,
)
from cnn.evaluation.health.signals import APART, HARDLY
from cnn.inspection.features.saturation import NEAR
from cnn.network.layers import Convolution
from cnn.network.spec import Activation
from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.common.formatting import percent, thousands
from cnn.ui.evaluate import remedies
from cnn.ui.evaluate.remedies import Remedy, layer_name, unit_kind


@dataclass(frozen=True)
class Bars:
    """A bar per item; those `flagged` are what the finding is about.

    `threshold` is the value from which items are flagged. Values are shown as percent with `share`,
    on a logarithmic axis with `logarithmic`.
    """

    of: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    measure: str
    flagged: tuple[bool, ...]
    threshold: float
    share: bool = True
    logarithmic: bool = False


@dataclass(frozen=True)
class Curve:
    """The run's own curve of loss or accuracy, with an epoch to point out."""

    measure: Literal["loss", "accuracy"]
    marked: int


@dataclass(frozen=True)
class Finding:
    """Something that may be wrong: `sentence` gives the numbers, `meaning` the consequence."""

    title: str
    sentence: str
    meaning: str
    evidence: Bars | SimilarPairs | GradientLines | Curve
    remedies: tuple[Remedy, ...]


_NAMES: dict[type, str] = {
    FiniteWeights: "Finite weights",
    Progress: "Progress",
    DeadUnits: "Dead units",
    RareFilters: "Rarely active filters",
    Saturation: "Saturation",
    NearDuplicates: "Near-duplicate kernels",
    WeightMovement: "Weight movement",
    GradientSizes: "Gradient sizes",
    Memorizing: "Memorizing",
    ClassBalance: "Class balance",
}

_SKIPPED = {
    "no_relu": "There is no ReLU. Only a ReLU can die.",
    "no_relu_maps": "There is no convolution with ReLU. Other maps are hardly ever 0.",
    "no_saturating_activation": "There is no sigmoid or tanh inside the network.",
    "no_convolution": "There is no convolution, so there are no kernels to compare.",
    "kernels_too_small": "The kernels are so small that random ones would often be similar.",
    "untrained": "At epoch 0 nothing has been learned yet.",
    "no_start": "The weights of epoch 0 were not saved, so their movement is unknown.",
    "no_gradients": "This run was trained before gradients were recorded. Train it again to see them.",
    "single_layer": "Only one layer learns, so there is nothing to compare.",
    "too_few_steps": "The weights were updated too rarely to tell.",
}

_CAUSES: dict[Cause, str] = {
    "steps_too_large": "The weights moved far, and now layers are stuck. The learning rate was"
    " probably too high.",
    "steps_too_small": "The weights hardly moved from their start. The learning rate is probably too"
    " low.",
    "blocked_gradient": "Almost no gradient reaches the first layers, so they cannot learn.",
    "unknown": "",
}


def check_name(measured: Measurement | NotApplicable) -> str:
    """What a check is called."""
    return _NAMES[measured.check if isinstance(measured, NotApplicable) else type(measured)]


def summary(measured: Measurement | NotApplicable, given: HealthInput) -> str:
    """What a check without a finding measured, in a sentence or two."""
    match measured:
        case NotApplicable(_, reason):
            return _SKIPPED[reason]
        case FiniteWeights():
            return f"All {thousands(given.plan.parameters)} weights are finite."
        case Progress():
            return (
                f"After {thousands(measured.steps)} weight updates, the validation loss is"
                f" {measured.loss:.3f}. Equal probabilities would give {measured.equal_shares:.3f}."
            )
        case DeadUnits():
            return _dead_summary(measured)
        case RareFilters(layers):
            least = min(
                float((1 - one.activity.zero[~one.activity.dead]).min(initial=1)) for one in layers
            )
            return (
                f"Every filter that is not dead is above 0 in at least {percent(RARE, 0)} of its"
                f" cells. The least active one: {percent(least)}."
            )
        case Saturation():
            return _saturation_summary(measured)
        case NearDuplicates():
            if measured.closest is None:
                return "No convolution has two filters to compare."
            return (
                f"No two kernels of a layer have a cosine above {SIMILAR:g}. The closest pair:"
                f" {measured.closest:.2f}."
            )
        case WeightMovement(layers, movements):
            least_at = int(np.argmin(movements))
            return (
                f"Every layer moved by at least {percent(HARDLY, 0)} of its size since epoch 0."
                f" {layer_name(layers[least_at])} moved least: {percent(movements[least_at], 0)}."
            )
        case GradientSizes(lines):
            return (
                f"In epoch {given.epoch} no layer's gradient was {APART:g} times smaller or larger than"
                f" that of {layer_name(lines.layers[-1])}."
            )
        case Memorizing():
            return _memorizing_summary(measured)
        case ClassBalance(counts):
            few, many = (thousands(one) for one in (min(counts), max(counts)))
            if few == many:
                return f"Every class has {many} training images."
            return f"The classes have {few} to {many} training images each."


def findings(measured: Measurement | NotApplicable, given: HealthInput) -> Iterator[Finding]:
    """The findings of one check, none where it is fine."""
    match measured:
        case FiniteWeights() if measured.flagged:
            yield _diverged(measured, given)
        case Progress(kind=kind) if kind is not None:
            yield _progress(measured, given)
        case DeadUnits():
            yield from (_dead(measured.cause, given, one) for one in measured.flagged)
        case RareFilters():
            yield from (_rare(given, one) for one in measured.flagged)
        case Saturation():
            yield from (_saturated(measured.cause, given, one) for one in measured.flagged)
        case NearDuplicates():
            yield from (_duplicates(measured.cause, given, one) for one in measured.flagged)
        case WeightMovement() if any(measured.flagged):
            yield _unmoved(measured, given)
        case GradientSizes():
            if measured.vanishing is not None:
                yield _vanishing(measured, given, measured.vanishing)
            if measured.exploding is not None:
                yield _exploding(measured, given, measured.exploding)
        case Memorizing(flagged=flagged) if flagged is not None:
            yield _memorizing(measured, given)
        case ClassBalance() if any(measured.flagged):
            yield _imbalance(measured, given)


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names in a row: "1, 4 and 7"; of too many the first, and how many more there are."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _because(cause: Cause, meaning: str) -> str:
    return f"{meaning} {_CAUSES[cause]}".strip()


def _diverged(measured: FiniteWeights, given: HealthInput) -> Finding:
    told = [
        f"{percent(share, 0)} of {layer_name(layer)}"
        for layer, share in zip(measured.layers, measured.lost, strict=True)
        if share
    ]
    rate = given.run.job.settings.learning_rate(max(1, given.epoch))
    return Finding(
        "The training has diverged",
        f"After epoch {given.epoch} these weights are infinite or not a number: {listed(told)}.",
        "A step was probably so large that the loss overflowed. No later step can repair that. The"
        f" learning rate was {rate:g}.",
        Bars(
            "layer",
            tuple(map(layer_name, measured.layers)),
            measured.lost,
            "share of lost weights",
            tuple(share > 0 for share in measured.lost),
            0.0,
        ),
        (remedies.slower(given),),
    )


def _progress(measured: Progress, given: HealthInput) -> Finding:
    curve = Curve("loss", given.epoch)
    if measured.kind == "random_labels":
        return Finding(
            "What it learns does not carry over",
            f"It predicts {percent(measured.accuracy)} of its training images correctly, but only"
            f" {percent(measured.validation_accuracy)} of the test images. Always naming the largest"
            f" class would get {percent(measured.guessing)}.",
            "The labels may not belong to the images, for example after only one of the two was"
            " sorted. Look at some images with their labels.",
            Curve("accuracy", given.epoch),
            (remedies.CHECK_LABELS,),
        )
    numbers = (
        f"After {thousands(measured.steps)} weight updates, the validation loss is"
        f" {measured.loss:.3f}."
    )
    if measured.kind == "slow":
        return Finding(
            "It learns slowly",
            f"{numbers} It fell nearly as fast in the second half of the epochs as in the first.",
            "The loss has not begun to level off. A higher learning rate or more epochs would get"
            " further.",
            curve,
            (remedies.faster(given),),
        )
    offered = remedies.for_cause(given, measured.cause)
    meaning = _CAUSES[measured.cause]
    if not offered:
        meaning = (
            "The weights moved, and no layer is dead or saturated. Check whether the labels belong to"
            " the images."
        )
        offered = (remedies.CHECK_LABELS,)
    return Finding(
        "It has not learned anything yet",
        f"{numbers} Giving each of {len(given.classes)} classes the same probability would give"
        f" {measured.equal_shares:.3f}.",
        meaning,
        curve,
        offered,
    )


def _unit_bars(
    units: LayerUnits, values: NDArray[np.float64], measure: str, threshold: float
) -> Bars:
    return Bars(
        unit_kind(units),
        tuple(str(number + 1) for number in range(len(values))),
        tuple(values.tolist()),
        measure,
        tuple(units.units.tolist()),
        threshold,
    )


def _active_bars(units: LayerUnits) -> Bars:
    maps = len(units.layer.output_shape) == 3
    measure = "share of cells above 0" if maps else "share of images for which it is above 0"
    return _unit_bars(units, 1 - units.activity.zero, measure, RARE)


def _dead_summary(measured: DeadUnits) -> str:
    images = measured.layers[0].activity.images
    dead = [
        f"{int(one.units.sum())} of {len(one.units)} in {layer_name(one.layer)}"
        for one in measured.layers
        if one.units.any()
    ]
    if not dead:
        return f"Every unit after a ReLU is active for at least one of {images} training images."
    return (
        f"Dead for all of {images} training images: {listed(dead)}. A few dead units do no harm: the"
        " others do the work."
    )


def _dead(cause: Cause, given: HealthInput, units: LayerUnits) -> Finding:
    numbers = np.flatnonzero(units.units)
    images, kinds = units.activity.images, unit_kind(units, 2)
    _, most = wilson(0, images)
    too_large = cause == "steps_too_large"
    fix = remedies.slower(given) if too_large else remedies.leaky_relu(given, units.layer)
    return Finding(
        f"{len(numbers)} of {len(units.units)} {kinds} in {layer_name(units.layer)} are dead",
        f"They are 0 for each of {images} training images, so for fewer than {percent(most)} of such"
        " images (95% sure).",
        _because(
            cause if too_large else "unknown",
            "Where a ReLU is 0 it passes no gradient, so a dead unit cannot recover by itself.",
        ),
        _active_bars(units),
        (fix, remedies.look_at(given, units, int(numbers[0]))),
    )


def _rare(given: HealthInput, units: LayerUnits) -> Finding:
    numbers = np.flatnonzero(units.units)
    active = 1 - units.activity.zero
    least = int(numbers[np.argmin(active[numbers])])
    named = [f"filter {number + 1} ({percent(active[number], 2)})" for number in numbers]
    return Finding(
        f"{len(numbers)} rarely active {unit_kind(units, len(numbers))} in"
        f" {layer_name(units.layer)}",
        f"Above 0 in less than {percent(RARE, 0)} of the cells, over {units.activity.images} training"
        f" images: {listed(named)}.",
        "Such a filter may have found something rare that matters, or be nearly dead. On Inspect, a"
        " ranking shows what switching it off costs.",
        _active_bars(units),
        (remedies.look_at(given, units, least),),
    )


def _saturation_summary(measured: Saturation) -> str:
    most = max(measured.layers, key=lambda one: float(one.activity.saturated.mean()))
    share = percent(float(most.activity.saturated.mean()), 0)
    if measured.saturated:
        return (
            f"{share} of the values in {layer_name(most.layer)} are near an end of their range."
            " Gradients still arrive, so this is normal: its units have made up their minds."
        )
    return (
        f"In no layer are more than half of the values near an end of their range (most: {share})."
    )


def _saturated(cause: Cause, given: HealthInput, units: LayerUnits) -> Finding:
    assert isinstance(units.layer.operation, Activation)
    name = formatting.ACTIVATION_NAMES[units.layer.operation.name]
    top = {"sigmoid": 0.25, "tanh": 1.0}[units.layer.operation.name]
    title = layer_name(units.layer)
    offered = (
        remedies.for_cause(given, cause)
        if cause == "steps_too_large"
        else (remedies.relu(given, units.layer),)
    )
    return Finding(
        f"The {name.lower()} of {title} is saturated and holds learning back",
        f"{percent(float(units.activity.saturated.mean()), 0)} of its values are within"
        f" {percent(NEAR, 0)} of an end of the range. The mean slope there is"
        f" {units.activity.slope.mean():.3f}; the largest possible is {top:g}.",
        _because(
            cause if cause == "steps_too_large" else "unknown",
            "Near its ends the curve is flat and passes little gradient. The layers before it get"
            " little to learn from. ReLU is not flat above 0.",
        ),
        _unit_bars(units, units.activity.saturated, "share of values near an end", SATURATED),
        offered,
    )


def _duplicates(cause: Cause, given: HealthInput, similar: SimilarPairs) -> Finding:
    layer = similar.layer
    assert isinstance(layer.operation, Convolution) and layer.block is not None
    first, second, cosine = similar.pairs[0]
    spare = len({later for _, later, _ in similar.pairs})
    several = f"{len(similar.pairs)} pairs" if len(similar.pairs) > 1 else "1 pair"
    return Finding(
        f"{several} of near-duplicate kernels in {layer_name(layer)}",
        f"The kernels of filters {first + 1} and {second + 1} have a cosine of {cosine:.3f}. Above"
        f" {SIMILAR:g}, random kernels would have {similar.by_chance:.2g} pairs on average.",
        _because(
            cause,
            "Two filters that look for the same thing say the same thing. Fewer filters may do as well"
            " and cost less.",
        ),
        similar,
        remedies.for_cause(given, cause)
        or (remedies.fewer_filters(given, layer.block, layer.operation.filters - spare),),
    )


def _unmoved(measured: WeightMovement, given: HealthInput) -> Finding:
    named = [
        layer_name(layer)
        for layer, flag in zip(measured.layers, measured.flagged, strict=True)
        if flag
    ]
    moved = [
        f"{layer_name(layer)} by {percent(move, 2)}"
        for layer, move, flag in zip(
            measured.layers, measured.movements, measured.flagged, strict=True
        )
        if flag
    ]
    offered = remedies.for_cause(given, measured.cause)
    if not offered:
        every = all(measured.flagged)
        offered = (remedies.faster(given) if every else remedies.let_gradient_through(given),)
    return Finding(
        f"{listed(named)} hardly moved",
        f"From epoch 0 to epoch {given.epoch}, as a share of their size: {listed(moved)}.",
        _because(measured.cause, "These layers still do what their random start made them do."),
        Bars(
            "layer",
            tuple(map(layer_name, measured.layers)),
            measured.movements,
            "change since epoch 0, relative to its size",
            measured.flagged,
            HARDLY,
            logarithmic=True,
        ),
        offered,
    )


def _optimizer_note(given: HealthInput) -> str:
    if given.run.job.settings.optimizer == "sgd":
        return "SGD's steps are proportional to the gradient."
    return "This optimizer evens out such differences in part. Weight movement shows the result."


def _gradient_sentence(given: HealthInput, lines: GradientLines, place: int) -> str:
    now = lines.sizes[-1]
    return (
        f"In epoch {given.epoch} the gradient was {now[place]:.1e} in {layer_name(lines.layers[place])}"
        f" and {now[-1]:.1e} in {layer_name(lines.layers[-1])} (root mean square)."
    )


def _vanishing(measured: GradientSizes, given: HealthInput, place: int) -> Finding:
    offered = remedies.for_cause(given, measured.cause) or (remedies.let_gradient_through(given),)
    return Finding(
        f"The gradient vanishes before {layer_name(measured.lines.layers[place])}",
        _gradient_sentence(given, measured.lines, place),
        _because(
            measured.cause,
            f"The first layers learn much more slowly than the last. {_optimizer_note(given)}",
        ),
        measured.lines,
        offered,
    )


def _exploding(measured: GradientSizes, given: HealthInput, place: int) -> Finding:
    return Finding(
        f"The gradient explodes toward {layer_name(measured.lines.layers[place])}",
        _gradient_sentence(given, measured.lines, place),
        "Gradients that grow on their way back throw the first layers about, while the last hardly"
        f" learns. {_optimizer_note(given)}",
        measured.lines,
        (remedies.slower(given),),
    )


def _memorizing_summary(measured: Memorizing) -> str:
    gap = f"Training accuracy is {100 * measured.gap:.1f} points above validation accuracy."
    if measured.gap <= 0:
        gap = "Training accuracy is not above validation accuracy."
    if measured.stalled_for >= remedies.PATIENCE:
        return (
            f"{gap} The validation loss has not fallen since epoch {measured.best_epoch}; more epochs"
            " may not help."
        )
    return f"{gap} The validation loss was smallest in epoch {measured.best_epoch}."


def _memorizing(measured: Memorizing, given: HealthInput) -> Finding:
    # Where the loss only goes up and down, early stopping ends a run too soon.
    stop = remedies.early_stopping(given) if measured.rise > RISE else None
    offered = [one for one in (stop, remedies.dropout(given), remedies.MORE_IMAGES) if one]
    loss = (
        f"The validation loss was {measured.best_loss:.3f} in epoch {measured.best_epoch} and is now"
        f" {measured.loss:.3f}."
    )
    if measured.flagged == "rise":
        return Finding(
            "Validation loss is rising",
            loss,
            "What the network still learns about its training images no longer helps with new ones."
            " It could have stopped earlier.",
            Curve("loss", measured.best_epoch),
            tuple(offered),
        )
    return Finding(
        "It is memorizing the training images",
        f"It predicts {percent(measured.accuracy)} of its training images correctly, and"
        f" {percent(measured.validation_accuracy)} of the test images: a gap of"
        f" {100 * measured.gap:.1f} points (95% interval {100 * measured.low:.1f} to"
        f" {100 * measured.high:.1f}). {loss}",
        "Much of what it has learned is true of its training images only.",
        Curve("accuracy", given.epoch),
        tuple(offered),
    )


def _imbalance(measured: ClassBalance, given: HealthInput) -> Finding:
    counts = measured.counts
    few, many = (given.classes[counts.index(end(counts))] for end in (min, max))
    ratio = (
        f"{max(counts) / min(counts):.1f} times as many" if min(counts) else "the other has none"
    )
    return Finding(
        "Some classes have far fewer training images",
        f"{formatting.escaped(many)} has {thousands(max(counts))} training images, {formatting.escaped(few)} has"
        f" {thousands(min(counts))}: {ratio}.",
        "The network can lower its loss by preferring the large classes, and the overall accuracy"
        " hides it. Compare the recall of each class.",
        Bars(
            "class",
            given.classes,
            tuple(map(float, counts)),
            "training images",
            measured.flagged,
            max(counts) / UNEVEN,
            share=False,
        ),
        (remedies.BALANCE_CLASSES,),
    )
