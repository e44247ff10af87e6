"""Layers whose weights hardly moved, and the size of the gradient by layer."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cnn.evaluation.health.finding import (
    Bars,
    Check,
    Finding,
    GradientLines,
    HealthInput,
    Remedy,
    at_rate,
    has_kernel,
    is_normalised,
    learners,
    listed,
    percent,
    title,
    untold,
    with_activation,
)
from cnn.network.layers import Layer
from cnn.network.plan import Plan
from cnn.network.spec import Activation, Network
from cnn.training.run import EpochRecord

HARDLY = 0.01
"""A layer that moved by a smaller share of its size still does what it did untrained."""

APART = 100.0
"""Gradients so many times apart: while one layer moves by its own size, another moves by 1 %."""

MOVED_NAME, GRADIENT_NAME = "Movement of the weights", "Gradient size by layer"


def unmoved(patient: HealthInput) -> Check:
    """Layers whose kernels are nearly those of epoch 0."""
    if patient.epoch == 0:
        return untold(MOVED_NAME, "Epoch 0 is looked at: nothing has been learned yet.")
    if patient.start is None:
        return untold(
            MOVED_NAME,
            "The weights of epoch 0 were not kept, so it cannot be told how far they moved.",
        )
    layers = [layer for layer in patient.plan.layers if has_kernel(layer)]
    moves = tuple(_moved(patient, layer) for layer in layers)
    ill = tuple(move < HARDLY for move in moves)
    least = int(np.argmin(moves))
    findings = (_unmoved(patient, layers, moves, ill),) if any(ill) else ()
    return Check(
        MOVED_NAME,
        f"Since epoch 0 every layer moved by at least {percent(HARDLY, 0)} of its size; the least,"
        f" {title(layers[least])}, by {percent(moves[least], 0)}.",
        findings,
    )


def gradients(patient: HealthInput) -> Check:
    """Layers whose gradient is very much smaller or larger than that of the last."""
    recorded = [one for one in patient.run.epochs if one.epoch <= patient.epoch and one.gradients]
    if not recorded or recorded[-1].epoch != patient.epoch:
        why = (
            "Epoch 0 is looked at: nothing has been learned yet."
            if patient.epoch == 0
            else "This run was trained before gradients were recorded; train it again to see them."
        )
        return untold(GRADIENT_NAME, why)
    lines = gradient_lines(patient.plan, recorded)
    now, last = lines.sizes[-1][:-1], lines.sizes[-1][-1]
    if not now:
        return untold(GRADIENT_NAME, "Only one layer learns, so there is none to compare it with.")
    findings = []
    if min(now) * APART < last:
        findings.append(_vanishing(patient, lines))
    if max(now) > APART * last:
        findings.append(_exploding(patient, lines))
    ends = f"from {min(now) / last:.2g} to {max(now) / last:.2g}" if last else "not to be had"
    return Check(
        GRADIENT_NAME,
        f"In epoch {patient.epoch} no layer's gradient was {APART:g} times smaller or larger than"
        f" that of the last (ratios {ends}).",
        tuple(findings),
    )


def gradient_lines(plan: Plan, recorded: Sequence[EpochRecord]) -> GradientLines:
    """The gradients of the layers with a kernel in epochs in which they were recorded."""
    layers = learners(plan)
    kept = [place for place, layer in enumerate(layers) if has_kernel(layer)]
    return GradientLines(
        tuple(title(layers[place]) for place in kept),
        tuple(one.epoch for one in recorded),
        tuple(tuple(one.gradients[place] for place in kept) for one in recorded),
    )


def _moved(patient: HealthInput, layer: Layer) -> float:
    assert patient.start is not None
    name = layer.weights[0].name
    before = patient.plan.split(patient.start)[name].astype(np.float64)
    after = patient.plan.split(patient.weights)[name].astype(np.float64)
    size = np.linalg.norm(before)
    return float(np.linalg.norm(after - before) / size) if size else float("inf")


def _unmoved(
    patient: HealthInput, layers: list[Layer], moves: tuple[float, ...], ill: tuple[bool, ...]
) -> Finding:
    named = [title(layer) for layer, one in zip(layers, ill, strict=True) if one]
    told = [
        f"{title(layer)} by {percent(move, 2)}"
        for layer, move, one in zip(layers, moves, ill, strict=True)
        if one
    ]
    if all(ill):
        faster = at_rate(patient.run.job.settings, 10)
        remedy = Remedy("Train with steps ten times larger", "Train", settings=faster)
    else:
        remedy = _let_through(patient)
    return Finding(
        "unmoved",
        f"{listed(named)} hardly moved",
        f"From epoch 0 to epoch {patient.epoch} the kernels moved by less than {percent(HARDLY, 0)}"
        f" of their size: {listed(told)}.",
        "Such a layer still does what it did untrained, at random: what the network knows, it has"
        " learned elsewhere. Either the steps are too small, or little of the gradient reaches it.",
        Bars(
            "layer",
            tuple(map(title, layers)),
            moves,
            "change since epoch 0 beside its size",
            ill,
            HARDLY,
            powers=True,
        ),
        (remedy,),
    )


def _let_through(patient: HealthInput) -> Remedy:
    """What lets more of the gradient through to the first layers."""
    network = patient.run.job.network
    freed: Network = network
    for layer in patient.plan.layers[:-1]:
        if isinstance(layer.operation, Activation) and layer.operation.name in ("sigmoid", "tanh"):
            freed = with_activation(freed, layer, Activation("relu"))
    if freed != network:
        return Remedy("Put ReLU in the place of sigmoid and tanh", "Build", network=freed)
    if not is_normalised(patient.plan):
        blocks = tuple(replace(block, batch_normalisation=True) for block in network.blocks)
        return Remedy(
            "Put batch normalisation into every block",
            "Build",
            network=replace(network, blocks=blocks),
        )
    faster = at_rate(patient.run.job.settings, 3)
    return Remedy("Train with steps three times larger", "Train", settings=faster)


def _adam(patient: HealthInput) -> str:
    """What the optimiser makes of it."""
    if patient.run.job.settings.optimiser == "sgd":
        return " SGD's steps are in proportion to the gradient."
    return (
        " This run's optimiser divides every weight's gradient by its own recent size, so its steps"
        " differ far less than the gradients do; the movement of the weights tells what came of it."
    )


def _vanishing(patient: HealthInput, lines: GradientLines) -> Finding:
    now = lines.sizes[-1]
    place = int(np.argmin(now[:-1]))
    ratio = f"{now[-1] / now[place]:,.0f} times smaller than" if now[place] else "0 beside"
    return Finding(
        "gradients",
        f"The gradient vanishes before {lines.layers[place]}",
        f"In epoch {patient.epoch} the gradient over the weights of {lines.layers[place]} was"
        f" {ratio} that of {lines.layers[-1]}: {now[place]:.1e} and {now[-1]:.1e} (root mean square,"
        " a sample of the epoch's batches).",
        "The layers in between let so little through that the first ones learn much more slowly"
        f" than the last.{_adam(patient)}",
        lines,
        (_let_through(patient),),
    )


def _exploding(patient: HealthInput, lines: GradientLines) -> Finding:
    now = lines.sizes[-1]
    place = int(np.argmax(now[:-1]))
    ratio = f"{now[place] / now[-1]:,.0f} times" if now[-1] else "far more than"
    slower = at_rate(patient.run.job.settings, 0.1)
    return Finding(
        "gradients",
        f"The gradient explodes towards {lines.layers[place]}",
        f"In epoch {patient.epoch} the gradient over the weights of {lines.layers[place]} was"
        f" {ratio} that of {lines.layers[-1]}: {now[place]:.1e} and {now[-1]:.1e} (root mean square,"
        " a sample of the epoch's batches).",
        "What grows from layer to layer on its way back throws the first layers about while the"
        f" last hardly learns.{_adam(patient)}",
        lines,
        (Remedy("Train with steps ten times smaller", "Train", settings=slower),),
    )
