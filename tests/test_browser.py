"""What the browser runs: its types, its style, and its unit tests, which Node runs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from cnn.ui.common import formatting
from cnn.ui.components.modules import FOLDER, modules_of, with_bare_imports

ROOT = Path(__file__).parents[1]


def run(*command: str, on_path: str | None = None) -> str:
    """The output of a program that must be there and succeed."""
    program = shutil.which(command[0], path=on_path)
    assert program, f"{command[0]} is missing. CONTRIBUTING.md says what to install."
    done = subprocess.run(
        [program, *command[1:]], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_typescript_finds_no_fault() -> None:
    run("tsc", "--project", ".")


def test_the_linter_finds_no_fault() -> None:
    beside_python = str(Path(sys.executable).parent)
    run("oxlint", "--deny-warnings", on_path=beside_python)


def test_the_units_do_what_they_should() -> None:
    files = [str(path) for path in sorted((ROOT / "tests/browser").glob("*.test.js"))]
    assert files
    run("node", "--test", *files)


def test_every_module_is_loaded_by_a_component() -> None:
    components = [path.stem for path in FOLDER.glob("*.css")]
    loaded = {file for name in components for file in modules_of(name)}
    assert loaded == {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.js")}


def test_a_page_without_a_server_names_modules_by_their_paths() -> None:
    assert 'from "network/layers.js";' in with_bare_imports("network/strip.js")
    assert 'from "colors.js";' in with_bare_imports("network/color.js")
    for file in modules_of("network_view"):
        assert 'from "./' not in with_bare_imports(file)


def written(expression: str, values: list[float]) -> list[str]:
    """Values as an expression with `value` and functions of numbers.js writes them."""
    script = f"""
      import {{ number, percent }} from "./static/numbers.js";
      console.log(JSON.stringify({json.dumps(values)}.map((value) => {expression})));
    """
    found: Any = json.loads(run("node", "--input-type=module", "--eval", script))
    return list(found)


def test_the_browser_and_the_pages_write_every_number_alike() -> None:
    random = np.random.default_rng(1)
    sizes = 10.0 ** random.uniform(-12, 35, 1500) * random.choice([-1, 1], 1500)
    halves = np.arange(-400, 400) / 8  # what lies just between two numbers that can be written
    values = [*sizes.astype(np.float32).tolist(), *halves.tolist(), 99.95, 1e-3, 1e-320]
    assert written("number(value)", values) == [formatting.number(value) for value in values]


def test_the_browser_and_the_pages_write_percent_alike() -> None:
    shares = [0, 0.12349, 0.5, 0.9991, 1]
    assert written("percent(value)", shares) == [formatting.percent(value) for value in shares]
