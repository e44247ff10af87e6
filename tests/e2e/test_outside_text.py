"""In Chromium, too, what came from outside is text: no link, no picture, no request elsewhere."""

from collections.abc import Callable
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from tests.e2e.runs import ODD_NAMES, ODD_RUN
from tests.fuzzing import HOSTILE

ELSEWHERE = "a[href*=example], img[src*=example], [role=img]:text-is('home')"


def check(page: Page, *texts: str) -> None:
    """The texts are there letter by letter, and nothing was made of any of them."""
    for text in texts:
        expect(page.get_by_text(text).filter(visible=True).first).to_be_visible()
    expect(page.locator('[data-testid=stApp][data-test-script-state="notRunning"]')).to_be_visible()
    expect(page.locator(ELSEWHERE)).to_have_count(0)


def test_no_parameter_and_no_name_becomes_anything_but_text(tab: Callable[..., Page]) -> None:
    page = tab(f"/Compare?compare=article,{ODD_RUN.id}&run={HOSTILE[0]}&data={HOSTILE[1]}")
    root = page.url.partition("/Compare")[0]
    check(page, HOSTILE[0], HOSTILE[1])
    page.get_by_role("button", name="OK", exact=True).click()
    page.get_by_role("button", name="More").first.click()
    page.get_by_label("Name", exact=True).fill(HOSTILE[4])
    page.get_by_label("Note", exact=True).fill(HOSTILE[2])
    page.get_by_role("button", name="Save").click()
    check(page, HOSTILE[4], HOSTILE[2])

    own = {"run": ODD_RUN.id, "data": ODD_NAMES.identity}
    for address, texts in (
        (f"Data?{urlencode(own)}", HOSTILE),
        (f"Inspect?{urlencode(own | {'at': HOSTILE[3]})}", HOSTILE[3:4]),
        (f"Evaluate?{urlencode(own | {'epoch': HOSTILE[5]})}", HOSTILE[5:]),
        (f"Train?{urlencode(own | {'train': HOSTILE[2]})}", HOSTILE[2:3]),
        (f"Build?{urlencode({'net': f'{HOSTILE[0]}_softmax'})}", HOSTILE[:1]),
        (f"Learn?{urlencode({'lesson': HOSTILE[1]})}", HOSTILE[1:2]),
        (f"Experiments?{urlencode({'experiment': HOSTILE[0]})}", HOSTILE[:1]),
    ):
        page.goto(f"{root}/{address}")
        check(page, *texts)
