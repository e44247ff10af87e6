"""What a page says of a run is how the run is now, and its charts and its network are seen together."""

import re
from collections.abc import Callable
from itertools import count

from playwright.sync_api import Page, expect

Tab = Callable[..., Page]

SEEDS = count(4001)
"""For trainings that no other test has asked for."""

SMALLEST_PLOT = 220

PLOTS = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart] .role-frame.root')]
  .map((frame) => frame.querySelector('path.background').getBoundingClientRect())
  .map(({ left, top, width, height, bottom }) => ({ left, top, width, height, bottom }))"""


def test_a_run_is_watched_on_one_screen_and_its_state_is_the_present_one(tab: Tab) -> None:
    data = "fashion-mnist-10000_share0.5_only1.8"
    page = tab(f"/Train?data={data}&train=adam_rate0.001_batch8_epochs100_seed{next(SEEDS)}")
    page.get_by_role("button", name="Train", exact=True).click()
    line = page.get_by_test_id("stCaptionContainer").filter(has_text=" · Image ")
    expect(line).to_have_text(re.compile(r"^Training: [\d.]+% after [2-9]\d* epochs · Image"))
    network = page.locator(".glance .drawing").bounding_box()
    plots = page.evaluate(PLOTS)
    assert network and len(plots) == 2
    assert network["y"] + network["height"] <= 900
    for plot in plots:
        assert plot["height"] >= SMALLEST_PLOT and plot["bottom"] <= 900
        assert plot["left"] + plot["width"] <= network["x"]
    page.get_by_role("button", name="Pause").click()
    expect(line).to_have_text(re.compile(r"^Paused: "))
    last = re.search(r"after (\d+) epoch", line.inner_text())
    assert last
    expect(page.get_by_text(f"Epoch {last[1]} of 100")).to_be_visible()
    page.get_by_role("button", name="Stop (keeps results)").click()
    expect(line).to_have_text(re.compile(r"^[\d.]+% after"))
