"""Whether a network still consists of numbers."""

import numpy as np

from cnn.counts import thousands
from cnn.evaluation.health.finding import (
    Bars,
    Check,
    Finding,
    HealthInput,
    Remedy,
    at_rate,
    learners,
    listed,
    percent,
    title,
)

NUMBERS_NAME = "Finite weights"


def finite(patient: HealthInput) -> Check:
    """Layers with weights that are infinite or not a number, as a diverged training leaves them."""
    arrays = patient.plan.split(patient.weights)
    layers = learners(patient.plan)
    lost = tuple(
        float(np.mean(~np.isfinite(np.concatenate([arrays[w.name].ravel() for w in one.weights]))))
        for one in layers
    )
    if not any(lost):
        count = thousands(patient.plan.parameters)
        return Check(NUMBERS_NAME, f"All {count} weights are finite.")
    ill = tuple(share > 0 for share in lost)
    told = [
        f"{percent(share, 0)} of {title(layer)}"
        for layer, share in zip(layers, lost, strict=True)
        if share
    ]
    rate = patient.run.job.settings.learning_rate(max(1, patient.epoch))
    slower = at_rate(patient.run.job.settings, 0.1)
    finding = Finding(
        "diverged",
        "The training has diverged",
        f"After epoch {patient.epoch} these weights are infinite or not a number: {listed(told)}.",
        "Most likely a step was so large that the loss overflowed. Everything that is computed with"
        " such a weight is lost with it; no later step brings it back. The learning rate was"
        f" {rate:g}."
        " Nothing else can be told of this network.",
        Bars("layer", tuple(map(title, layers)), lost, "share of lost weights", ill, 0.0),
        (Remedy("Train with steps ten times smaller", "Train", settings=slower),),
    )
    return Check(NUMBERS_NAME, finding.sentence, (finding,))
