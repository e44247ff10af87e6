"""How soon a training shows something: from the click on Train to the first point on the chart.

Both are seen from within Chromium: the click is made by the page itself, and the clock stops at the
frame in which the loss chart of the new run stands there. The worker is warm. Every training has
another seed, so that none is known before.
"""

import re
from statistics import median

from playwright.sync_api import expect

from benchmarks import Numbers, Rows
from benchmarks._browser import browser, opened, served, wait_until_warm

_SEEDS = (1, 2, 3, 4, 5)
_EPOCHS = 2
_WATCH = """() => new Promise((resolve) => {
  const start = performance.now();
  const look = () => {
    const chart = document.querySelector('[data-testid="stVegaLiteChart"]');
    const told = /^Loss over (\\d+) epochs/.exec(chart?.getAttribute("aria-label") ?? "");
    // The chart of the shipped run, which has more epochs, stands there until the click is answered.
    if (told && Number(told[1]) <= EPOCHS && chart.querySelector("canvas, svg")) {
      resolve([(performance.now() - start) / 1000, Number(told[1])]);
    } else requestAnimationFrame(look);
  };
  const button = [...document.querySelectorAll("button")].find((one) => /Train$/.test(one.innerText.trim()));
  button.click();
  look();
})""".replace("EPOCHS", str(_EPOCHS))


def run() -> tuple[Rows, Numbers]:
    """Train the article's network with each seed and tell the seconds to the first point."""
    rows: Rows = [("seed", "first point, s", "epochs it told")]
    seconds = []
    with browser() as chromium, served() as server, opened(chromium) as page:
        wait_until_warm(page, server)
        for seed in _SEEDS:
            settings = f"adam_rate0.001_batch128_epochs{_EPOCHS}_seed{seed}"
            page.goto(f"{server.url}/Train?train={settings}")
            chart = page.get_by_test_id("stVegaLiteChart").first
            expect(chart).to_have_attribute("aria-label", re.compile("^Loss over 30 epochs"))
            expect(page.get_by_test_id("stApp")).to_have_attribute(
                "data-test-script-state", "notRunning"
            )
            taken, epochs = page.evaluate(_WATCH)
            seconds.append(taken)
            rows.append((f"{seed}", f"{taken:.2f}", f"{epochs:.0f}"))
            page.get_by_text("Done", exact=True).wait_for()
    return rows, {"seconds": median(seconds)}
