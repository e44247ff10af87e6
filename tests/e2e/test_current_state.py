"""What a page says of a run is how the run is now, and its charts and its network are seen together."""

import re
from collections.abc import Callable
from itertools import count

from playwright.sync_api import Page, expect

from cnn.inspection.forward import forward
from cnn.ui.common import formatting
from cnn.ui.state import services

Tab = Callable[..., Page]

SEEDS = count(4001)
"""For trainings that no other test has asked for."""

SMALLEST_PLOT = 220

IMAGE = 31
"""The network learns only late what it is."""

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


def test_what_is_said_of_a_network_is_of_the_epoch_that_plays(tab: Tab) -> None:
    run = services.run_store().run(services.EXAMPLE_RUN)
    data = services.chosen(run.job.data)
    page = tab(f"/Inspect?image={IMAGE}")
    at_rest = page.locator(".headline").element_handle()
    page.get_by_role("button", name="Play epochs").click()
    view = page.locator(".network-view").element_handle()
    said = {}
    for _ in range(600):
        headline, words = page.evaluate(
            "(parts) => parts.map((part) => part.innerText)", [at_rest, view]
        )
        [epoch] = re.findall(r"after epoch (\d+)$", headline)
        if "on its way" not in words:
            assert f"Epoch {epoch}" in words
            said[int(epoch)] = headline, words
        if len(said) > 3:
            break
        page.wait_for_timeout(100)
    for epoch, (headline, words) in said.items():
        weights = services.weights(run.id, epoch)
        [found] = forward(services.run_plan(run), weights, data.dataset.images[[IMAGE]])["softmax"]
        predicted, share = data.classes[found.argmax()], formatting.percent(float(found.max()), 0)
        correct = found.argmax() == data.labels[IMAGE]
        assert f"Prediction: {predicted}, {share}." in headline
        assert ("Correct" in headline) == correct == ("That is correct" in words)
        assert f"It predicts {predicted} ({share})" in words
    assert len({headline for headline, _ in said.values()}) > 3
