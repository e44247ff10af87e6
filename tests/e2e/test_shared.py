"""Numbers are written the same by the pages and by what draws in the browser."""

import numpy as np
from playwright.sync_api import Browser

from cnn.ui import words
from tests.e2e.server import ROOT


def test_the_browser_and_the_pages_write_every_number_alike(chromium: Browser) -> None:
    random = np.random.default_rng(1)
    sizes = 10.0 ** random.uniform(-12, 9, 1500) * random.choice([-1, 1], 1500)
    halves = np.arange(-400, 400) / 8  # what lies just between two numbers that can be written
    values = [*sizes.astype(np.float32).tolist(), *halves.tolist(), 99.95, 1e-3, 1e-320]
    page = chromium.new_page()
    source = (ROOT / "cnn/ui/components/shared.js").read_text()
    written = page.evaluate(f"values => {{ {source}; return values.map(number); }}", values)
    page.close()
    assert [words.number(value) for value in values] == written
