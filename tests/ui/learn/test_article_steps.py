"""The article's steps are the exported script, give the results shown, and treat 2019 as it was."""

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from cnn.data.example import EXAMPLE_DATASET, example_dataset
from cnn.data.split import DataChoice, choose
from cnn.lessons.article_steps import steps
from cnn.network.presets import ARTICLE
from cnn.training.job import Job, Phase, Settings
from cnn.training.script import script
from cnn.ui.learn.lessons.article import PROSE

matplotlib.use("Agg")
import matplotlib.pyplot as plt


@pytest.fixture(autouse=True)
def _fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fashion-MNIST as if it had been fetched."""
    pair = example_dataset().images[..., 0], example_dataset().labels
    monkeypatch.setattr(keras.datasets.fashion_mnist, "load_data", lambda: (pair, pair))


def test_the_steps_run_one_after_another_and_give_the_results_shown() -> None:
    data = choose(example_dataset(), DataChoice(EXAMPLE_DATASET, (0, 9), train_share=0.5))
    job = Job(ARTICLE, data.choice, Settings((Phase(1, 0.001),)))
    all_steps = steps(job, data)
    assert len(all_steps) == 8
    assert "".join(step.code for step in all_steps) == script(job, data)
    names: dict[str, Any] = {"__name__": "__main__"}
    for step in all_steps:
        exec(step.code, names)
        for expression, value in step.after.items():
            assert eval(expression, names) == value, expression


@pytest.fixture(scope="module")
def data_and_history() -> dict[str, Any]:
    """Packages, images, a table of them and a training's history, which the lines of 2019 use."""
    images, labels = example_dataset().images[:40, ..., 0], example_dataset().labels[:40]
    x, y = images.reshape(-1, 28, 28, 1) / 255, keras.utils.to_categorical(labels, 10)
    return {
        "np": np,
        "pd": pd,
        "tf": tf,
        "plt": plt,
        "keras": keras,
        "Adam": keras.optimizers.Adam,
        "Conv2D": keras.layers.Conv2D,
        "Dense": keras.layers.Dense,
        "table": pd.DataFrame(images.reshape(40, -1)),
        "images": images,
        "x_train": x,
        "y_train": y,
        "x_test": x,
        "y_test": y,
        "history": a_model().fit(x, y, epochs=1, verbose=0),
    }


@pytest.fixture
def names(data_and_history: dict[str, Any]) -> dict[str, Any]:
    """The same, with a network that a line may change."""
    return data_and_history | {"model": a_model()}


def a_model() -> keras.Model:
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
    return model


@dataclass(frozen=True)
class Change:
    """A line of 2019 as `article.md` shows it, what it says happens today, and the line for today."""

    icon: str
    then: str
    happens: str
    why: str
    now: str

    @property
    def error(self) -> str | None:
        """The error or warning that the text names."""
        named = re.fullmatch(r"(?:Stops: |Runs, with a )(\w+)", self.happens)
        return named[1] if named else None


CHANGE = re.compile(
    r":material/(\w+): `(.+)`\\\n\*\*(.+?)\.\*\* ([^\\\n]+)(?:\\\nToday: `(.+)`)?$", re.MULTILINE
)
BY_STEP = {
    name: [Change(*groups) for groups in CHANGE.findall(text)]
    for name, text in PROSE.sections.items()
    if name.startswith("2019/")
}
ALL = [change for changes in BY_STEP.values() for change in changes]
ICONS = {
    "Stops": "cancel",
    "Runs, with": "warning",
    "Runs, but builds a different network": "swap_horiz",
    "Runs": "check",
}


def test_every_change_in_the_text_is_read_and_has_the_icon_of_what_happens() -> None:
    assert len(BY_STEP) == 8
    for name, changes in BY_STEP.items():
        assert len(changes) == len(PROSE.sections[name].split("\n\n")), name
    for change in ALL:
        icons = [icon for start, icon in ICONS.items() if change.happens.startswith(start)]
        assert icons[0] == change.icon, change.then


@pytest.mark.parametrize("change", ALL, ids=lambda change: change.then)
def test_every_line_of_2019_behaves_as_shown(
    change: Change, names: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fashion-mnist_test.csv").write_text("label,pixel1\n0,0\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        exec(change.now, dict(names))
        if change.error:
            with pytest.raises(Exception) as stopped:
                exec(change.then, dict(names))
            assert stopped.typename == change.error
            assert isinstance(stopped.value, UserWarning) == (change.icon == "warning")
        else:
            exec(change.then, dict(names))


def test_the_line_that_means_something_else_makes_the_maps_named_in_the_text(
    names: dict[str, Any],
) -> None:
    [change] = [one for one in ALL if one.icon == "swap_horiz"]
    lines = (change.then, "Conv2D(4, (3, 3))", change.now)
    image = names["x_train"][:1]
    assert [eval(line, dict(names))(image).shape[1] for line in lines] == [9, 26, 26]
    assert "9 × 9" in change.why and "26 × 26" in change.why


def test_both_names_of_keras_give_the_same() -> None:
    names: dict[str, Any] = {}
    exec("from tensorflow.keras.models import Sequential", names)
    assert names["Sequential"] is keras.models.Sequential
