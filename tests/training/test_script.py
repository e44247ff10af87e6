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
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn.data.dataset import Dataset
from cnn.data.example import challenge_dataset, example_dataset
from cnn.data.idx import read_idx_folder
from cnn.data.split import ChosenData, DataChoice, choose, training_data
from cnn.network.link import from_text
from cnn.network.presets import ARTICLE
from cnn.network.spec import NetworkError
from cnn.training.events import EpochEnd
from cnn.training.job import Job, Settings
from cnn.training.script import notebook, script
from cnn.training.worker.task import train
from tests.data.idx_files import random_part, write_part
from tests.training.script_cases import (
    CASES,
    NETWORK,
    SETTINGS,
    Case,
    csv_case,
    official_case,
    shipped_case,
    words_csv,
)

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


@pytest.fixture(scope="module")
def keras_home(tmp_path_factory) -> Path:
    """Keras's folder with Fashion-MNIST as if downloaded: our test images, few training images."""
    home = tmp_path_factory.mktemp("keras")
    folder = home / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    images, labels = example_dataset().images[..., 0], example_dataset().labels.astype(np.uint8)
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
    data = training_data(case.data)
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
    if "early stopping" in name:
        assert len(epochs) < cases[name].job.settings.epochs


def test_the_script_run_as_a_reader_runs_it(keras_home, tmp_path):
    case = shipped_case()
    (tmp_path / "script.py").write_text(case.script, encoding="utf-8")
    printed = executed(["script.py"], tmp_path, keras_home)
    assert "8000 training images, 2000 test images" in printed
    accuracy = re.search(r"^Accuracy on 2000 test images: (0\.\d{4})$", printed, re.MULTILINE)
    assert accuracy[1] == f"{epochs_of_the_app(case)[-1].validation_accuracy:.4f}"


def test_the_script_leaves_out_the_images_that_judge_challenges(monkeypatch):
    dataset, everything = challenge_dataset(), example_dataset()
    chosen = choose(dataset, DataChoice(dataset.identity))
    [loading] = [
        cell
        for cell in code_cells(script(Job(NETWORK, chosen.choice, SETTINGS), chosen))
        if "judged" in cell
    ]
    loaded = None, (everything.images[..., 0], everything.labels)
    fake = SimpleNamespace(fashion_mnist=SimpleNamespace(load_data=lambda: loaded))
    names = {"np": np, "keras": SimpleNamespace(datasets=fake)}
    exec(loading, names)
    assert np.array_equal(names["images"], dataset.images[..., 0])
    assert np.array_equal(names["labels"], dataset.labels)


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


def test_the_script_reads_the_idx_files_that_the_app_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part, count in (("train", 30), ("t10k", 12)):
        write_part(tmp_path, part, *random_part(count, seed=count, size=(28, 28)))
    dataset = read_idx_folder(tmp_path)
    data = choose(dataset, DataChoice(dataset.identity, train_share=None))
    text = script(Job(ARTICLE, data.choice, Settings()), data)
    _, _, loading, *_ = text.split("# %%")
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {"np": np}
    exec(loading.partition("\n")[2], found)
    np.testing.assert_array_equal(found["images"], dataset.images[..., 0])
    np.testing.assert_array_equal(found["labels"], dataset.labels)
