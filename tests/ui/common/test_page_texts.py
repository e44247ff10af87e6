"""The Markdown files beside the code of pages: each section is shown somewhere, in short sentences."""

import ast
import re
from pathlib import Path

import pytest

from cnn.ui.common.prose import read_sections

UI = Path(__file__).parents[3] / "cnn/ui"
MODULES = [
    path for path in UI.rglob("*.py") if "= read_sections(__file__)" in path.read_text("utf-8")
]


def strings(module: Path) -> set[str]:
    """Return every string of a module, and what an f-string begins with."""
    tree = ast.parse(module.read_text("utf-8"))
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_every_section_is_named_in_the_code(module: Path) -> None:
    named = strings(module)
    for section in read_sections(str(module)).sections:
        group, _, name = section.rpartition("/")
        assert section in named or f"{group}/" in named, section
        assert section in named or name in named or group in GROUPS_OF_DATA, section


GROUPS_OF_DATA = {
    "name",
    "remedy",
    "layer_remedy",
    "skipped",
    "cause",
    "end",
    "below",
    "verdict",
    "page",
    "task",
}
"""Groups whose names are types, or values of a type, in cnn.evaluation, cnn.inspection or cnn.challenges, or pages."""


@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_sentences_are_short(module: Path) -> None:
    for section, source in read_sections(str(module)).sections.items():
        text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", source)
        for sentence in re.split(r"(?<=[.?!:])\s+|\n\n", text):
            assert len(sentence.split()) <= 24, f"{section}: {sentence}"
