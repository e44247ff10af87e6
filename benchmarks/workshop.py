"""A workshop of thirty people: each a browser of its own in one Chromium, with its host in another.

All join at once, then each moves a slider every five seconds, then each trains a network of their
own. CNN_PLAYGROUND_PEOPLE in the environment is another number of people. The browsers need more of
the machine than the server does: run it on one that has more than two cores to spare, or read its
times as an upper bound.
"""

import asyncio
import os
import time
from contextlib import suppress
from random import Random
from statistics import median, quantiles
from urllib.parse import urlencode

from playwright.async_api import Browser, Page, async_playwright, expect

from benchmarks import Numbers, Rows
from benchmarks._browser import served
from cnn.network.spec import ConvolutionBlock, Network
from cnn.training.job import Phase, Settings
from cnn.ui.state.url import UrlState, write
from tests.e2e.server import installed

_PEOPLE = int(os.environ.get("CNN_PLAYGROUND_PEOPLE", "30"))
_MOVES, _EVERY = 4, 5.0
"""How often each person moves a slider, and the seconds in between."""
_LOST = 20.0
"""Seconds after which a move of the slider counts as lost."""
_PATIENCE = 600_000
_AT_REST = '[data-testid=stApp][data-test-script-state="notRunning"]'

_ROWS = """(count) => [...document.querySelectorAll('[data-testid=stDataFrame] [role=grid]')]
  .some((table) => Number(table.getAttribute('aria-rowcount')) === count + 1)"""
"""Whether a table on the page has so many rows below its head."""

_METRIC = """([label, value]) => [...document.querySelectorAll('[data-testid=stMetric]')]
  .some((one) => one.innerText.split('\\n')[0] === label && one.innerText.includes(value))"""


def run() -> tuple[Rows, Numbers]:
    """Hold the workshop."""
    with served() as server:
        numbers = asyncio.run(_workshop(server.url))
    rows: Rows = [("what", "seconds")]
    rows += [(name.replace("_", " "), f"{value:.2f}") for name, value in numbers.items()]
    return rows, {"people": _PEOPLE, **numbers}


async def _workshop(server: str) -> dict[str, float]:
    async with async_playwright() as playwright:
        path = installed("chromium", "chromium")
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        expect.set_options(timeout=_PATIENCE)
        room, board, link = await _begun(browser, server)
        pages = [await _new_page(browser) for _ in range(_PEOPLE)]
        began = time.perf_counter()
        joined = await asyncio.gather(*(_join(page, link, began) for page in pages))
        last = time.perf_counter()
        await room.wait_for_function(_METRIC, arg=["Joined", str(_PEOPLE)])
        room_late = time.perf_counter() - last
        random = Random(13)
        moves = await asyncio.gather(*(_slide(page, server, random.random()) for page in pages))
        trained = await asyncio.gather(
            *(_train(page, server, 2 + number) for number, page in enumerate(pages))
        )
        ended = time.perf_counter()
        await board.wait_for_function(_ROWS, arg=_PEOPLE)
        board_late = time.perf_counter() - ended
        await browser.close()
    answers = [one for each in moves for one in each]
    return {
        "all_joined": max(joined),
        "half_joined": median(joined),
        "room_late": room_late,
        "slider_median": median(answers),
        "slider_p95": quantiles(answers, n=20)[-1],
        "moves_lost": sum(one >= _LOST for one in answers),
        "all_trained": max(trained),
        "board_late": board_late,
    }


async def _new_page(browser: Browser) -> Page:
    context = await browser.new_context(
        viewport={"width": 1000, "height": 800}, reduced_motion="reduce"
    )
    context.set_default_timeout(_PATIENCE)
    return await context.new_page()


async def _begun(browser: Browser, server: str) -> tuple[Page, Page, str]:
    """Start a workshop; returns its room and its board on the host's screens, and the link to join."""
    room = await _new_page(browser)
    start = UrlState(_network(2), settings=Settings((Phase(1),)))
    await room.goto(f"{server}/Teach?{urlencode(write(start))}")
    await room.get_by_label("Title").fill("Thirty people")
    await room.get_by_role("button", name="Start the workshop").click()
    link = await room.get_by_text("?join=").inner_text()
    board = await room.context.new_page()
    await board.goto(f"{server}/Workshop")
    await board.get_by_text("Board", exact=True).click()
    await room.get_by_text("Room", exact=True).click()
    return room, board, link


async def _join(page: Page, link: str, began: float) -> float:
    await page.goto(link)
    await expect(page.get_by_role("button", name="Begin at Network")).to_be_visible()
    return time.perf_counter() - began


async def _slide(page: Page, server: str, share: float) -> list[float]:
    """The seconds from each move of the first slider to the new number of parameters."""
    await page.goto(f"{server}/Build?{urlencode(write(UrlState(_network(2))))}")
    slider = page.get_by_role("slider", name="Filters").first
    parameters = page.get_by_test_id("stMetricValue").first
    await expect(parameters).to_be_visible()
    await expect(page.locator(_AT_REST)).to_be_visible()
    await asyncio.sleep(_EVERY * share)
    seconds = []
    for _ in range(_MOVES):
        before = await parameters.inner_text()
        await slider.focus()
        began = time.perf_counter()
        await page.keyboard.press("ArrowRight")
        with suppress(AssertionError):  # a move that has no effect counts as so long
            await expect(parameters).not_to_have_text(before, timeout=1000 * _LOST)
        seconds.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, _EVERY - seconds[-1]))
    return seconds


async def _train(page: Page, server: str, filters: int) -> float:
    """The seconds until the person's own network is trained for an epoch."""
    state = UrlState(_network(filters), settings=Settings((Phase(1),)))
    began = time.perf_counter()
    await page.goto(f"{server}/Train?{urlencode(write(state))}")
    await page.get_by_role("button", name="Train", exact=True).click()
    await expect(page.get_by_text("right after 1 epoch")).to_be_visible()
    return time.perf_counter() - began


def _network(filters: int) -> Network:
    return Network((ConvolutionBlock(filters),))
