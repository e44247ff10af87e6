"""The exported Keras script: a whole job as one plain file that ends where the app's run ended.

The script comes in cells (`# %%`), so that the notebook is the same text. Its parts stand in
`script.md`.
"""

import json
import re
from pathlib import Path
from string import Template
from typing import Any

from cnn.data.dataset import Dataset
from cnn.data.example import (
    CHALLENGE_DATASET,
    EXAMPLE_DATASET,
    JUDGE_SEED,
    JUDGED_PER_CLASS,
)
from cnn.data.split import ChosenData
from cnn.network.keras_code import keras_code
from cnn.network.link import to_text
from cnn.network.plan import plan
from cnn.network.spec import Output
from cnn.training.job import Job, Settings

_CELL = "# %%"
_KERAS_NAMES = {"fashion-mnist": "fashion_mnist", "mnist": "mnist"}
_LOSSES: dict[Output, str] = {
    "softmax": "categorical_crossentropy",
    "sigmoid": "binary_crossentropy",
}
_PARTS = {
    name: Template(code)
    for name, code in re.findall(
        r"^## ([^\n]+)\n\n```python\n(.*?)^```$",
        Path(__file__).with_suffix(".md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
}


def script(job: Job, data: ChosenData) -> str:
    """Python that loads the data, builds, trains and plots; `data` is what the job's choice gave.

    Raises NetworkError for a network that cannot be built for these images.
    """
    cells = [
        _part("opening", network=to_text(job.network), seed=job.settings.seed),
        _loading(data.dataset),
        _choosing(data),
        _building(job, keras_code(plan(job.network, data.image_shape, len(data.classes)))),
        _training(job.settings),
        _part("plots"),
    ]
    return "\n\n".join(f"{_CELL} {cell.strip()}" for cell in cells) + "\n"


def notebook(text: str) -> str:
    """The same script as a Jupyter notebook (format 4.5): one cell for each of its cells."""
    cells: list[dict[str, Any]] = []
    for number, cell in enumerate(re.split(f"^{_CELL} ", text, flags=re.MULTILINE)[1:]):
        title, _, code = cell.partition("\n")
        heading = {"cell_type": "markdown", "source": f"## {title}", "id": f"title-{number}"}
        source = {"cell_type": "code", "source": code.strip(), "id": f"code-{number}"}
        cells += [heading, source | {"execution_count": None, "outputs": []}]
    for one in cells:
        one["metadata"] = {}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1)


def _part(name: str, /, **values: object) -> str:
    return _PARTS[name].substitute(values)


def _loading(dataset: Dataset) -> str:
    if dataset.identity == EXAMPLE_DATASET:
        source = "example"
    elif dataset.identity == CHALLENGE_DATASET:
        source = "challenge"
    elif dataset.identity in _KERAS_NAMES:
        source = "download"
    else:
        source = "folder" if dataset.identity.startswith("idx-") else "table"
    return _part(
        f"images/{source}",
        name=_one_line(dataset.name),
        keras_name=_KERAS_NAMES.get(dataset.identity),
        side=dataset.images.shape[1],
        pixels=dataset.images[0].size,
        classes=list(dataset.classes),
        judge_seed=JUDGE_SEED,
        judged_per_class=JUDGED_PER_CLASS,
    )


def _one_line(name: str) -> str:
    """A name that may come from a file's, fit for a comment."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())


def _choosing(data: ChosenData) -> str:
    choice = data.choice
    if choice.classes is None:
        kept = _part("kept/all")
    else:
        kept = _part("kept/some", chosen=list(choice.classes))
    if choice.train_share is None:
        official = len(data.dataset.images) - (data.dataset.official_test or 0)
        split = _part("split/official", official=official)
    else:
        split = _part("split/random", seed=choice.seed, share=choice.train_share)
    return _part(
        "choice",
        classes=list(data.classes),
        kept=kept,
        split=split.rstrip(),
        shape=data.image_shape,
        count=len(data.classes),
    )


def _building(job: Job, model: str) -> str:
    output = job.network.output
    name, options = job.settings.keras_optimizer
    arguments = [f"{job.settings.learning_rate(1)}", *(f"{k}={v}" for k, v in options.items())]
    return _part(
        "network",
        targets=_part("targets of a sigmoid") if output == "sigmoid" else "",
        model=model,
        optimizer=f"keras.optimizers.{name}({', '.join(arguments)})",
        loss=_LOSSES[output],
    )


def _training(settings: Settings) -> str:
    rates = [settings.learning_rate(epoch + 1) for epoch in range(settings.epochs)]
    varied = len(set(rates)) > 1
    patience = settings.patience
    return _part(
        "training",
        batch_size=settings.batch_size,
        epochs=settings.epochs,
        rates=f"rates = {rates!r}\n" if varied else "",
        schedule=_part("schedule") if varied else "",
        early_stopping="" if patience is None else _part("early stopping", patience=patience),
    )
