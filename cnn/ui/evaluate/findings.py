"""What the health checks measured, in words: a sentence per check, and a card per finding."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from cnn.arrays import Floats
from cnn.evaluation.health import activity, classes, history, kernels, learning, remedies
from cnn.evaluation.health.activity import RARE, SATURATED, LayerUnits
from cnn.evaluation.health.checks import Measurement
from cnn.evaluation.health.classes import UNEVEN
from cnn.evaluation.health.health_input import HealthInput, NotApplicable
from cnn.evaluation.health.history import RISE
from cnn.evaluation.health.kernels import SIMILAR, SimilarPairs
from cnn.evaluation.health.remedies import Remedy
from cnn.evaluation.health.signals import APART, HARDLY, Cause, GradientLines, cause
from cnn.inspection.features.saturation import NEAR
from cnn.network.layers import Convolution, Layer
from cnn.network.spec import Activation
from cnn.statistics import wilson
from cnn.ui.common import formatting
from cnn.ui.common.formatting import listed, percent
from cnn.ui.common.prose import read_sections

_TEXT = read_sections(__file__)
_LIMITS = {"apart": APART, "hardly": HARDLY, "near": NEAR, "rare": RARE, "similar": SIMILAR}


class Bar(NamedTuple):
    """One item's value, and whether it is what a finding is about."""

    name: str
    value: float
    flagged: bool


@dataclass(frozen=True)
class Bars:
    """A `measure` of each item: a layer, a class, or a unit.

    `threshold` is the value from which items are flagged. Values are shown as percent with `share`,
    on a logarithmic axis with `logarithmic`.
    """

    of: str
    measure: str
    bars: tuple[Bar, ...]
    threshold: float
    share: bool = True
    logarithmic: bool = False

    @property
    def flagged(self) -> list[Bar]:
        """What the finding is about."""
        return [bar for bar in self.bars if bar.flagged]


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
    check = measured.check if isinstance(measured, NotApplicable) else type(measured)
    return _TEXT.text(f"name/{check.__name__}")


def summary(measured: Measurement | NotApplicable, given: HealthInput) -> str:
    """What a check without a finding measured, in a sentence or two."""
    match measured:
        case NotApplicable(_, reason):
            return _text(f"skipped/{reason}")
        case learning.FiniteWeights():
            return _text("fine/finite", weights=given.plan.parameters)
        case history.Progress():
            return _text("fine/progress", **vars(measured))
        case activity.DeadUnits(layers):
            images = layers[0].activity.images
            dead = [
                f"{one.units.sum()} of {len(one.units)} in {layer_name(one.layer)}"
                for one in layers
                if one.units.any()
            ]
            section = "fine/few_dead_units" if dead else "fine/no_dead_unit"
            return _text(section, images=images, dead=listed(dead))
        case activity.RareFilters(layers):
            active = [(1 - one.activity.zero[~one.activity.dead]).min(initial=1) for one in layers]
            return _text("fine/rare", least=min(active))
        case activity.Saturation(layers, saturated):
            most = max(layers, key=lambda one: float(one.activity.saturated.mean()))
            section = "fine/saturated" if saturated else "fine/not_saturated"
            share = most.activity.saturated.mean()
            return _text(section, share=share, layer=layer_name(most.layer))
        case kernels.NearDuplicates(closest=None):
            return _text("fine/one_filter")
        case kernels.NearDuplicates(closest=closest):
            return _text("fine/duplicates", closest=closest)
        case learning.WeightMovement(movements):
            layer = min(movements, key=movements.__getitem__)
            return _text("fine/moved", layer=layer_name(layer), least=movements[layer])
        case learning.GradientSizes(lines):
            last = layer_name(lines.layers[-1])
            return _text("fine/gradients", epoch=given.epoch, last=last)
        case history.Memorizing(gap=gap, best_epoch=best_epoch, stalled_for=stalled_for):
            above = _text("gap/above" if gap > 0 else "gap/none", gap=gap)
            section = "fine/stalled" if stalled_for >= remedies.PATIENCE else "fine/memorizing"
            return _text(section, gap=above, best_epoch=best_epoch)
        case classes.ClassBalance(counts):
            section = "fine/equal_classes" if len(set(counts)) == 1 else "fine/classes"
            return _text(section, fewest=min(counts), most=max(counts))


def findings(measured: Measurement | NotApplicable, given: HealthInput) -> Iterator[Finding]:
    """The findings of one check, none where it is fine."""
    match measured:
        case learning.FiniteWeights(flagged=True):
            yield _diverged(measured, given)
        case history.Progress(kind=kind) if kind is not None:
            yield _progress(measured, given)
        case activity.DeadUnits(flagged=layers):
            yield from (_dead(one, given) for one in layers)
        case activity.RareFilters(flagged=layers):
            yield from map(_rare, layers)
        case activity.Saturation(flagged=layers):
            yield from (_saturated(one, given) for one in layers)
        case kernels.NearDuplicates(flagged=pairs):
            yield from (_duplicates(one, given) for one in pairs)
        case learning.WeightMovement(flagged=flagged) if any(flagged):
            yield _unmoved(measured, given)
        case learning.GradientSizes(lines, vanishing, exploding):
            if vanishing is not None:
                yield _gradient("vanishing", lines, vanishing, given)
            if exploding is not None:
                yield _gradient("exploding", lines, exploding, given)
        case history.Memorizing(flagged=flagged) if flagged is not None:
            yield _memorizing(measured, given)
        case classes.ClassBalance(flagged=flagged) if any(flagged):
            yield _imbalance(measured, given)


def remedy_label(remedy: Remedy) -> str:
    if remedy.settings:
        return _text(f"remedy/{remedy.change}", rate=remedy.settings.learning_rate(1))
    if remedy.layer is None:
        return _text(f"remedy/{remedy.change}")
    values: dict[str, object] = {"layer": layer_name(remedy.layer)}
    if remedy.number is not None:
        values["filters"] = remedy.number
        values["unit"] = f"{unit_kind(remedy.layer)} {remedy.number + 1}"
    return _text(f"layer_remedy/{remedy.change}", **values)


def layer_name(layer: Layer) -> str:
    """A layer as sentences name it; an activation goes by the layer whose outputs it reads."""
    if isinstance(layer.operation, Activation):
        assert layer.block is not None
        kind = "Dense" if layer.name.startswith("dense") else "Convolution"
        return f"{kind} {layer.block + 1}"
    return formatting.layer_title(layer)


def unit_kind(layer: Layer, count: int = 1) -> str:
    """What the layer's outputs are called: filters where it has maps."""
    kind = "filter" if len(layer.output_shape) == 3 else "unit"
    return kind if count == 1 else f"{kind}s"


def _text(section: str, **values: object) -> str:
    """A section, which may name the limits and need not name all of the values."""
    return _TEXT.text_from(section, **values, **_LIMITS)


def _finding(
    section: str,
    evidence: Evidence,
    offered: Sequence[Remedy],
    cause: Cause = "unknown",
    /,
    **values: object,
) -> Finding:
    """The finding that a section of three paragraphs describes."""
    title, sentence, meaning = _text(f"found/{section}", **values).split("\n\n", 2)
    if cause != "unknown":
        meaning = f"{meaning} {_text(f'cause/{cause}')}"
    return Finding(title, sentence, meaning, evidence, tuple(offered))


def _cause_in_units(given: HealthInput) -> Cause:
    """The cause, if it can leave units dead or saturated: no other one can."""
    return "steps_too_large" if cause(given) == "steps_too_large" else "unknown"


def _diverged(measured: learning.FiniteWeights, given: HealthInput) -> Finding:
    bars = tuple(Bar(layer_name(layer), share, share > 0) for layer, share in measured.lost.items())
    evidence = Bars("layer", "share of lost weights", bars, 0.0)
    lost = [f"{percent(bar.value, 0)} of {bar.name}" for bar in evidence.flagged]
    return _finding(
        "diverged",
        evidence,
        [remedies.slower(given)],
        epoch=given.epoch,
        layers=listed(lost),
        rate=given.run.job.settings.learning_rate(max(1, given.epoch)),
    )


def _progress(measured: history.Progress, given: HealthInput) -> Finding:
    why = cause(given)
    curve = Curve("accuracy" if measured.kind == "random_labels" else "loss", given.epoch)
    fixes = {"slow": remedies.faster(given), "stuck": remedies.for_cause(given, why)}
    fix = fixes.get(str(measured.kind)) or remedies.CHECK_LABELS
    values = vars(measured) | {"classes": len(given.classes), "why": _text(f"cause/{why}")}
    return _finding(str(measured.kind), curve, [fix], **values)


def _unit_bars(units: LayerUnits, values: Floats, measure: str, threshold: float) -> Bars:
    numbers = map(str, range(1, len(values) + 1))
    bars = tuple(map(Bar, numbers, values.tolist(), units.units.tolist()))
    return Bars(unit_kind(units.layer), measure, bars, threshold)


def _about(found: LayerUnits) -> dict[str, object]:
    """What the sentences on some units of a layer name."""
    units, images = found.units, found.activity.images
    layer = layer_name(found.layer)
    return {"layer": layer, "count": units.sum(), "units": len(units), "images": images}


def _dead(units: LayerUnits, given: HealthInput) -> Finding:
    why = _cause_in_units(given)
    fix = remedies.for_cause(given, why) or remedies.switch_to("leaky_relu", given, units.layer)
    first = remedies.look_at(units.layer, int(np.argmax(units.units)))
    maps = len(units.layer.output_shape) == 3
    measure = "share of cells above 0" if maps else "share of images for which it is above 0"
    bars = _unit_bars(units, 1 - units.activity.zero, measure, RARE)
    most, kinds = wilson(0, units.activity.images)[1], unit_kind(units.layer, 2)
    return _finding("dead", bars, [fix, first], why, most=most, kinds=kinds, **_about(units))


def _rare(units: LayerUnits) -> Finding:
    numbers = np.flatnonzero(units.units)
    active = 1 - units.activity.zero
    least = remedies.look_at(units.layer, int(numbers[np.argmin(active[numbers])]))
    bars = _unit_bars(units, active, "share of cells above 0", RARE)
    named = [f"filter {number + 1} ({percent(active[number], 2)})" for number in numbers]
    kinds = unit_kind(units.layer, len(numbers))
    return _finding("rare", bars, [least], kinds=kinds, filters=listed(named), **_about(units))


def _saturated(units: LayerUnits, given: HealthInput) -> Finding:
    why = _cause_in_units(given)
    assert isinstance(units.layer.operation, Activation)
    name, activity = units.layer.operation.name, units.activity
    fix = remedies.for_cause(given, why) or remedies.switch_to("relu", given, units.layer)
    return _finding(
        "saturated",
        _unit_bars(units, activity.saturated, "share of values near an end", SATURATED),
        [fix],
        why,
        activation=formatting.ACTIVATION_NAMES[name].lower(),
        share=activity.saturated.mean(),
        slope=activity.slope.mean(),
        steepest=0.25 if name == "sigmoid" else 1,
        **_about(units),
    )


def _duplicates(similar: SimilarPairs, given: HealthInput) -> Finding:
    why = cause(given)
    layer = similar.layer
    assert isinstance(layer.operation, Convolution)
    first, second, cosine = similar.pairs[0]
    different = layer.operation.filters - len({later for _, later, _ in similar.pairs})
    fix = remedies.for_cause(given, why) or remedies.fewer_filters(given, layer, different)
    return _finding(
        "duplicates",
        similar,
        [fix],
        why,
        pairs=len(similar.pairs),
        layer=layer_name(layer),
        first=first + 1,
        second=second + 1,
        cosine=cosine,
        by_chance=similar.by_chance,
    )


def _unmoved(measured: learning.WeightMovement, given: HealthInput) -> Finding:
    names = map(layer_name, measured.movements)
    bars = tuple(map(Bar, names, measured.movements.values(), measured.flagged))
    measure = "change since epoch 0, relative to its size"
    evidence = Bars("layer", measure, bars, HARDLY, logarithmic=True)
    flagged = evidence.flagged
    why = cause(given)
    fix = remedies.faster if flagged == [*bars] else remedies.let_gradient_through
    return _finding(
        "unmoved",
        evidence,
        [remedies.for_cause(given, why) or fix(given)],
        why,
        layers=listed([bar.name for bar in flagged]),
        epoch=given.epoch,
        moved=listed([f"{bar.name} by {percent(bar.value, 2)}" for bar in flagged]),
    )


def _gradient(section: str, lines: GradientLines, place: int, given: HealthInput) -> Finding:
    """The gradient of the layer at `place` is much smaller or much larger than the last layer's."""
    why: Cause = cause(given) if section == "vanishing" else "unknown"
    through = remedies.for_cause(given, why) or remedies.let_gradient_through(given)
    sgd = given.run.job.settings.optimizer == "sgd"
    return _finding(
        section,
        lines,
        [through if section == "vanishing" else remedies.slower(given)],
        why,
        layer=layer_name(lines.layers[place]),
        last=layer_name(lines.layers[-1]),
        epoch=given.epoch,
        size=lines.sizes[-1][place],
        last_size=lines.sizes[-1][-1],
        optimizer=_text(f"optimizer/{'sgd' if sgd else 'other'}"),
    )


def _memorizing(measured: history.Memorizing, given: HealthInput) -> Finding:
    # Where the loss only goes up and down, early stopping ends a run too soon.
    stop = remedies.early_stopping(given) if measured.rise > RISE else None
    offered = [one for one in (stop, remedies.dropout(given), remedies.MORE_IMAGES) if one]
    curves = {"rise": Curve("loss", measured.best_epoch), "gap": Curve("accuracy", given.epoch)}
    section = str(measured.flagged)
    return _finding(section, curves[section], offered, **vars(measured))


def _imbalance(measured: classes.ClassBalance, given: HealthInput) -> Finding:
    counts, classes = measured.counts, given.classes
    fewest, most = min(counts), max(counts)
    bars = tuple(map(Bar, classes, counts, measured.flagged))
    return _finding(
        "imbalance",
        Bars("class", "training images", bars, most / UNEVEN, share=False),
        [remedies.BALANCE_CLASSES],
        largest=formatting.escaped(classes[counts.index(most)]),
        smallest=formatting.escaped(classes[counts.index(fewest)]),
        most=most,
        fewest=fewest,
        ratio=f"{most / fewest:.1f} times as many" if fewest else "the other has none",
    )
