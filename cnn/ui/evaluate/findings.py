"""What the health checks measured, in words: a sentence per check, and a card per finding.

The sentences, and how many digits their numbers have, are in `findings.md`.
"""

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
from cnn.ui.common.formatting import percent
from cnn.ui.common.prose import read_sections
from cnn.ui.evaluate import remedies
from cnn.ui.evaluate.remedies import Remedy, layer_name, unit_kind

_TEXT = read_sections(__file__)


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


Evidence = Bars | SimilarPairs | GradientLines | Curve


@dataclass(frozen=True)
class Finding:
    """Something that may be wrong: `sentence` gives the numbers, `meaning` the consequence."""

    title: str
    sentence: str
    meaning: str
    evidence: Evidence
    remedies: tuple[Remedy, ...]


def check_name(measured: Measurement | NotApplicable) -> str:
    """What a check is called."""
    check = measured.check if isinstance(measured, NotApplicable) else type(measured)
    return _TEXT.text(f"name/{check.__name__}")


def summary(measured: Measurement | NotApplicable, given: HealthInput) -> str:
    """What a check without a finding measured, in a sentence or two."""
    match measured:
        case NotApplicable(_, reason):
            return _TEXT.text(f"skipped/{reason}")
        case FiniteWeights():
            return _TEXT.text("fine/finite", weights=given.plan.parameters)
        case Progress(loss=loss, equal_shares=equal_shares, steps=steps):
            return _TEXT.text("fine/progress", steps=steps, loss=loss, equal_shares=equal_shares)
        case DeadUnits(layers):
            images = layers[0].activity.images
            dead = [
                f"{one.units.sum()} of {len(one.units)} in {layer_name(one.layer)}"
                for one in layers
                if one.units.any()
            ]
            if not dead:
                return _TEXT.text("fine/no_dead_unit", images=images)
            return _TEXT.text("fine/few_dead_units", images=images, dead=listed(dead))
        case RareFilters(layers):
            active = [(1 - one.activity.zero[~one.activity.dead]).min(initial=1) for one in layers]
            return _TEXT.text("fine/rare", limit=RARE, least=min(active))
        case Saturation(layers, saturated):
            most = max(layers, key=lambda one: float(one.activity.saturated.mean()))
            share = most.activity.saturated.mean()
            if saturated:
                return _TEXT.text("fine/saturated", share=share, layer=layer_name(most.layer))
            return _TEXT.text("fine/not_saturated", share=share)
        case NearDuplicates(closest=None):
            return _TEXT.text("fine/one_filter")
        case NearDuplicates(closest=closest):
            return _TEXT.text("fine/duplicates", limit=SIMILAR, closest=closest)
        case WeightMovement(layers, movements):
            least, layer = min(zip(movements, map(layer_name, layers), strict=True))
            return _TEXT.text("fine/moved", limit=HARDLY, layer=layer, least=least)
        case GradientSizes(lines):
            last = layer_name(lines.layers[-1])
            return _TEXT.text("fine/gradients", epoch=given.epoch, factor=APART, last=last)
        case Memorizing(gap=gap, best_epoch=best_epoch, stalled_for=stalled_for):
            above = _TEXT.text("gap/above", gap=100 * gap) if gap > 0 else _TEXT.text("gap/none")
            section = "fine/stalled" if stalled_for >= remedies.PATIENCE else "fine/memorizing"
            return _TEXT.text(section, gap=above, best_epoch=best_epoch)
        case ClassBalance(counts):
            fewest, most_images = min(counts), max(counts)
            if fewest == most_images:
                return _TEXT.text("fine/equal_classes", most=most_images)
            return _TEXT.text("fine/classes", fewest=fewest, most=most_images)


def findings(measured: Measurement | NotApplicable, given: HealthInput) -> Iterator[Finding]:
    """The findings of one check, none where it is fine."""
    match measured:
        case FiniteWeights(flagged=True):
            yield _diverged(measured, given)
        case Progress(kind="random_labels"):
            yield _finding(
                "random_labels",
                Curve("accuracy", given.epoch),
                [remedies.CHECK_LABELS],
                accuracy=measured.accuracy,
                validation_accuracy=measured.validation_accuracy,
                guessing=measured.guessing,
            )
        case Progress(kind="slow", loss=loss, steps=steps):
            curve = Curve("loss", given.epoch)
            yield _finding("slow", curve, [remedies.faster(given)], steps=steps, loss=loss)
        case Progress(kind="stuck"):
            yield _nothing_learned(measured, given)
        case DeadUnits(flagged=layers, cause=cause):
            yield from (_dead(cause, given, one) for one in layers)
        case RareFilters(flagged=layers):
            yield from (_rare(given, one) for one in layers)
        case Saturation(flagged=layers, cause=cause):
            yield from (_saturated(cause, given, one) for one in layers)
        case NearDuplicates(flagged=pairs, cause=cause):
            yield from (_duplicates(cause, given, one) for one in pairs)
        case WeightMovement(flagged=flagged) if any(flagged):
            yield _unmoved(measured, given)
        case GradientSizes(lines, vanishing, exploding, cause):
            if vanishing is not None:
                fix = remedies.for_cause(given, cause) or remedies.let_gradient_through(given)
                yield _gradient("vanishing", lines, vanishing, given, fix, cause)
            if exploding is not None:
                yield _gradient("exploding", lines, exploding, given, remedies.slower(given))
        case Memorizing(flagged=flagged) if flagged is not None:
            yield _memorizing(measured, given)
        case ClassBalance(flagged=flagged) if any(flagged):
            yield _imbalance(measured, given)


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names in a row: "1, 4 and 7"; of too many the first, and how many more there are."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _finding(
    section: str,
    evidence: Evidence,
    offered: Sequence[Remedy],
    cause: Cause = "unknown",
    /,
    **numbers: object,
) -> Finding:
    """The finding that a section of three paragraphs describes."""
    title, sentence, meaning = _TEXT.text(f"found/{section}", **numbers).split("\n\n", 2)
    if cause != "unknown":
        meaning = f"{meaning} {_TEXT.text(f'cause/{cause}')}"
    return Finding(title, sentence, meaning, evidence, tuple(offered))


def _diverged(measured: FiniteWeights, given: HealthInput) -> Finding:
    names, shares = tuple(map(layer_name, measured.layers)), measured.lost
    flagged = tuple(share > 0 for share in shares)
    lost = [
        f"{percent(share, 0)} of {name}" for name, share in zip(names, shares, strict=True) if share
    ]
    return _finding(
        "diverged",
        Bars("layer", names, shares, "share of lost weights", flagged, 0.0),
        [remedies.slower(given)],
        epoch=given.epoch,
        layers=listed(lost),
        rate=given.run.job.settings.learning_rate(max(1, given.epoch)),
    )


def _nothing_learned(measured: Progress, given: HealthInput) -> Finding:
    return _finding(
        "nothing_learned",
        Curve("loss", given.epoch),
        [remedies.for_cause(given, measured.cause) or remedies.CHECK_LABELS],
        steps=measured.steps,
        loss=measured.loss,
        classes=len(given.classes),
        equal_shares=measured.equal_shares,
        why=_TEXT.text(f"cause/{measured.cause}"),
    )


def _unit_bars(
    units: LayerUnits, values: NDArray[np.float64], measure: str, threshold: float
) -> Bars:
    names = tuple(str(number + 1) for number in range(len(values)))
    flagged = tuple(units.units.tolist())
    return Bars(unit_kind(units), names, tuple(values.tolist()), measure, flagged, threshold)


def _active_bars(units: LayerUnits) -> Bars:
    maps = len(units.layer.output_shape) == 3
    measure = "share of cells above 0" if maps else "share of images for which it is above 0"
    return _unit_bars(units, 1 - units.activity.zero, measure, RARE)


def _dead(cause: Cause, given: HealthInput, units: LayerUnits) -> Finding:
    numbers = np.flatnonzero(units.units)
    images = units.activity.images
    too_large = cause == "steps_too_large"
    fix = remedies.slower(given) if too_large else remedies.leaky_relu(given, units.layer)
    return _finding(
        "dead",
        _active_bars(units),
        [fix, remedies.look_at(given, units, int(numbers[0]))],
        cause if too_large else "unknown",
        count=len(numbers),
        units=len(units.units),
        kinds=unit_kind(units, 2),
        layer=layer_name(units.layer),
        images=images,
        most=wilson(0, images)[1],
    )


def _rare(given: HealthInput, units: LayerUnits) -> Finding:
    numbers = np.flatnonzero(units.units)
    active = 1 - units.activity.zero
    least = int(numbers[np.argmin(active[numbers])])
    named = [f"filter {number + 1} ({percent(active[number], 2)})" for number in numbers]
    return _finding(
        "rare",
        _active_bars(units),
        [remedies.look_at(given, units, least)],
        count=len(numbers),
        kinds=unit_kind(units, len(numbers)),
        layer=layer_name(units.layer),
        limit=RARE,
        images=units.activity.images,
        filters=listed(named),
    )


def _saturated(cause: Cause, given: HealthInput, units: LayerUnits) -> Finding:
    assert isinstance(units.layer.operation, Activation)
    name = units.layer.operation.name
    too_large = cause == "steps_too_large"
    fix = remedies.slower(given) if too_large else remedies.relu(given, units.layer)
    return _finding(
        "saturated",
        _unit_bars(units, units.activity.saturated, "share of values near an end", SATURATED),
        [fix],
        cause if too_large else "unknown",
        activation=formatting.ACTIVATION_NAMES[name].lower(),
        layer=layer_name(units.layer),
        share=units.activity.saturated.mean(),
        near=NEAR,
        slope=units.activity.slope.mean(),
        steepest=0.25 if name == "sigmoid" else 1,
    )


def _duplicates(cause: Cause, given: HealthInput, similar: SimilarPairs) -> Finding:
    layer = similar.layer
    assert isinstance(layer.operation, Convolution)
    first, second, cosine = similar.pairs[0]
    different = layer.operation.filters - len({later for _, later, _ in similar.pairs})
    fix = remedies.for_cause(given, cause) or remedies.fewer_filters(given, layer, different)
    return _finding(
        "duplicates",
        similar,
        [fix],
        cause,
        pairs=formatting.counted(len(similar.pairs), "pair"),
        layer=layer_name(layer),
        first=first + 1,
        second=second + 1,
        cosine=cosine,
        limit=SIMILAR,
        by_chance=similar.by_chance,
    )


def _unmoved(measured: WeightMovement, given: HealthInput) -> Finding:
    names = tuple(map(layer_name, measured.layers))
    movements, flags = measured.movements, measured.flagged
    measure = "change since epoch 0, relative to its size"
    flagged = [
        (name, move) for name, move, flag in zip(names, movements, flags, strict=True) if flag
    ]
    fix = remedies.faster if all(flags) else remedies.let_gradient_through
    return _finding(
        "unmoved",
        Bars("layer", names, movements, measure, flags, HARDLY, logarithmic=True),
        [remedies.for_cause(given, measured.cause) or fix(given)],
        measured.cause,
        layers=listed([name for name, _ in flagged]),
        epoch=given.epoch,
        moved=listed([f"{name} by {percent(move, 2)}" for name, move in flagged]),
    )


def _gradient(
    section: str,
    lines: GradientLines,
    place: int,
    given: HealthInput,
    fix: Remedy,
    cause: Cause = "unknown",
) -> Finding:
    """The gradient of the layer at `place` is much smaller or much larger than the last layer's."""
    sgd = given.run.job.settings.optimizer == "sgd"
    return _finding(
        section,
        lines,
        [fix],
        cause,
        layer=layer_name(lines.layers[place]),
        last=layer_name(lines.layers[-1]),
        epoch=given.epoch,
        size=lines.sizes[-1][place],
        last_size=lines.sizes[-1][-1],
        optimizer=_TEXT.text(f"optimizer/{'sgd' if sgd else 'other'}"),
    )


def _memorizing(measured: Memorizing, given: HealthInput) -> Finding:
    # Where the loss only goes up and down, early stopping ends a run too soon.
    stop = remedies.early_stopping(given) if measured.rise > RISE else None
    offered = [one for one in (stop, remedies.dropout(given), remedies.MORE_IMAGES) if one]
    best_epoch, best_loss, loss = measured.best_epoch, measured.best_loss, measured.loss
    losses = {"best_loss": best_loss, "best_epoch": best_epoch, "loss": loss}
    if measured.flagged == "rise":
        return _finding("rising", Curve("loss", best_epoch), offered, **losses)
    return _finding(
        "memorizing",
        Curve("accuracy", given.epoch),
        offered,
        **losses,
        accuracy=measured.accuracy,
        validation_accuracy=measured.validation_accuracy,
        gap=100 * measured.gap,
        low=100 * measured.low,
        high=100 * measured.high,
    )


def _imbalance(measured: ClassBalance, given: HealthInput) -> Finding:
    counts, classes = measured.counts, given.classes
    fewest, most = min(counts), max(counts)
    limit = most / UNEVEN
    return _finding(
        "imbalance",
        Bars("class", classes, counts, "training images", measured.flagged, limit, share=False),
        [remedies.BALANCE_CLASSES],
        largest=formatting.escaped(classes[counts.index(most)]),
        smallest=formatting.escaped(classes[counts.index(fewest)]),
        most=most,
        fewest=fewest,
        ratio=f"{most / fewest:.1f} times as many" if fewest else "the other has none",
    )
