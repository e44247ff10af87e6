"""The exported script is executed and must end where the app's own training ends.

TensorFlow takes its time to start, so that one process executes most of the scripts, one after the
other, each in a folder of its own; one is run as a reader would run it.
"""

import ast
import gzip
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.data.dataset import ChosenData, DataChoice, Dataset, choose, training_arrays
from cnn.data.idx import read_images_and_labels
from cnn.data.shipped import FASHION_MNIST_CLASSES, SHIPPED_IDENTITY, shipped
from cnn.data.table import read_csv, to_csv
from cnn.network.link import from_text
from cnn.network.spec import NetworkError
from cnn.training.events import EpochEnd, TrainingData
from cnn.training.job import Job, Phase, Settings
from cnn.training.script import notebook, script
from cnn.training.task import train

NETWORK = from_text("conv4x3-relu-max2_flatten_dense8-sigmoid_softmax")
SETTINGS = Settings(phases=(Phase(2, 0.01),), batch_size=32, seed=3)

# What the process that executes the scripts does. A script's own words must suffice: it gets an
# empty namespace, and its own seed is the only one it can rely on.
EXECUTE = """
import json, os, sys
from pathlib import Path
import keras

for folder in map(Path, sys.argv[1:]):
    os.chdir(folder)
    keras.backend.clear_session()
    names = {"__name__": "__main__"}
    for cell in json.loads(Path("cells.json").read_text()):
        exec(compile(cell, str(folder), "exec"), names)
    ended = {"history": names["history"].history, "accuracy": names["accuracy"]}
    Path("ended.json").write_text(json.dumps(ended))
"""


def table(labels: np.ndarray, images: np.ndarray, first: int = 1) -> bytes:
    """A CSV as a person might bring it, its pixels counted from `first`."""
    rows = images.reshape(len(images), -1)
    lines = [",".join(["label", *(f"pixel{first + n}" for n in range(rows.shape[1]))])]
    lines += [
        f"{label}," + ",".join(map(str, row)) for label, row in zip(labels, rows, strict=True)
    ]
    return "\n".join(lines).encode()


def small_images(count: int = 300) -> np.ndarray:
    return shipped().images[:count, ::3, ::3, 0]


def numbers_csv() -> bytes:
    return table(shipped().labels[:300], small_images())


def words_csv() -> bytes:
    """Words as labels: one that pandas takes for a missing value, some with a leading zero."""
    words = np.array(["NA", "01", "a coat", "1", "None", "001", "# %% x", "'", "\\n", "true"])
    return table(words[shipped().labels[:300]], small_images(), first=0)


@dataclass(frozen=True)
class Case:
    """A job, its data, and the CSV that a reader puts beside the script."""

    job: Job
    data: ChosenData
    csv: bytes | None = None

    @property
    def script(self) -> str:
        return script(self.job, self.data)


def csv_case(csv=None, dataset=None, network=NETWORK, settings=SETTINGS, **choice) -> Case:
    csv = csv or numbers_csv()
    dataset = dataset or read_csv(csv, "clothes.csv")
    chosen = choose(dataset, DataChoice(dataset.identity, **choice))
    return Case(Job(network, chosen.choice, settings), chosen, csv)


def download_case() -> Case:
    dataset = read_csv(words_csv(), "clothes.csv")
    return csv_case(csv=to_csv(dataset, np.arange(len(dataset.images))), dataset=dataset)


def shipped_case() -> Case:
    network = from_text("conv4x3-s2-relu-max2_flatten_softmax")
    chosen = choose(shipped(), DataChoice(SHIPPED_IDENTITY))
    settings = replace(SETTINGS, phases=(Phase(1, 0.01),), batch_size=128)
    return Case(Job(network, chosen.choice, settings), chosen)


def official_case(folder: Path) -> Case:
    """All of Fashion-MNIST as Keras loads it, were its training images those in the folder."""
    parts = [read_images_and_labels(folder, part) for part in ("train", "t10k")]
    dataset = Dataset(
        name="Fashion-MNIST",
        identity="fashion-mnist",
        images=np.concatenate([images for images, _ in parts])[..., np.newaxis],
        labels=np.concatenate([labels for _, labels in parts]).astype(np.int64),
        classes=FASHION_MNIST_CLASSES,
        credit="",
        official_test=len(parts[1][0]),
    )
    chosen = choose(dataset, DataChoice(dataset.identity, (0, 2, 5, 9), train_share=None))
    network = from_text("conv2x3-s3-relu_flatten_softmax")
    return Case(Job(network, chosen.choice, SETTINGS), chosen)


CASES = {
    "plain": csv_case,
    "words as labels": lambda: csv_case(words_csv()),
    "download of the app": download_case,
    "sigmoid": lambda: csv_case(
        network=from_text("conv4x3-relu-max2_flatten_dense8-sigmoid_sigmoid"), classes=(2, 6)
    ),
    "normalisation and dropout": lambda: csv_case(
        network=from_text(
            "conv4x3-norm-relu-max2-drop0.25_globalaverage_dense8-relu-drop0.5_softmax"
        )
    ),
    "momentum, another split": lambda: csv_case(
        settings=replace(SETTINGS, optimiser="sgd", momentum=0.9), train_share=0.55, seed=7
    ),
    "rmsprop, three classes": lambda: csv_case(
        settings=replace(SETTINGS, optimiser="rmsprop"), classes=(1, 4, 8)
    ),
    "two phases, as a notebook": lambda: csv_case(
        settings=replace(SETTINGS, phases=(Phase(2, 0.01), Phase(2, 0.0001)))
    ),
    "early stopping": lambda: csv_case(
        settings=replace(SETTINGS, phases=(Phase(30, 0.2),), patience=2)
    ),
}


@pytest.fixture(scope="module")
def keras_home(tmp_path_factory) -> Path:
    """Keras's folder with Fashion-MNIST as if downloaded: our test images, few training images."""
    home = tmp_path_factory.mktemp("keras")
    folder = home / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    images, labels = shipped().images[..., 0], shipped().labels.astype(np.uint8)
    few = slice(0, 400)
    for name, array in (
        ("train-images-idx3", 255 - images[few]),
        ("train-labels-idx1", labels[few]),
        ("t10k-images-idx3", images),
        ("t10k-labels-idx1", labels),
    ):
        header = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
        content = gzip.compress(header + array.tobytes(), compresslevel=1)
        (folder / f"{name}-ubyte.gz").write_bytes(content)
    return home


def executed(arguments: list[str], folder: Path, keras_home: Path) -> str:
    """What Python prints; it fails with what it complains about."""
    environment = {
        **os.environ,
        "MPLBACKEND": "Agg",
        "KERAS_HOME": str(keras_home),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONPATH": "",
    }
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def code_cells(text: str) -> list[str]:
    cells = json.loads(notebook(text))["cells"]
    return [cell["source"] for cell in cells if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def cases(keras_home) -> dict[str, Case]:
    made = {name: make() for name, make in CASES.items()}
    made["official split"] = official_case(keras_home / "datasets" / "fashion-mnist")
    return made


@pytest.fixture(scope="module")
def endings(cases, keras_home, tmp_path_factory) -> dict[str, dict]:
    """Where each script ends: its history and the accuracy it prints."""
    folders = {name: tmp_path_factory.mktemp("script") for name in cases}
    for name, folder in folders.items():
        text = cases[name].script
        cells = code_cells(text) if "notebook" in name else [text]
        (folder / "cells.json").write_text(json.dumps(cells))
        if cases[name].csv:
            (folder / "images.csv").write_bytes(cases[name].csv)
    executed(["-c", EXECUTE, *map(str, folders.values())], keras_home, keras_home)
    return {
        name: json.loads((folder / "ended.json").read_text()) for name, folder in folders.items()
    }


def epochs_of_the_app(case: Case) -> list[EpochEnd]:
    """The epochs of the app's own training of the same job."""
    events: list = []
    data = TrainingData(*training_arrays(case.data), classes=len(case.data.classes))
    outcome = train(case.job.network, case.job.settings, data, None, events.append, lambda: "go")
    assert outcome.ending == "done"
    return [event for event in events if isinstance(event, EpochEnd) and event.epoch]


@pytest.mark.parametrize("name", [*CASES, "official split"])
def test_the_script_ends_where_the_app_ends(name, cases, endings):
    epochs, ended = epochs_of_the_app(cases[name]), endings[name]
    ours = {
        "loss": [epoch.loss for epoch in epochs],
        "accuracy": [epoch.accuracy for epoch in epochs],
        "val_loss": [epoch.validation_loss for epoch in epochs],
        "val_accuracy": [epoch.validation_accuracy for epoch in epochs],
    }
    for what, values in ours.items():
        assert ended["history"][what] == pytest.approx(values, rel=1e-4), what
    assert ended["accuracy"] == pytest.approx(epochs[-1].validation_accuracy, rel=1e-6)
    if name == "early stopping":
        assert len(epochs) < cases[name].job.settings.epochs


def test_the_script_run_as_a_reader_runs_it(keras_home, tmp_path):
    case = shipped_case()
    (tmp_path / "script.py").write_text(case.script, encoding="utf-8")
    printed = executed(["script.py"], tmp_path, keras_home)
    assert "8000 training images, 2000 test images" in printed
    accuracy = re.search(r"^Accuracy on 2000 test images: (0\.\d{4})$", printed, re.MULTILINE)
    assert accuracy[1] == f"{epochs_of_the_app(case)[-1].validation_accuracy:.4f}"


def test_a_network_that_cannot_be_has_no_script():
    case = csv_case()
    with pytest.raises(NetworkError):
        script(replace(case.job, network=from_text("conv1x11_flatten_softmax")), case.data)


NAMES = st.text(min_size=1, max_size=30)
HOSTILE = st.sampled_from(["\n# %% ", '"""', "'; import os", "\r\nimport os\n", "{x}", "\\", "\0"])


@settings(max_examples=40, deadline=None)
@given(
    name=st.lists(NAMES | HOSTILE, max_size=4).map("".join),
    classes=st.lists(NAMES | HOSTILE, min_size=2, max_size=6),
)
def test_names_are_words_in_the_script_never_code(name, classes):
    plain = csv_case_of("x", ["a"] * len(classes))
    text = csv_case_of(name, classes)
    told, expected = ast.parse(text), ast.parse(plain)
    assert set(classes) <= {node.value for node in ast.walk(told) if isinstance(node, ast.Constant)}
    for tree in (told, expected):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                node.value = None
    assert ast.dump(told) == ast.dump(expected)
    assert len(code_cells(text)) == len(code_cells(plain))


def csv_case_of(name: str, classes: list[str]) -> str:
    """The script for images of these classes in a table called so."""
    labels = np.arange(len(classes)).repeat(2)
    images = np.zeros((len(labels), 8, 8, 1), np.uint8)
    dataset = Dataset(name, "csv-0", images, labels, tuple(classes), "")
    choice = DataChoice("csv-0")
    chosen = ChosenData(dataset, choice, dataset.classes, labels, labels[::2], labels[1::2])
    return script(Job(NETWORK, choice, SETTINGS), chosen)


def test_the_notebook_is_the_script_in_cells():
    text = csv_case(words_csv()).script
    whole = json.loads(notebook(text))
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    assert set(whole) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert whole["metadata"]["kernelspec"].keys() >= {"name", "display_name"}
    identities = [cell["id"] for cell in whole["cells"]]
    assert len(set(identities)) == len(identities)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", one) for one in identities)
    for cell in whole["cells"]:
        assert isinstance(cell["source"], str)
        assert cell["metadata"] == {}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
        else:
            assert cell["cell_type"] == "markdown"
            assert cell.keys() == {"id", "cell_type", "source", "metadata"}
    assert [cell["cell_type"] for cell in whole["cells"][:2]] == ["markdown", "code"]
    joined = "\n".join(code_cells(text))
    assert ast.dump(ast.parse(joined)) == ast.dump(ast.parse(text))
