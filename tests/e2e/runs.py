"""Runs that the app under test keeps beside the shipped one."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from cnn.data.dataset import Dataset
from cnn.data.split import DataChoice
from cnn.data.store import DatasetStore
from cnn.network.plan import plan
from cnn.network.spec import Activation, ConvolutionBlock, Network, Pooling
from cnn.training.events import EpochEnd
from cnn.training.job import Job, Phase, Settings
from cnn.training.run import Run
from cnn.training.store import RunStore
from cnn.ui.state.url import DEFAULT_DATA
from tests.fuzzing import HOSTILE
from tests.strategies import random_weights

SEED = 4
"""What their weights are drawn with."""

SPECKLES = Dataset(
    "Speckles",
    "speckles-1",
    np.random.default_rng(1).integers(0, 256, (28, 12, 12, 3), dtype=np.uint8),
    np.arange(28) % 2,
    ("Even", "Odd"),
    "Random.",
)


def untrained(name: str, network: Network, data: DataChoice = DEFAULT_DATA) -> Run:
    """The record of a run whose weights `keep_random` draws."""
    return Run(name, Job(network, data, Settings((Phase(1, 0.001),))), "done", "", 1.0, 1.0)


UNEVEN = untrained(
    "uneven",
    Network(
        (
            ConvolutionBlock(
                3, 4, 2, "same", activation=Activation("tanh"), pooling=Pooling("max", 3, 2)
            ),
            ConvolutionBlock(2, 2, 1, "same", pooling=None),
        ),
        "global_average",
    ),
)
"""Its kernels are even, its padding is lopsided, and its pooling leaves the last cells out."""

COLORED = untrained(
    "colored",
    Network((ConvolutionBlock(2, 3),), "global_average"),
    DataChoice(SPECKLES.identity),
)


ODD_NAMES = Dataset(
    HOSTILE[1],
    "odd-names",
    np.random.default_rng(2).integers(0, 256, (180, 12, 12, 1), dtype=np.uint8),
    np.arange(180) % len(HOSTILE),
    HOSTILE,
    f"Read from the table {HOSTILE[1]}.",
)

ODD_RUN = untrained(
    "odd-run", Network((ConvolutionBlock(2, 3),), "global_average"), DataChoice(ODD_NAMES.identity)
)
"""Its classes are named to be read as Markdown."""


YOUNG, YOUNG_EPOCH = "young", 10
"""The shipped run as it was after some epochs, as a run of its own."""


def keep(home: Path) -> None:
    """Put them into the folder of an app that does not run yet."""
    for dataset in (SPECKLES, ODD_NAMES):
        DatasetStore(home / "datasets").add(dataset)
    store = RunStore(home / "runs")
    shipped = store.run("article")
    part = slice(YOUNG_EPOCH + 1)
    young = replace(shipped, epochs=shipped.epochs[part], kept=shipped.kept[part])
    store.save_copy(young, replace(young, id=YOUNG, status="stopped"))
    keep_random(store, UNEVEN)
    keep_random(store, COLORED, (12, 12, 3), 2)
    keep_random(store, ODD_RUN, (12, 12, 1), len(HOSTILE))


def keep_random(
    store: RunStore, run: Run, shape: tuple[int, int, int] = (28, 28, 1), classes: int = 10
) -> None:
    """Store a run whose only epoch has random weights for images of this shape."""
    weights = random_weights(plan(run.job.network, shape, classes), SEED)
    store.save(run)
    end = EpochEnd(0, 0.7, 0.5, 0.7, 0.5, 0.001, 1, weights=weights, resume=b"")
    store.save(store.save_epoch(run, end))
