"""What the curves of a run tell: a plateau at the start, and overfitting."""

from dataclasses import replace
from math import log, sqrt

from cnn.evaluation.health.finding import (
    Check,
    Finding,
    HealthInput,
    History,
    Remedy,
    at_rate,
    percent,
    untold,
)
from cnn.network.spec import Network
from cnn.statistics import wilson
from cnn.training.run import EpochRecord

MARGIN = 0.05
"""How much lower than that of equal shares a loss must be to be more than the luck of the start."""

RISE = 0.03
"""A rise of the validation loss above its minimum that is more than its usual ups and downs."""

SINCE = 2
"""Epochs since that minimum: one alone may be worse by luck."""

GAP = 0.05
"""A gap between training and validation accuracy that matters, even at the interval's low end."""

PATIENCE = 3
"""Epochs that the remedy waits for a smaller validation loss before it stops."""

PLATEAU_NAME, OVERFITTING_NAME = "The first epoch", "Overfitting"


def plateau(patient: HealthInput) -> Check:
    """Whether the first epoch taught the network nothing."""
    ends = _ends(patient)
    if not ends or ends[0].epoch != 1:
        return untold(PLATEAU_NAME, "Epoch 0 is looked at: nothing has been learned yet.")
    equal = log(len(patient.classes))
    limit = (1 - MARGIN) * equal
    first = ends[0].validation_loss
    classes = len(patient.classes)
    told = (
        f"After epoch 1 the validation loss was {first:.3f}; giving each of {classes} classes the"
        f" same share makes ln {classes} = {equal:.3f}."
    )
    if first < limit:
        return Check(PLATEAU_NAME, told)
    left = next((end.epoch for end in ends if end.validation_loss < limit), None)
    after = f"It left the plateau in epoch {left}." if left else "It is still there."
    return Check(
        PLATEAU_NAME, told, (_plateau(patient, told, after, first > (1 + MARGIN) * equal),)
    )


def overfitting(patient: HealthInput) -> Check:
    """Whether the network goes on learning its training images and not what they have in common."""
    ends = _ends(patient)
    if not ends:
        return untold(OVERFITTING_NAME, "Epoch 0 is looked at: nothing has been learned yet.")
    now = ends[-1]
    best = min(ends, key=lambda end: end.validation_loss)
    gap, low, high = gap_interval(
        now.accuracy, sum(patient.images), now.validation_accuracy, patient.tested
    )
    told = (
        f"In epoch {now.epoch} {percent(now.accuracy)} of the training images were right as they were"
        f" learned, and after it {percent(now.validation_accuracy)} of the test images: "
    )
    told += (
        f"a gap of {100 * gap:.1f} points (95\u202f% interval {100 * low:.1f} to {100 * high:.1f})."
        if gap > 0
        else "there is no gap."
    )
    rises = (
        now.epoch - best.epoch >= SINCE
        and now.validation_loss > (1 + RISE) * best.validation_loss
        and now.loss < best.loss
    )
    risen = (
        f" The validation loss has risen from {best.validation_loss:.3f} in epoch {best.epoch} to"
        f" {now.validation_loss:.3f} while the training loss fell from {best.loss:.3f} to"
        f" {now.loss:.3f}."
    )
    if rises or low > GAP:
        found = _overfitting(patient, told + (risen if rises else ""), best.epoch, rises)
        return Check(OVERFITTING_NAME, told, (found,))
    return Check(
        OVERFITTING_NAME,
        f"{told} The validation loss, {now.validation_loss:.3f}, is not clearly above its minimum of"
        f" {best.validation_loss:.3f} (epoch {best.epoch}).",
    )


def gap_interval(share: float, count: int, other: float, others: int) -> tuple[float, float, float]:
    """The difference of two independent shares and its 95 % interval (Newcombe, 1998, method 10)."""
    low, high = wilson(share, count)
    other_low, other_high = wilson(other, others)
    gap = share - other
    return (
        gap,
        gap - sqrt((share - low) ** 2 + (other_high - other) ** 2),
        gap + sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )


def _ends(patient: HealthInput) -> list[EpochRecord]:
    """The epochs that were learned, up to the one looked at."""
    return [end for end in patient.run.epochs if 1 <= end.epoch <= patient.epoch]


def _plateau(patient: HealthInput, told: str, after: str, above: bool) -> Finding:
    settings = patient.run.job.settings
    if above:
        remedy = Remedy(
            "Train with steps ten times smaller", "Train", settings=at_rate(settings, 0.1)
        )
        why = "A loss above that of equal shares says that the steps are too large."
    elif settings.optimiser == "sgd":
        adam = replace(settings, optimiser="adam", momentum=0.0)
        adam = at_rate(adam, 0.001 / settings.learning_rate(1))
        remedy = Remedy("Train with Adam", "Train", settings=adam)
        why = "Adam takes steps of a like size wherever the gradient is small, SGD creeps there."
    else:
        remedy = Remedy(
            "Train with steps ten times larger", "Train", settings=at_rate(settings, 10)
        )
        why = "Steps that are too small, or a gradient that does not come through, do this."
    return Finding(
        "plateau",
        "The first epoch taught it next to nothing",
        f"{told} {after}",
        f"A network that has learned something of the classes is soon well below that. {why}",
        History("loss", 1),
        (remedy,),
    )


def _overfitting(patient: HealthInput, told: str, best: int, rises: bool) -> Finding:
    job = patient.run.job
    early = replace(job.settings, patience=PATIENCE)
    remedies = []
    if rises and job.settings.patience is None:
        remedies.append(
            Remedy(f"Train and stop early, after {PATIENCE} epochs", "Train", settings=early)
        )
    if dropped := _with_dropout(job.network):
        remedies.append(Remedy("Add dropout", "Build", network=dropped))
    remedies.append(Remedy("Choose more training images", "Data"))
    return Finding(
        "overfitting",
        "It learns its training images by heart",
        told,
        "What it still gains on the images it learns from does not carry over to others. Stopping"
        " where the validation loss was smallest, dropout or more images work against it.",
        History("loss", best) if rises else History("accuracy", best),
        tuple(remedies),
    )


def _with_dropout(network: Network) -> Network | None:
    """The network with dropout in its last hidden layer or block; None if it has some already."""
    if network.dense:
        *others, last = network.dense
        if last.dropout:
            return None
        return replace(network, dense=(*others, replace(last, dropout=0.3)))
    if network.blocks:
        *blocks, end = network.blocks
        if end.dropout:
            return None
        return replace(network, blocks=(*blocks, replace(end, dropout=0.3)))
    return None
