"""The rules of the architecture, read from the source: who may import whom."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture import (
    DOCUMENT,
    ROOT,
    arrows,
    document,
    imports,
    imports_of,
    loaded_with,
    modules,
    own_imports,
    roots,
    ui_folder_of,
)

NUMBERS = {"arrays", "operations", "statistics"}

# What each part of the app may import of the others; arrows point down only.
MAY_IMPORT = {
    "ui": {
        "lessons",
        "workshop",
        "evaluation",
        "training",
        "inspection",
        "network",
        "data",
        "storage",
        "server_limits",
        *NUMBERS,
    },
    "lessons": {"training", "inspection", "network", "data", *NUMBERS},
    "evaluation": {"training", "inspection", "network", "data", *NUMBERS},
    "workshop": {"training", "network", "storage", *NUMBERS},
    "training": {"network", "data", "storage", "server_limits", *NUMBERS},
    "inspection": {"network", "data", *NUMBERS},
    "network": {"arrays", "operations"},
    "data": {"arrays", "operations", "storage", "server_limits"},
    "operations": {"arrays"},
    "arrays": set(),
    "server_limits": set(),
    "storage": set(),
    "statistics": set(),
}

# The modules that run on a worker, where TensorFlow is loaded anyway.
WORKER_MODULES = {
    "cnn.network.keras",
    "cnn.training.worker.learner",
    "cnn.training.worker.task",
}
HEAVY = {"keras", "tensorflow"}


@pytest.mark.parametrize(
    ("source", "everywhere", "found"),
    [
        ("import keras.layers as k, numpy", False, {"keras.layers", "numpy"}),
        ("from cnn.ui import common", False, {"cnn.ui", "cnn.ui.common"}),
        ("def f():\n    import keras", True, {"keras"}),
        ("def f():\n    import keras", False, set()),
        ("class A:\n    import keras", False, {"keras"}),
        ("try:\n    import keras\nexcept ImportError: pass", False, {"keras"}),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import keras",
            False,
            {"typing", "typing.TYPE_CHECKING"},
        ),
    ],
)
def test_imports_are_found_where_they_hide(source, everywhere, found):
    assert set(imports(source, everywhere)) == found


def test_the_rules_are_about_modules_that_exist():
    assert {name.split(".")[1] for name in modules() if name.startswith("cnn.")} == set(MAY_IMPORT)
    assert set(modules()) >= WORKER_MODULES


def test_imports_name_the_module_in_full():
    for name in modules():
        assert not any(found.startswith(".") for found in imports_of(name)), name


def test_only_the_pages_and_the_ui_know_streamlit():
    for name in modules():
        if name.startswith("cnn.") and not name.startswith("cnn.ui"):
            assert "streamlit" not in roots(imports_of(name)), name


def test_only_worker_modules_load_keras():
    for name in set(modules()) - WORKER_MODULES:
        heavy = {one for one in loaded_with(name) if HEAVY & roots(imports_of(one, False))}
        assert not heavy, f"{name} loads Keras by way of {heavy}"


def test_pages_and_ui_never_name_keras():
    for name in modules():
        if name.split(".")[0] in ("app", "pages") or name.startswith("cnn.ui"):
            assert not HEAVY & roots(imports_of(name)), name


def test_arrows_run_down_only():
    for name in modules():
        parts = name.split(".")
        if parts[0] != "cnn" or len(parts) < 2:
            continue
        for found in own_imports(name, everywhere=True):
            part = found.split(".")[1] if "." in found else None
            assert found.startswith("cnn"), f"{name} imports {found}"
            assert part in {None, parts[1], *MAY_IMPORT[parts[1]]}, f"{name} imports {found}"


def test_the_app_is_navigation_and_pages_do_not_import_each_other():
    for name in modules():
        if name.split(".")[0] in ("app", "pages"):
            pages = {found for found in own_imports(name, True) if found.split(".")[0] == "pages"}
            assert not pages, f"{name} imports {pages}"


def test_what_is_trained_is_asked_for_in_one_place_which_knows_the_rules_of_workshops():
    asks = re.compile(
        r"\.(submit|submit_background|continue_run|train_edited)\b|experiment_runner\(\)\.(begin|start)\b"
    )
    found = {
        name
        for name, path in modules().items()
        if name.startswith(("cnn.ui", "pages")) and asks.search(path.read_text("utf-8"))
    }
    assert found - {"cnn.ui.inspect.changes"} == {"cnn.ui.state.requests"}


def test_what_runs_by_itself_keeps_its_place_on_the_page():
    named = {name for name, path in modules().items() if "run_every" in path.read_text("utf-8")}
    assert named == {"cnn.ui.common.waiting"}


def test_no_module_comes_back_to_itself():
    for name in modules():
        for found in own_imports(name, everywhere=False):
            assert name not in loaded_with(found), f"{name} and {found} import each other"


def test_no_two_folders_of_the_ui_need_each_other() -> None:
    pairs = arrows(ui_folder_of)
    assert len(pairs) > 10
    assert not {(start, end) for start, end in pairs if (end, start) in pairs}


def test_no_modules_stand_directly_in_the_ui() -> None:
    assert not list((ROOT / "cnn" / "ui").glob("[!_]*.py"))


def test_the_diagram_in_the_documentation_is_that_of_the_imports_now() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert text == document(text), "Run `python -m tests.architecture` to draw it again."


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a clone: no list of the project's files")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every file that is text."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path.relative_to(ROOT).as_posix(), content.decode("utf-8")


def test_no_file_names_a_place_on_somebodys_machine():
    place = re.compile(r"(?<![\w.~*\]})-])/(work|root|home)(?![\w-])")
    found = {name: place.findall(text) for name, text in texts() if place.search(text)}
    assert not found
    assert place.search("open('/" + "home/ann/x.csv')")
    assert not place.search("https://example.org/work/ .github/workflows /worker")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_exactly(name):
    lines = (ROOT / name).read_text("utf-8").splitlines()
    wanted = [line for line in lines if line.strip() and not line.startswith(("#", "-r "))]
    assert wanted
    for line in wanted:
        assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\d[\w.]*( ?; .+)?", line), line
