"""Nothing that a page shows is cut off, in a wide window, a small one and on a phone, and axe has no complaint."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

from cnn.ui.learn.course import LESSONS

Tab = Callable[..., Page]

PAGES = (
    "/",
    "/Data",
    "/Build",
    "/Train",
    "/Inspect",
    "/Evaluate",
    "/Compare",
    "/Experiments",
    "/Teach",
    "/Workshop",
    "/Challenges",
    "/Challenges?challenge=edges",
    *(f"/Learn?lesson={lesson.key}" for lesson in LESSONS),
)

PHONE = 390
WIDTHS = 1400, 1000, PHONE

SCROLLED_SIDEWAYS = (
    ".strip, .swipe, .katex-mathml, [data-testid=stSidebar], [data-testid=stSelectbox]"
)
"""What may be wider than its place: the network, what only screen readers read, a chosen option."""

SCROLLED_ON_A_PHONE = "table, .dvn-scroller, [data-testid=stTable]"
"""Tables of many columns, which a finger moves."""

CUT_OFF = """(allowed) => {
  const found = [];
  const look = (root) => {
    for (const node of root.querySelectorAll('*')) {
      if (node.shadowRoot) look(node.shadowRoot);
      if (node.clientWidth < 2 || node.closest(allowed)) continue;
      const style = getComputedStyle(node);
      if (style.overflowX === 'visible' || style.visibility === 'hidden') continue;
      if (node.scrollWidth > node.clientWidth + 3) {
        const text = (node.innerText || node.value || '').trim().slice(0, 60);
        found.push(`${text} (${node.tagName} ${node.className}: ${node.scrollWidth} of ${node.clientWidth} pixels)`);
      }
    }
  };
  look(document.querySelector('[data-testid=stMain]'));
  return found;
}"""

CUT_LABELS = """() => {
  const cut = [];
  for (const chart of document.querySelectorAll('[data-testid=stVegaLiteChart] svg')) {
    const room = chart.getBoundingClientRect();
    for (const label of chart.querySelectorAll('text')) {
      const { left, right, width } = label.getBoundingClientRect();
      if (width && (left < room.left - 0.5 || right > room.right + 0.5)) cut.push(label.textContent);
    }
  }
  return cut;
}"""
"""The labels of charts that reach over the edge of their picture."""


STREAMLITS_OWN = "[data-testid=stSidebarNavItems]", "[data-testid=stCode]", ".katex-display"
"""What is not ours to change: the lists of the navigation, which have a `div` between `ul` and `li`; code,
whose colors no theme sets and which no key scrolls; formulas, which nothing that scrolls may be by axe.
"""


def violations(page: Page, **options: list[str]) -> list[str]:
    """What axe finds, with these options of it: the rule, the element, what is wrong with it."""
    excluded, options = (
        {"exclude": list(STREAMLITS_OWN)},
        {"resultTypes": ["violations"], **options},
    )
    found = Axe().run(page, excluded, options).response["violations"]
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def _settled(page: Page) -> None:
    """Wait until the page is drawn to its end."""
    expect(page.locator('[data-testid=stApp][data-test-script-state="notRunning"]')).to_be_visible()
    expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0)


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_cut_off_or_hard_to_access(tab: Tab, address: str) -> None:
    page = tab(address)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        # Opened anew: Streamlit's tables (glide-data-grid) miss a change of width on a busy machine.
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        _settled(page)
        allowed = SCROLLED_SIDEWAYS + (f", {SCROLLED_ON_A_PHONE}" if width == PHONE else "")
        # Charts and tables are drawn anew for their new width, on a busy machine some time later.
        with suppress(TimeoutError):
            page.wait_for_function(f"(allowed) => !({CUT_OFF})(allowed).length", arg=allowed)
        assert page.evaluate(CUT_OFF, allowed) == [], width
        assert page.evaluate("document.body.scrollWidth <= innerWidth"), width
        with suppress(TimeoutError):
            page.wait_for_function(f"() => !({CUT_LABELS})().length")
        assert page.evaluate(CUT_LABELS) == [], width
        if width == WIDTHS[0]:
            assert violations(page) == []
            page.emulate_media(color_scheme="dark")
            _settled(page)
            assert violations(page, runOnly=["color-contrast"]) == []
            page.emulate_media(color_scheme="light")
        elif (address, width) == ("/Inspect", PHONE):
            assert violations(page) == []


COLUMNS = """() => [...document.querySelectorAll('[class*="st-key-columns-"] > [data-testid="stGridCell"]')]
  .map((cell) => cell.getBoundingClientRect())
  .map(({ left, top, width }) => [left, top, width].map(Math.round))"""


@pytest.mark.parametrize("address", ["/Train", "/Learn?lesson=pooling"])
def test_columns_of_different_widths_are_beside_each_other_or_as_wide_as_the_page(
    tab: Tab, address: str
) -> None:
    page = tab(address)
    _settled(page)
    [left, right] = page.evaluate(COLUMNS)
    assert left[1] == right[1] and left[0] + left[2] < right[0]
    page.set_viewport_size({"width": 900, "height": 900})
    page.wait_for_function(f"() => new Set(({COLUMNS})().map(([left]) => left)).size === 1")
    [above, below] = page.evaluate(COLUMNS)
    assert above[1] < below[1] and above[2] == below[2]
