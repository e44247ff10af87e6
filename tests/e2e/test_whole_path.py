"""The whole job as a newcomer does it: build, train, watch, look inside, leave, come back."""

import re
from collections.abc import Callable
from itertools import count

from playwright.sync_api import Locator, Page, expect

from tests.e2e.network import show_every_layer
from tests.e2e.server import Server

Tab = Callable[..., Page]

SEEDS = count(11)
"""For a training that nobody has asked for yet, whose result would be shown at once."""


def go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def redness(page: Page) -> int:
    """How red the page's background is, of 255."""
    color = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    return int(re.findall(r"\d+", color)[0])


def curve(page: Page) -> Locator:
    return page.get_by_test_id("stVegaLiteChart").first


def epochs_shown(page: Page) -> int:
    """The number of whole epochs that the loss chart says it shows."""
    label = curve(page).get_attribute("aria-label") or ""
    match = re.search(r"over (\d+) epochs", label)
    return int(match[1]) if match else -1


def set_number(page: Page, label: str, value: int) -> None:
    box = page.get_by_role("spinbutton", name=label, exact=True)
    box.fill(str(value))
    box.press("Tab")


def test_build_train_inspect_leave_and_come_back(tab: Tab, server: Server) -> None:
    page = tab("/")
    assert redness(page) > 200
    go(page, "Network")
    expect(page.get_by_text("21,446").first).to_be_visible()
    filters = page.get_by_role("slider", name="Filters").first
    filters.focus()
    filters.press("ArrowRight")
    expect(page.get_by_test_id("stExpander").first).to_contain_text("Block 1 · 5 filters 3 × 3")
    expect(page).to_have_url(re.compile("net=conv5x3-relu-max2_"))

    go(page, "Train")
    set_number(page, "Epochs", 2)
    expect(page).to_have_url(re.compile("epochs2"))
    set_number(page, "Batch size", 16)  # of 500 steps an epoch, so that the chart is seen growing
    seed = next(SEEDS)
    set_number(page, "Seed", seed)
    expect(page).to_have_url(re.compile(f"batch16_.*seed{seed}"))
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page).to_have_url(re.compile("run="))
    seen = set()
    for _ in range(600):
        shown = epochs_shown(page)
        seen.add(shown)
        if shown == 2 and page.get_by_text("Done", exact=True).is_visible():
            break
        page.wait_for_timeout(100)
    assert {0, 2} <= seen or {1, 2} <= seen, f"the chart was seen at {sorted(seen)} epochs only"

    go(page, "Inspect")
    expect(page.get_by_text("as it was after epoch 2")).to_be_visible()
    show_every_layer(page)
    stages = page.locator(".network-view .stage h2")
    expect(stages).to_have_text(
        [
            "Input",
            "Kernels 1",
            "Convolution 1",
            "ReLU 1",
            "Max pooling 1",
            "Kernels 2",
            "Convolution 2",
            "ReLU 2",
            "Max pooling 2",
            "Flatten",
            "Dense 1",
            "Sigmoid of dense 1",
            "Softmax",
        ]
    )
    assert page.locator(".stage.maps").first.locator("figure img").count() == 5

    go(page, "Data")
    go(page, "Inspect")
    expect(page.get_by_text("as it was after epoch 2")).to_be_visible()
    expect(page).to_have_url(re.compile("run="))
    address = page.url
    page.reload()
    expect(page.get_by_text("as it was after epoch 2")).to_be_visible()
    dark = tab(address[len(server.url) :], scheme="dark")
    expect(dark.get_by_text("as it was after epoch 2")).to_be_visible()
    assert redness(dark) < 60


def test_a_run_is_found_again_by_a_second_tab_and_after_a_restart(tab: Tab, server: Server) -> None:
    few = "fashion-mnist-10000_share0.5_only1.8"
    page = tab(f"/Train?data={few}&train=adam_rate0.001_batch8_epochs100_seed3")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile("Epoch [1-9][0-9]* of 100"))).to_be_visible()
    address = page.url[len(server.url) :]
    second = tab(address)
    expect(second.get_by_text(re.compile("Epoch [1-9][0-9]* of 100"))).to_be_visible()
    server.kill()
    server.start()
    again = tab(address)
    # It goes on by itself.
    expect(again.get_by_text("Training", exact=True)).to_be_visible()
    expect(again.get_by_text(re.compile("Epoch [1-9][0-9]* of 100"))).to_be_visible()
    stop = again.get_by_role("button", name="Stop (keeps results)")
    expect(stop).to_be_visible()
    stop.click()
    expect(again.get_by_text("Stopped", exact=True)).to_be_visible()
