"""How soon a newcomer sees the Home page: from `streamlit run` to its picture in Chromium.

The clock starts as the server's process does, and stops when the network's last stage is drawn.
Chromium runs already, but each time opens the page with an empty cache. While the clock runs the
app's worker starts in the background, too.
"""

import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from benchmarks import Numbers, Rows
from benchmarks._browser import browser, opened, served

_TIMES = 3


def run() -> tuple[Rows, Numbers]:
    """Start the app three times; tell the seconds and whether the web process has TensorFlow."""
    rows: Rows = [
        ("start", "server answers, s", "Home is drawn, s", "TensorFlow in the web process")
    ]
    seconds, loaded = [], False
    with browser() as chromium:
        for number in range(_TIMES):
            answers, drawn, tensorflow = _start(chromium)
            seconds.append(drawn)
            loaded = loaded or tensorflow
            told = "yes" if tensorflow else "no"
            rows.append((f"{number + 1}", f"{answers:.2f}", f"{drawn:.2f}", told))
    return rows, {"seconds": median(seconds), "tensorflow_loaded": loaded}


def _start(chromium: Browser) -> tuple[float, float, bool]:
    """Seconds until the server answers and until Home is drawn; whether TensorFlow is loaded."""
    with opened(chromium) as page:
        began = time.perf_counter()
        with served() as server:
            answers = time.perf_counter() - began
            page.goto(server.url, wait_until="commit")
            page.locator(".network-view .class-line.predicted").wait_for()
            drawn = time.perf_counter() - began
            maps = Path(f"/proc/{server.process_id}/maps").read_text()
            return answers, drawn, "tensorflow" in maps
