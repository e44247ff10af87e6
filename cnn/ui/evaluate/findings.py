"""What the health checks measured, in words: a sentence per check, and a card per finding.

The sentences are in `findings.md`.
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
from cnn.ui.common.formatting import percent, thousands
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


def check_name(measured: Measurement | NotApplicable) -> str:
    """What a check is called."""
    return _NAMES[measured.check if isinstance(measured, NotApplicable) else type(measured)]


def summary(measured: Measurement | NotApplicable, given: HealthInput) -> str:
    """What a check without a finding measured, in a sentence or two."""
    match measured:
        case NotApplicable(_, reason):
            return _TEXT.text(f"skipped/{reason}")
        case FiniteWeights():
            return _TEXT.text("fine/finite", weights=thousands(given.plan.parameters))
        case Progress():
            return _TEXT.text(
                "fine/progress",
                steps=thousands(measured.steps),
                loss=f"{measured.loss:.3f}",
                equal_shares=f"{measured.equal_shares:.3f}",
            )
        case DeadUnits():
            return _dead_summary(measured)
        case RareFilters(layers):
            least = min(
                float((1 - one.activity.zero[~one.activity.dead]).min(initial=1)) for one in layers
            )
            return _TEXT.text("fine/rare", limit=percent(RARE, 0), least=percent(least))
        case Saturation():
            most = max(measured.layers, key=lambda one: float(one.activity.saturated.mean()))
            share = percent(float(most.activity.saturated.mean()), 0)
            if measured.saturated:
                return _TEXT.text("fine/saturated", share=share, layer=layer_name(most.layer))
            return _TEXT.text("fine/not_saturated", share=share)
        case NearDuplicates(closest=None):
            return _TEXT.text("fine/one_filter")
        case NearDuplicates():
            return _TEXT.text(
                "fine/duplicates", limit=f"{SIMILAR:g}", closest=f"{measured.closest:.2f}"
            )
        case WeightMovement(layers, movements):
            least_at = int(np.argmin(movements))
            return _TEXT.text(
                "fine/moved",
                limit=percent(HARDLY, 0),
                layer=layer_name(layers[least_at]),
                least=percent(movements[least_at], 0),
            )
        case GradientSizes(lines):
            return _TEXT.text(
                "fine/gradients",
                epoch=given.epoch,
                factor=f"{APART:g}",
                last=layer_name(lines.layers[-1]),
            )
        case Memorizing():
            above = measured.gap > 0
            points = f"{100 * measured.gap:.1f}"
            gap = _TEXT.text("gap/above", points=points) if above else _TEXT.text("gap/none")
            stalled = measured.stalled_for >= remedies.PATIENCE
            section = "fine/stalled" if stalled else "fine/memorizing"
            return _TEXT.text(section, gap=gap, best_epoch=measured.best_epoch)
        case ClassBalance(counts):
            fewest, most_images = thousands(min(counts)), thousands(max(counts))
            if fewest == most_images:
                return _TEXT.text("fine/equal_classes", most=most_images)
            return _TEXT.text("fine/classes", fewest=fewest, most=most_images)


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
            for place in (measured.vanishing, measured.exploding):
                if place is not None:
                    yield _gradient_finding(measured, given, place)
        case Memorizing(flagged=flagged) if flagged is not None:
            yield _memorizing(measured, given)
        case ClassBalance() if any(measured.flagged):
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
    lost = [
        f"{percent(share, 0)} of {layer_name(layer)}"
        for layer, share in zip(measured.layers, measured.lost, strict=True)
        if share
    ]
    return _finding(
        "diverged",
        Bars(
            "layer",
            tuple(map(layer_name, measured.layers)),
            measured.lost,
            "share of lost weights",
            tuple(share > 0 for share in measured.lost),
            0.0,
        ),
        [remedies.slower(given)],
        epoch=given.epoch,
        layers=listed(lost),
        rate=f"{given.run.job.settings.learning_rate(max(1, given.epoch)):g}",
    )


def _progress(measured: Progress, given: HealthInput) -> Finding:
    if measured.kind == "random_labels":
        return _finding(
            "random_labels",
            Curve("accuracy", given.epoch),
            [remedies.CHECK_LABELS],
            accuracy=percent(measured.accuracy),
            validation_accuracy=percent(measured.validation_accuracy),
            guessing=percent(measured.guessing),
        )
    curve = Curve("loss", given.epoch)
    numbers = {"steps": thousands(measured.steps), "loss": f"{measured.loss:.3f}"}
    if measured.kind == "slow":
        return _finding("slow", curve, [remedies.faster(given)], **numbers)
    known = remedies.for_cause(given, measured.cause)
    return _finding(
        "nothing_learned",
        curve,
        known or [remedies.CHECK_LABELS],
        **numbers,
        classes=len(given.classes),
        equal_shares=f"{measured.equal_shares:.3f}",
        why=_TEXT.text(f"cause/{measured.cause}"),
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
        return _TEXT.text("fine/no_dead_unit", images=images)
    return _TEXT.text("fine/few_dead_units", images=images, dead=listed(dead))


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
        most=percent(wilson(0, images)[1]),
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
        limit=percent(RARE, 0),
        images=units.activity.images,
        filters=listed(named),
    )


def _saturated(cause: Cause, given: HealthInput, units: LayerUnits) -> Finding:
    assert isinstance(units.layer.operation, Activation)
    name = units.layer.operation.name
    too_large = cause == "steps_too_large"
    relu = remedies.relu(given, units.layer)
    return _finding(
        "saturated",
        _unit_bars(units, units.activity.saturated, "share of values near an end", SATURATED),
        remedies.for_cause(given, cause) if too_large else [relu],
        cause if too_large else "unknown",
        activation=formatting.ACTIVATION_NAMES[name].lower(),
        layer=layer_name(units.layer),
        share=percent(float(units.activity.saturated.mean()), 0),
        near=percent(NEAR, 0),
        slope=f"{units.activity.slope.mean():.3f}",
        steepest=0.25 if name == "sigmoid" else 1,
    )


def _duplicates(cause: Cause, given: HealthInput, similar: SimilarPairs) -> Finding:
    layer = similar.layer
    assert isinstance(layer.operation, Convolution) and layer.block is not None
    first, second, cosine = similar.pairs[0]
    spare = len({later for _, later, _ in similar.pairs})
    fewer = remedies.fewer_filters(given, layer.block, layer.operation.filters - spare)
    return _finding(
        "duplicates",
        similar,
        remedies.for_cause(given, cause) or [fewer],
        cause,
        pairs=formatting.counted(len(similar.pairs), "pair"),
        layer=layer_name(layer),
        first=first + 1,
        second=second + 1,
        cosine=f"{cosine:.3f}",
        limit=f"{SIMILAR:g}",
        by_chance=f"{similar.by_chance:.2g}",
    )


def _unmoved(measured: WeightMovement, given: HealthInput) -> Finding:
    flagged = [
        (layer_name(layer), move)
        for layer, move, flag in zip(
            measured.layers, measured.movements, measured.flagged, strict=True
        )
        if flag
    ]
    every = all(measured.flagged)
    fix = remedies.faster(given) if every else remedies.let_gradient_through(given)
    return _finding(
        "unmoved",
        Bars(
            "layer",
            tuple(map(layer_name, measured.layers)),
            measured.movements,
            "change since epoch 0, relative to its size",
            measured.flagged,
            HARDLY,
            logarithmic=True,
        ),
        remedies.for_cause(given, measured.cause) or [fix],
        measured.cause,
        layers=listed([name for name, _ in flagged]),
        epoch=given.epoch,
        moved=listed([f"{name} by {percent(move, 2)}" for name, move in flagged]),
    )


def _gradient_finding(measured: GradientSizes, given: HealthInput, place: int) -> Finding:
    """The gradient of the layer at `place` is much smaller or much larger than the last layer's."""
    lines = measured.lines
    now, vanishing = lines.sizes[-1], place == measured.vanishing
    sgd = given.run.job.settings.optimizer == "sgd"
    wider = remedies.for_cause(given, measured.cause) or [remedies.let_gradient_through(given)]
    return _finding(
        "vanishing" if vanishing else "exploding",
        lines,
        wider if vanishing else [remedies.slower(given)],
        measured.cause if vanishing else "unknown",
        layer=layer_name(lines.layers[place]),
        last=layer_name(lines.layers[-1]),
        epoch=given.epoch,
        size=f"{now[place]:.1e}",
        last_size=f"{now[-1]:.1e}",
        optimizer=_TEXT.text(f"optimizer/{'sgd' if sgd else 'other'}"),
    )


def _memorizing(measured: Memorizing, given: HealthInput) -> Finding:
    # Where the loss only goes up and down, early stopping ends a run too soon.
    stop = remedies.early_stopping(given) if measured.rise > RISE else None
    offered = [one for one in (stop, remedies.dropout(given), remedies.MORE_IMAGES) if one]
    losses = {
        "best_loss": f"{measured.best_loss:.3f}",
        "best_epoch": measured.best_epoch,
        "loss": f"{measured.loss:.3f}",
    }
    if measured.flagged == "rise":
        return _finding("rising", Curve("loss", measured.best_epoch), offered, **losses)
    return _finding(
        "memorizing",
        Curve("accuracy", given.epoch),
        offered,
        **losses,
        accuracy=percent(measured.accuracy),
        validation_accuracy=percent(measured.validation_accuracy),
        gap=f"{100 * measured.gap:.1f}",
        low=f"{100 * measured.low:.1f}",
        high=f"{100 * measured.high:.1f}",
    )


def _imbalance(measured: ClassBalance, given: HealthInput) -> Finding:
    counts = measured.counts
    fewest, most = min(counts), max(counts)
    return _finding(
        "imbalance",
        Bars(
            "class",
            given.classes,
            tuple(map(float, counts)),
            "training images",
            measured.flagged,
            most / UNEVEN,
            share=False,
        ),
        [remedies.BALANCE_CLASSES],
        largest=formatting.escaped(given.classes[counts.index(most)]),
        smallest=formatting.escaped(given.classes[counts.index(fewest)]),
        most=thousands(most),
        fewest=thousands(fewest),
        ratio=f"{most / fewest:.1f} times as many" if fewest else "the other has none",
    )
