"""The colors: enough contrast to be read, one place where they are written."""

import re
from pathlib import Path

import pytest

from cnn.ui.common import theme

ROOT = Path(__file__).parents[3]


def luminance(color: str) -> float:
    """Relative luminance of "#rrggbb" (WCAG 2.2)."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colors (WCAG 2.2), 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def variables(scheme: theme.Scheme) -> dict[str, str]:
    return dict(re.findall(r"--st-([a-z-]+): (#[0-9a-f]{6});", theme.page_variables(scheme)))


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", theme.SCHEMES)
@pytest.mark.parametrize("ground", ["background-color", "secondary-background-color"])
@pytest.mark.parametrize("ink", ["text-color", "link-color", "gray-text-color"])
def test_text_can_be_read(scheme, ground, ink):
    colors = variables(scheme)
    assert contrast(colors[ink], colors[ground]) >= 4.5


@pytest.mark.parametrize("scheme", theme.SCHEMES)
def test_captions_can_be_read_though_streamlit_draws_them_at_60_percent(scheme):
    colors = variables(scheme)
    ink, ground = colors["text-color"], colors["background-color"]
    mixed = [
        round(0.6 * int(ink[at : at + 2], 16) + 0.4 * int(ground[at : at + 2], 16))
        for at in (1, 3, 5)
    ]
    assert contrast("#{:02x}{:02x}{:02x}".format(*mixed), ground) >= 4.5


@pytest.mark.parametrize("scheme", theme.SCHEMES)
def test_lines_and_marks_stand_out_from_the_ground(scheme):
    colors = variables(scheme)
    lines = [*theme.CATEGORIES[scheme], theme.SELECTED, *theme.RUNS, colors["primary-color"]]
    for line in lines:
        assert contrast(line, colors["background-color"]) >= 3, line


def test_no_component_or_chart_writes_a_color_of_the_palette_again():
    written = [theme.POSITIVE, theme.NEGATIVE, theme.SELECTED, theme.QUIET]
    for path in (*(ROOT / "cnn").rglob("*.*"), *(ROOT / "static").rglob("*.*")):
        if path.suffix in (".css", ".js", ".html", ".py") and path.name != "theme.py":
            text = path.read_text("utf-8").lower()
            assert not [color for color in written if color in text], path
