"""Healthy and sick networks, trained like the app trains them, for the health checks."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
from numpy.typing import NDArray

from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.data.split import DataChoice, TrainingData, choose, training_data
from cnn.evaluation.health.activity import measure_activity, sample
from cnn.evaluation.health.health_input import HealthInput
from cnn.evaluation.health.remedies import Change
from cnn.network.keras import build, flat_weights
from cnn.network.plan import Plan, plan
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import Activation, ConvolutionBlock, DenseLayer, Network
from cnn.training.events import Checkpoint, EpochEnd, Point
from cnn.training.job import Job, OptimizerName, Phase, Settings
from cnn.training.run import EpochRecord, Run, epoch_record
from cnn.training.worker.task import train

Sickness = Literal[
    "too_fast",
    "too_slow",
    "saturated",
    "vanishing",
    "memorizing",
    "imbalance",
    "wrong_labels",
]

SMALL_CLASSES = (2, 6)
"""The classes that have few images in the runs with imbalance."""


@dataclass(frozen=True)
class Images:
    """Which of the app's own images: the split, the first so many, fewer of two classes, shuffled labels."""

    train_share: float = 0.8
    train: int | None = None
    small_classes_have: float = 1.0
    shuffled: Literal["", "train", "all"] = ""


@dataclass(frozen=True)
class Case:
    """A training and what is wrong with it (None: nothing). `start` changes the weights it starts from."""

    name: str
    network: Network
    settings: Settings
    sickness: Sickness | None = None
    images: Images = field(default_factory=Images)
    start: Callable[[Plan, NDArray[np.float32]], None] | None = None


@dataclass(frozen=True, eq=False)
class Trained:
    """The epochs of a case, the weights before and after, and the data it was trained on."""

    case: Case
    records: tuple[EpochRecord, ...]
    start: NDArray[np.float32]
    weights: NDArray[np.float32]
    data: TrainingData

    @property
    def health_input(self) -> HealthInput:
        """What the health checks read after the last epoch."""
        unrolled = plan(self.case.network, self.data.train_images.shape[1:], self.data.classes)
        images = self.data.train_images[sample(np.arange(len(self.data.train_images)))]
        job = Job(self.case.network, DataChoice(EXAMPLE_DATASET), self.case.settings)
        return HealthInput(
            Run(self.case.name, job, "done", "", 0, 0, epochs=self.records),
            self.records[-1].epoch,
            unrolled,
            self.weights,
            self.start,
            measure_activity(unrolled, self.weights, images),
            example_dataset().classes,
            tuple(np.bincount(self.data.train_labels, minlength=self.data.classes).tolist()),
            len(self.data.test_labels),
        )


def dense_with(name: Literal["relu", "leaky_relu", "tanh"]) -> Network:
    """The article's network with another activation in its dense layer."""
    slope = 0.1 if name == "leaky_relu" else 0.0
    return replace(ARTICLE, dense=(DenseLayer(100, Activation(name, slope)),))


def settings(
    rate: float = 0.001,
    epochs: int = 30,
    optimizer: OptimizerName = "adam",
    seed: int = 1,
    batch_size: int = 128,
) -> Settings:
    """One phase of training."""
    return Settings((Phase(epochs, rate),), batch_size, optimizer, seed=seed)


def scaled(layer: str, factor: float) -> Callable[[Plan, NDArray[np.float32]], None]:
    """A start whose kernel of `layer` is so many times as large."""

    def change(unrolled: Plan, weights: NDArray[np.float32]) -> None:
        unrolled.split(weights)[f"{layer}/kernel"][:] *= factor

    return change


_SIGMOID = Activation("sigmoid")

RELU, LEAKY, TANH = dense_with("relu"), dense_with("leaky_relu"), dense_with("tanh")

THREE_SIGMOID_BLOCKS = Network(
    tuple(
        ConvolutionBlock(filters, 3, padding="same", activation=_SIGMOID) for filters in (4, 8, 8)
    ),
    dense=(DenseLayer(100, _SIGMOID),),
)

THREE_SIGMOID_LAYERS = replace(ARTICLE, dense=tuple(DenseLayer(60, _SIGMOID) for _ in range(3)))


def healthy() -> list[Case]:
    """Networks that learn well: no finding is expected."""
    lenet = PRESETS["lenet5"].network
    return [
        case
        for seed in (1, 2, 3)
        for case in (
            Case(f"article-{seed}", ARTICLE, settings(seed=seed)),
            Case(f"relu-{seed}", RELU, settings(seed=seed, epochs=45)),
            Case(f"leaky-{seed}", LEAKY, settings(seed=seed)),
            Case(f"lenet-{seed}", lenet, settings(seed=seed, epochs=20)),
            Case(f"thousand-{seed}", ARTICLE, settings(seed=seed), None, Images(0.1)),
        )
    ]


def sick() -> list[Case]:
    """Networks with something wrong."""
    few = Images(train=200)
    uneven = Images(small_classes_have=1 / 8)
    shuffled = Images(train=2000, shuffled="train")
    cases = []
    for seed in (1, 2, 3):
        by_sgd = settings(0.01, 10, "sgd", seed)
        memorized = settings(epochs=40, seed=seed, batch_size=16)
        ten = settings(epochs=10, seed=seed)
        wide = scaled("dense_1", 40.0)
        cases += [
            Case(f"vanish-conv-{seed}", THREE_SIGMOID_BLOCKS, by_sgd, "vanishing"),
            Case(f"vanish-dense-{seed}", THREE_SIGMOID_LAYERS, by_sgd, "vanishing"),
            Case(f"memorize-b16-{seed}", RELU, memorized, "memorizing", few),
            Case(f"imbalance-{seed}", ARTICLE, settings(epochs=15, seed=seed), "imbalance", uneven),
            Case(f"saturated-sigmoid-{seed}", ARTICLE, ten, "saturated", start=wide),
            Case(f"saturated-tanh-{seed}", TANH, ten, "saturated", start=wide),
            Case(
                f"shuffled-train-{seed}",
                RELU,
                settings(epochs=20, seed=seed),
                "wrong_labels",
                shuffled,
            ),
        ]
    for seed in (1, 2):
        cases += [
            Case(f"relu-adam0.1-{seed}", RELU, settings(0.1, 10, seed=seed), "too_fast"),
            Case(f"article-adam0.1-{seed}", ARTICLE, settings(0.1, 10, seed=seed), "too_fast"),
            Case(f"article-adam1e-5-{seed}", ARTICLE, settings(1e-5, 10, seed=seed), "too_slow"),
            Case(f"article-sgd1e-4-{seed}", ARTICLE, settings(1e-4, 10, "sgd", seed), "too_slow"),
        ]
    cases += [
        Case("relu-adam0.3-1", RELU, settings(0.3, 10), "too_fast"),
        Case("relu-sgd1-1", RELU, settings(1.0, 10, "sgd"), "too_fast"),
        Case("relu-sgd3-1", RELU, settings(3.0, 10, "sgd"), "too_fast"),
        Case("relu-sgd10-1", RELU, settings(10.0, 10, "sgd"), "too_fast"),
        Case("article-sgd10-1", ARTICLE, settings(10.0, 10, "sgd"), "too_fast"),
        Case("leaky-adam0.1-1", LEAKY, settings(0.1, 10), "too_fast"),
        Case("lenet-adam0.1-1", PRESETS["lenet5"].network, settings(0.1, 8), "too_fast"),
        Case("tanh-adam0.1-1", TANH, settings(0.1, 10), "too_fast"),
        Case("relu-adam1e-5-1", RELU, settings(1e-5, 10), "too_slow"),
        Case("article-adam1e-6-1", ARTICLE, settings(1e-6, 10), "too_slow"),
        Case(
            "shuffled-full-1", ARTICLE, settings(epochs=20), "wrong_labels", Images(shuffled="all")
        ),
        Case(
            "shuffled-full-relu-1",
            RELU,
            settings(epochs=30),
            "wrong_labels",
            Images(shuffled="all"),
        ),
    ]
    return cases


RIGHT_REMEDIES: dict[Sickness, frozenset[Change]] = {
    "too_fast": frozenset({"slower", "inspect"}),
    "too_slow": frozenset({"faster", "adam"}),
    "saturated": frozenset({"relu"}),
    "vanishing": frozenset({"relu", "batch_normalization"}),
    "memorizing": frozenset({"early_stopping", "dropout", "more_images"}),
    "imbalance": frozenset({"balance_classes"}),
    "wrong_labels": frozenset({"check_labels"}),
}
"""What may be offered for each sickness: everything else is a wrong remedy."""


def images_of(images: Images) -> TrainingData:
    """The images of a case."""
    chosen = choose(example_dataset(), DataChoice(EXAMPLE_DATASET, train_share=images.train_share))
    train_images, train_labels, test_images, test_labels, classes = training_data(chosen)
    train_images, train_labels = train_images[: images.train], train_labels[: images.train]
    if images.small_classes_have < 1:
        kept = _kept(train_labels, images.small_classes_have)
        train_images, train_labels = train_images[kept], train_labels[kept]
        kept = _kept(test_labels, images.small_classes_have)
        test_images, test_labels = test_images[kept], test_labels[kept]
    random = np.random.default_rng(5)
    if images.shuffled:
        train_labels = random.permutation(train_labels)
    if images.shuffled == "all":
        test_labels = random.permutation(test_labels)
    return TrainingData(train_images, train_labels, test_images[:2000], test_labels[:2000], classes)


def trained(case: Case) -> Trained:
    """Train a case as a worker does."""
    data = images_of(case.images)
    records: list[EpochRecord] = []
    weights: list[NDArray[np.float32]] = []

    def report(event: Point | EpochEnd) -> None:
        if isinstance(event, EpochEnd):
            records.append(epoch_record(event))
            weights.append(event.weights)

    start = None
    if case.start:
        unrolled = plan(case.network, data.train_images.shape[1:], data.classes)
        changed = flat_weights(build(unrolled, case.settings.seed))
        case.start(unrolled, changed)
        start = Checkpoint(0, changed, fresh=True)
    train(case.network, case.settings, data, start, report, lambda: "go")
    return Trained(case, tuple(records), weights[0], weights[-1], data)


def _kept(labels: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    kept = np.ones(len(labels), np.bool_)
    for small in SMALL_CLASSES:
        places = np.flatnonzero(labels == small)
        kept[places[round(share * len(places)) :]] = False
    return kept
