"""Whether the remedies on the Health page help: each sick network before and after, by what it is about.

`python -m benchmarks remedies` trains them all and writes the table to tests/evaluation/health/remedies.json.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import Numbers, Rows
from benchmarks._health_cases import (
    RELU,
    SMALL_CLASSES,
    THREE_SIGMOID_LAYERS,
    Case,
    Images,
    Trained,
    scaled,
    settings,
    trained,
)
from cnn.evaluation.health.remedies import Change
from cnn.evaluation.predictions import Predictions
from cnn.inspection.forward import probabilities
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network, Pooling

TABLE = Path(__file__).resolve().parents[1] / "tests" / "evaluation" / "health" / "remedies.json"


@dataclass(frozen=True)
class Recorded:
    """A remedy's effect: `measure` before and after, and whether more of it is better."""

    change: Change
    network: str
    measure: str
    before: float
    after: float
    more_is_better: bool

    @property
    def helps(self) -> bool:
        """Whether it is better after."""
        return self.after > self.before if self.more_is_better else self.after < self.before


def run() -> tuple[Rows, Numbers]:
    """Train every network without and with its remedy, and write the table."""
    recorded = [_recorded(*one) for one in _pairs()]
    TABLE.write_text(json.dumps([asdict(one) for one in recorded], indent=1) + "\n", "utf-8")
    rows: Rows = [("remedy", "network", "measure", "before", "after")]
    rows += [
        (one.change, one.network, one.measure, f"{one.before:.4g}", f"{one.after:.4g}")
        for one in recorded
    ]
    return rows, {"remedies": len(recorded), "helped": sum(one.helps for one in recorded)}


def _pairs() -> list[tuple[Change, str, Case, Case]]:
    """The remedy, what is measured, the network without it and with it."""
    first = ConvolutionBlock(4, 3, padding="same", pooling=Pooling("average", 4, 4))
    deep = Network(
        (first, *(replace(first, pooling=None) for _ in range(4))), flattening="global_average"
    )
    normalized = replace(
        deep, blocks=tuple(replace(block, batch_normalization=True) for block in deep.blocks)
    )
    by_sgd = settings(0.1, 8, "sgd", batch_size=32)
    few = Images(train=200)
    long = settings(epochs=40, batch_size=16)
    memorized = Case("ReLU, 200 images", RELU, long, images=few)
    rising = replace(
        memorized,
        name="ReLU, 200 images, Adam 0.005",
        settings=settings(0.005, 60, batch_size=16),
    )
    dropped = replace(RELU, dense=(DenseLayer(100, Activation("relu"), 0.3),))
    relu_layers = replace(
        THREE_SIGMOID_LAYERS, dense=tuple(DenseLayer(60, Activation("relu")) for _ in range(3))
    )
    leaky = replace(RELU, dense=(DenseLayer(100, Activation("leaky_relu", 0.1)),))
    fewer = replace(ARTICLE, blocks=(ARTICLE.blocks[0], replace(ARTICLE.blocks[1], filters=7)))
    ten, even = settings(epochs=10), settings(epochs=15)
    two_thousand, uneven = Images(train=2000), Images(small_classes_have=1 / 8)
    fast = Case("ReLU, Adam 0.1", RELU, settings(0.1, 10))
    slow = Case("article, Adam 1e-5", ARTICLE, settings(1e-5, 10))
    sgd = Case("article, SGD 1e-4", ARTICLE, settings(1e-4, 10, "sgd"))
    sigmoid = Case("three sigmoid layers, SGD", THREE_SIGMOID_LAYERS, settings(0.01, 10, "sgd"))
    wide = Case("article, dense weights times 40", ARTICLE, ten, start=scaled("dense_1", 40.0))
    dead = Case("ReLU, units dead at the start", RELU, settings(epochs=5), start=_all_dead)
    plain = Case(
        "five blocks, small start, SGD", deep, by_sgd, images=Images(train=2000), start=_small
    )
    twins = Case("article, two equal kernels", ARTICLE, ten, start=_two_equal)
    wrong = Case(
        "shuffled labels", RELU, settings(epochs=20), images=Images(0.8, 2000, 1.0, "train")
    )
    small = Case("two small classes", ARTICLE, even, images=uneven)
    return [
        ("slower", "accuracy", fast, replace(fast, settings=settings(0.01, 10))),
        ("faster", "accuracy", slow, replace(slow, settings=settings(1e-4, 10))),
        ("adam", "accuracy", sgd, replace(sgd, settings=ten)),
        ("relu", "accuracy", sigmoid, replace(sigmoid, network=relu_layers)),
        ("relu", "accuracy", wide, replace(wide, network=RELU, start=None)),
        ("leaky_relu", "accuracy", dead, replace(dead, network=leaky)),
        ("batch_normalization", "accuracy", plain, replace(plain, network=normalized)),
        ("fewer_filters", "parameters", twins, replace(twins, network=fewer, start=None)),
        (
            "early_stopping",
            "validation loss",
            rising,
            replace(rising, settings=replace(rising.settings, patience=3)),
        ),
        ("dropout", "gap", memorized, replace(memorized, network=dropped)),
        ("more_images", "accuracy", memorized, replace(memorized, images=two_thousand)),
        ("check_labels", "accuracy", wrong, replace(wrong, images=two_thousand)),
        ("balance_classes", "recall of the small classes", small, replace(small, images=Images())),
    ]


def _recorded(change: Change, measure: str, sick: Case, better: Case) -> Recorded:
    before, after = (_measure(measure, trained(case)) for case in (sick, better))
    more = measure in ("accuracy", "recall of the small classes")
    return Recorded(change, sick.name, measure, before, after, more)


def _measure(measure: str, one: Trained) -> float:
    end = one.records[-1]
    match measure:
        case "accuracy":
            return end.validation_accuracy
        case "validation loss":
            return end.validation_loss
        case "gap":
            return end.accuracy - end.validation_accuracy
        case "parameters":
            return float(len(one.weights))
        case _:
            unrolled = plan(one.case.network, one.data.test_images.shape[1:], one.data.classes)
            shares = probabilities(unrolled, one.weights, one.data.test_images)
            found = Predictions(shares, one.data.test_labels)
            return float(found.correct[np.isin(found.true_labels, SMALL_CLASSES)].mean())


def _all_dead(unrolled: Plan, weights: NDArray[np.float32]) -> None:
    """A bias by which no unit of the dense layer is above 0."""
    unrolled.split(weights)["dense_1/bias"][:] = -5


def _small(unrolled: Plan, weights: NDArray[np.float32]) -> None:
    """Kernels a third of their usual size, so that each layer loses most of the gradient."""
    for name, values in unrolled.split(weights).items():
        if name.startswith("convolution") and name.endswith("kernel"):
            values *= 0.3


def _two_equal(unrolled: Plan, weights: NDArray[np.float32]) -> None:
    """Two filters of the second convolution that start alike, with all that is read of them."""
    parts = unrolled.split(weights)
    parts["convolution_2/kernel"][..., 7] = parts["convolution_2/kernel"][..., 6]
    rows = parts["dense_1/kernel"].reshape(25, 8, 100)
    rows[:, 7] = rows[:, 6]
