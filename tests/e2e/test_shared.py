"""Numbers are written the same by the pages and by what draws in the browser."""

import numpy as np
from playwright.sync_api import Browser

from cnn.ui.common import formatting
from tests.e2e.server import ROOT


def written(chromium: Browser, how: str, values: list[float]) -> list[str]:
    """The values as an expression with a function of numbers.js writes them."""
    page = chromium.new_page()
    source = (ROOT / "static/numbers.js").read_text().replace("export ", "")
    found = page.evaluate(f"values => {{ {source}; return values.map((value) => {how}); }}", values)
    page.close()
    return list(found)


def test_the_browser_and_the_pages_write_every_number_alike(chromium: Browser) -> None:
    random = np.random.default_rng(1)
    sizes = 10.0 ** random.uniform(-12, 35, 1500) * random.choice([-1, 1], 1500)
    halves = np.arange(-400, 400) / 8  # what lies just between two numbers that can be written
    values = [*sizes.astype(np.float32).tolist(), *halves.tolist(), 99.95, 1e-3, 1e-320]
    assert written(chromium, "number(value)", values) == [
        formatting.number(value) for value in values
    ]


def test_the_browser_and_the_pages_write_percent_alike(chromium: Browser) -> None:
    shares = [0, 0.12349, 0.5, 0.9991, 1]
    assert written(chromium, "percent(value)", shares) == [
        formatting.percent(one) for one in shares
    ]
