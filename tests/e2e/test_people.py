"""Several people with one run: whose it is, who follows it, what each of them can do with it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.server import Server
from tests.e2e.test_current_state import SEEDS

Tab = Callable[..., Page]


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Page]:
    """A tab in another browser."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def test_a_run_is_its_owners_and_whoever_wants_it_too_follows(
    tab: Tab, stranger: Page, server: Server
) -> None:
    owner = tab(f"/Train?train=adam_rate0.001_batch8_epochs100_seed{next(SEEDS)}")
    stop, leave = "Stop (keeps results)", "Stop following (keeps results)"
    owner.get_by_role("button", name="Train", exact=True).click()
    expect(owner).to_have_url(re.compile("run="))
    expect(owner.get_by_role("button", name="Pause")).to_be_enabled(timeout=240_000)
    link, run = owner.url, run_of(owner)

    stranger.goto(link)
    expect(stranger.get_by_text("Someone else started this run")).to_be_visible()
    for name in (stop, leave, "Pause"):
        expect(stranger.get_by_role("button", name=name)).to_have_count(0)

    stranger.get_by_text("Set up another training").click()
    stranger.get_by_role("button", name="Train", exact=True).click()
    expect(stranger.get_by_role("button", name=leave)).to_be_visible()
    expect(stranger).to_have_url(re.compile(run))
    expect(owner.get_by_text("1 other person follows")).to_be_visible()
    expect(owner.get_by_role("button", name="Pause")).to_be_disabled()

    owner.get_by_role("link", name="Home").click()
    owner.close()
    stranger.get_by_role("button", name=leave).click()
    expect(stranger.get_by_text("Stopped here")).to_be_visible()
    expect(stranger).not_to_have_url(re.compile(run))

    again = tab(link.removeprefix(server.url))
    pause = again.get_by_role("button", name="Pause")
    expect(pause).to_be_enabled()
    pause.click()
    expect(again.get_by_role("button", name="Resume")).to_be_visible()
    again.get_by_role("button", name=stop).click()
    expect(again.get_by_role("button", name=stop)).to_have_count(0)


def test_a_training_beyond_the_limit_is_refused_with_the_limit(tab: Tab) -> None:
    network = "conv64x3-same-norm-relu_" * 3 + "flatten_softmax"
    page = tab(f"/Train?net={network}&train=adam_rate0.001_batch128_epochs100_seed1")
    page.get_by_role("button", name="Train", exact=True).click()
    alert = page.get_by_role("alert").filter(has_text="limit")
    expect(alert).to_have_text(re.compile(r"about \d+ minutes.*limit.* \d+"))
    expect(page.get_by_role("button", name="Stop (keeps results)")).to_have_count(0)


def run_of(page: Page) -> str:
    """The run that a page's address names."""
    found = re.search(r"run=([^&]+)", page.url)
    assert found
    return found[1]
