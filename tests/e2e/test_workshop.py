"""A workshop with several browsers: a host, two participants and a latecomer, from start to end."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from cnn.network.link import from_text
from cnn.training.job import Phase, Settings
from cnn.ui.state.url import DEFAULT_DATA, UrlState, write
from tests.e2e.server import Server

Person = Callable[..., Page]
START = write(
    UrlState(from_text("flatten_dense8-relu_softmax"), DEFAULT_DATA, Settings((Phase(2),)))
)


@pytest.fixture
def person(chromium: Browser, server: Server) -> Iterator[Person]:
    """Opens an address in a browser of somebody's own."""
    contexts = []

    def opened(address: str, width: int = 1400) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(server.url + address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    yield opened
    for context in contexts:
        context.close()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def joined(page: Page) -> str:
    """What the participant on this page is called."""
    begin = page.get_by_role("button", name=re.compile("^Begin at"))
    expect(begin).to_be_visible()
    name = page.get_by_text("You are").last.inner_text()
    return name.removeprefix("You are ").removesuffix(".")


def test_a_workshop_from_start_to_end(person: Person, server: Server) -> None:
    host = person(f"/Teach?{urlencode(START)}")
    host.get_by_label("Title").fill("Monday")
    host.get_by_label("People begin at").click()
    host.get_by_role("option", name="3. Padding and stride").click()
    click(host, "Start the workshop")
    heading(host, "Workshop")
    code = host.get_by_test_id("stMetricValue").first.inner_text()
    link = host.get_by_text("?join=").inner_text()
    assert link == f"{server.url}/?join={code.replace(' ', '')}"

    ann = person(link.removeprefix(server.url), width=390)
    ann_name = joined(ann)
    bo = person("/")
    click(bo, "Join a workshop")
    bo.get_by_label("Code").fill("ACD ACD")
    click(bo, "Join")
    expect(bo.get_by_text("There is no workshop with the code")).to_be_visible()
    bo.get_by_label("Code").fill(code.lower())
    click(bo, "Join")
    bo_name = joined(bo)

    # What is locked is disabled, says why, and is refused when a link asks for it.
    bo.goto(
        f"{server.url}/Train?{urlencode(START | {'train': 'adam_rate0.001_batch128_epochs2_seed7'})}"
    )
    expect(bo.get_by_role("spinbutton", name="Seed")).to_be_disabled()
    expect(bo.get_by_text("Your host has locked the seed")).to_be_visible()
    click(bo, "Train")
    expect(bo.get_by_role("alert").filter(has_text="locked the seed")).to_have_count(2)
    click(bo, "Back to the workshop's network")
    expect(bo.get_by_role("alert").filter(has_text="locked the seed")).to_have_count(0)
    click(bo, "Train")

    # The board of everyone shows it without a click.
    expect(ann.get_by_text("Each point is a network")).to_be_visible(timeout=240_000)
    ann.reload()
    assert joined(ann) == ann_name

    # Answers are hidden until the host reveals them on all screens.
    ann.get_by_role("button", name="Begin at the lesson").click()
    heading(ann, "3. Padding and stride")
    ann.get_by_test_id("stRadio").locator("label").nth(1).click()
    host.get_by_text("Room", exact=True).click()
    expect(host.get_by_text("1 of 2 have answered")).to_be_visible()
    expect(host.get_by_test_id("stProgress")).to_have_count(0)
    host.get_by_text("Show the answers on all screens").click()
    expect(host.get_by_test_id("stProgress")).to_have_count(3)
    expect(ann.get_by_text("Your workshop's answers")).to_be_visible()

    # Everyone is shown what the host shows, also after a dropped connection, and comes back.
    own = ann.url
    ann.context.set_offline(True)
    host.get_by_test_id("stSidebar").get_by_role("link", name="Inspect").click()
    heading(host, "Inspect")
    host.wait_for_url(re.compile("/Inspect"))
    click(host, "Show this page to everyone")
    ann.context.set_offline(False)
    click(ann, "Go there")
    heading(ann, "Inspect")
    click(ann, "Back to my own work")
    heading(ann, "3. Padding and stride")
    ann.wait_for_url(own)
    expect(bo.get_by_role("button", name="Go there")).to_be_visible()

    late = person(f"/Workshop?join={code.replace(' ', '')}")
    assert len({joined(late), ann_name, bo_name}) == 3
    click(host, "Pause all trainings")
    expect(late.get_by_text("Your host has paused all trainings")).to_be_visible()

    host.get_by_role("link", name="To the workshop").click()
    click(host, "End the workshop")
    click(host, "End it for everyone")
    for page in (ann, bo, late):
        expect(page.get_by_text("The workshop “Monday” has ended")).to_be_visible()
    expect(host.get_by_text("Each point is a network")).to_be_visible()
    click(host, "Report")
    with host.expect_download() as download:
        click(host, "Board (CSV)")
    [_, row] = Path(download.value.path()).read_text("utf-8").splitlines()
    assert row.startswith("–,") and bo_name not in row
    wrong = person(f"/?join={code.replace(' ', '')}")
    expect(wrong.get_by_text("has ended")).to_be_visible()


def test_the_projector_shows_code_and_count_and_nothing_else(
    person: Person, server: Server
) -> None:
    host = person("/Teach")
    host.get_by_label("Title").fill("Projected")
    click(host, "Start the workshop")
    code = host.get_by_test_id("stMetricValue").first.inner_text()
    shown = person(f"/Workshop?projector={code.replace(' ', '')}", width=1900)
    heading(shown, "Projected")
    expect(shown.get_by_text(code, exact=True)).to_be_visible()
    expect(shown.get_by_text("0 people have joined")).to_be_visible()
    expect(shown.get_by_test_id("stSidebar")).to_have_count(0)
    joined(person(f"/?join={code.replace(' ', '')}"))
    expect(shown.get_by_text("1 person has joined")).to_be_visible()
    assert shown.evaluate("document.body.scrollHeight <= innerHeight")
