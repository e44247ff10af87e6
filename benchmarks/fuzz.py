"""What hostile input does: links, tables, pictures, run files and names, made by mutation.

Every input is read as the app reads it; what is neither read nor refused with a sentence counts as
an exception. Then Chromium opens pages with hostile addresses; a request to anywhere but the server,
a link that leads elsewhere, and a page that shows no more than an error count, too.
"""

import logging
import warnings
from collections.abc import Iterator
from random import Random
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from benchmarks import Numbers, Rows
from benchmarks._browser import browser, opened, served
from tests.e2e.server import Server
from tests.fuzzing import HOSTILE, mutated, surfaces

_EACH, _SEED = 2000, 12
_VISITS = 60
_PAGES = (
    *("", "Learn", "Teach", "Data", "Build"),
    *("Train", "Inspect", "Evaluate", "Compare", "Experiments"),
)
_PARAMETERS = {
    "net": "conv4x3-relu-max2_flatten_softmax",
    "data": "fashion-mnist-10000_share0.8_seed1",
    "train": "adam_rate0.001_batch128_epochs30_seed1",
    "run": "article",
    "image": "17",
    "epoch": "3",
    "at": "convolution_2-map3-row5-column7",
    "lesson": "padding",
    "set": "padding-same_stride-2",
    "experiment": "new",
    "compare": "article,other",
}
_DRAWN = '[data-testid=stApp][data-test-script-state="notRunning"]'
_OURS = "This page met an error that is ours"


def run() -> tuple[Rows, Numbers]:
    """Read 14,000 inputs and open 60 addresses."""
    rows: Rows = [("input", "inputs", "read", "refused", "exceptions", "foreign requests")]
    logging.disable()  # of Streamlit, that no page is there to draw on
    warnings.simplefilter("ignore")  # of Pillow, that a picture is large
    inputs = exceptions = 0
    for name, surface in surfaces().items():
        random, faults, refused = Random(_SEED), [], 0
        for _ in range(_EACH):
            outcome = surface.outcome(surface.mutate(random))
            refused += outcome.refused
            if outcome.fault:
                faults.append(outcome.fault)
        for fault in sorted({*faults})[:5]:
            print(f"{name}: {fault}")
        read = _EACH - refused - len(faults)
        rows.append((name, f"{_EACH}", f"{read}", f"{refused}", f"{len(faults)}", ""))
        inputs, exceptions = inputs + _EACH, exceptions + len(faults)
    failed, foreign = _visits()
    rows.append(("addresses in Chromium", f"{_VISITS}", "", "", f"{failed}", f"{foreign}"))
    return rows, {
        "inputs": inputs + _VISITS,
        "exceptions": exceptions + failed,
        "foreign_requests": foreign,
    }


def _addresses() -> Iterator[str]:
    """Every page in turn, each parameter hostile, mutated, valid or not there."""
    random = Random(_SEED)
    for visit in range(_VISITS):
        parameters = {}
        for name, valid in _PARAMETERS.items():
            changed = mutated(random, valid.encode())[:200].decode(errors="replace")
            parameters[name] = random.choice((*HOSTILE[:4], changed, changed, valid, ""))
        query = urlencode({name: text for name, text in parameters.items() if text})
        yield f"/{_PAGES[visit % len(_PAGES)]}?{query}"


def _visits() -> tuple[int, int]:
    """Pages that met an error, and requests and links that lead elsewhere."""
    failed, foreign = 0, []
    with browser() as chromium, served() as server, opened(chromium) as page:
        page.on(
            "request",
            lambda request: None if _own(request.url, server) else foreign.append(request.url),
        )
        for address in _addresses():
            page.goto(server.url + address)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.locator(_DRAWN)).to_be_visible()
            failed += page.get_by_text(_OURS).count()
            foreign += _links_elsewhere(page)
    for url in foreign[:5]:
        print(f"elsewhere: {url}")
    return failed, len(foreign)


def _links_elsewhere(page: Page) -> list[str]:
    """The links and pictures of the page that came out of hostile texts, all of which have a host `….example`."""
    made = page.locator("a[href*='.example'], img[src*='.example']")
    found: list[str] = made.evaluate_all("all => all.map(one => one.outerHTML)")
    return found


def _own(url: str, server: Server) -> bool:
    return url.startswith((server.url, "data:", "blob:", "about:"))
