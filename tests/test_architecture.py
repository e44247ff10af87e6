"""The rules of the house, read from the source: who may import whom."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

NUMBERS = {"operations", "statistics", "counts"}

# What each part of the house may import of the others; arrows run down only.
MAY_IMPORT = {
    "ui": {"lessons", "evaluation", "training", "inspection", "network", "data", *NUMBERS},
    "lessons": {"training", "inspection", "network", "data", *NUMBERS},
    "evaluation": {"training", "inspection", "network", "data", *NUMBERS},
    "training": {"network", "data", "storage", *NUMBERS},
    "inspection": {"network", "data", "operations", "statistics"},
    "network": {"operations"},
    "data": {"operations", "storage", "counts"},
    "operations": set(),
    "storage": set(),
    "statistics": set(),
    "counts": set(),
}

# The modules that run on a worker, where TensorFlow is loaded anyway, or by hand as a program.
WORKER_MODULES = {
    "cnn.inspection.explain.attribution",
    "cnn.inspection.keras_values",
    "cnn.lessons.loss_gradient",
    "cnn.inspection.features.activation_maximization",
    "cnn.network.keras",
    "cnn.training.worker.learner",
    "cnn.training.make_example",
    "cnn.training.worker.task",
}
HEAVY = {"keras", "tensorflow"}


@cache
def modules() -> dict[str, Path]:
    """Every module of the app by its dotted name."""
    files = [ROOT / "app.py", *ROOT.glob("pages/**/*.py"), *ROOT.glob("cnn/**/*.py")]
    found = {}
    for path in files:
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(source: str, everywhere: bool) -> Iterator[str]:
    """Dotted names that a source imports: everywhere in it, or only when it is itself imported."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module if node.level == 0 else "." * node.level
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node) if everywhere else [])
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting.extend(node.body if everywhere else [])
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))


@cache
def imports_of(name: str, everywhere: bool = True) -> frozenset[str]:
    return frozenset(imports(modules()[name].read_text("utf-8"), everywhere))


@cache
def own_imports(name: str, everywhere: bool) -> set[str]:
    """The app's own modules among the imports of one of them."""
    return {found for found in imports_of(name, everywhere) if found in modules()} - {name}


@cache
def loaded_with(name: str) -> set[str]:
    """A module and all of the app's own that are loaded when it is imported."""
    loaded, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one not in loaded:
            loaded.add(one)
            waiting.extend(own_imports(one, everywhere=False))
    return loaded


def roots(names: frozenset[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


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


def test_what_runs_by_itself_keeps_its_place_on_the_page():
    named = {name for name, path in modules().items() if "run_every" in path.read_text("utf-8")}
    assert named == {"cnn.ui.common.waiting"}


def test_no_module_comes_back_to_itself():
    for name in modules():
        for found in own_imports(name, everywhere=False):
            assert name not in loaded_with(found), f"{name} and {found} import each other"


def folder_of(name: str) -> str | None:
    """The folder of cnn/ui that a module is in."""
    parts = name.split(".")
    return parts[2] if parts[:2] == ["cnn", "ui"] and len(parts) > 2 else None


def folders_needed() -> dict[str, set[str]]:
    """For each folder of cnn/ui the other ones that its modules import."""
    needed: dict[str, set[str]] = {}
    for name in modules():
        if folder := folder_of(name):
            others = {folder_of(found) for found in own_imports(name, everywhere=True)}
            needed.setdefault(folder, set()).update(filter(None, others - {folder}))
    return needed


def test_no_two_folders_of_the_ui_need_each_other() -> None:
    needed = folders_needed()
    assert len(needed) > 10
    both = [(one, other) for one in needed for other in needed[one] if one in needed[other]]
    assert not both


def test_no_modules_stand_directly_in_the_ui() -> None:
    assert not list((ROOT / "cnn/ui").glob("[!_]*.py"))


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
