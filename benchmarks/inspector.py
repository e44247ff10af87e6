"""The network view in Chromium: whether it fits, how smooth it is, how soon another image is there.

`fits`: each preset, with random weights and one number's receipt open, in windows 1000, 1400 and 1920
pixels wide, light and dark: no element of the view is cut off, none can be scrolled sideways, nor can
the page. Receipts and the list of every layer may be scrolled down.

`hover_fps`: a pointer moves over the whole network for some seconds, to another cell in every frame;
each move traces the number with curves, outlines what it depends on, and names its value. The frames
are counted. `hover_fps_large` is the same for five blocks of 64 filters.

`first_drawn_ms`: five blocks of 64 filters on a page that is opened anew, from the arrival of their
numbers in the browser to the frame in which the whole view shows them. The median.

`redraw_ms`: from the arrival of another image's numbers in the browser to the frame in which the
whole view shows them. The median.

`choice_ms`: from the click on another image to that frame: the way to the server, the whole script
run, the forward pass, the way back, what Streamlit makes of the page, and the drawing. The median.

`bytes`: what the server sends for it up to then, all messages together, without compression.
"""

from contextlib import suppress
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, TimeoutError, WebSocket, expect

from benchmarks import Numbers, Rows
from benchmarks._browser import browser, opened, served, wait_until_warm
from cnn.network.link import from_text
from cnn.network.presets import PRESETS
from cnn.training.store import RunStore
from cnn.ui.common.theme import SCHEMES
from tests.e2e.runs import keep_random, untrained

_SECONDS = 4
_CHANGES = 20
_OPENINGS = 5
_WIDTHS = 1000, 1400, 1920
_LARGE = from_text(
    "conv64x3-same-relu-max2_conv64x3-same-relu-max2_conv64x3-same-relu_conv64x3-same-relu"
    "_conv64x3-same-relu-max2_flatten_dense100-sigmoid_softmax"
)

_NOTES = """
const Native = WebSocket;
window.arrivals = [];
window.WebSocket = class extends Native {
  constructor(...settings) {
    super(...settings);
    this.addEventListener('message', ({ data }) => {
      window.arrivals.push({ size: data.byteLength ?? data.size ?? 0, at: performance.now() });
    });
  }
};
window.numbersArrived = () => window.arrivals.reduce((largest, next) => (next.size > largest.size ? next : largest)).at;
window.networkView = () => document.querySelector('.network-view')
  ?? [...document.querySelectorAll('*')].map((one) => one.shadowRoot?.querySelector('.network-view')).find(Boolean);
"""
"""Notes when messages arrive, the largest of which has the numbers, and finds the view."""

_CUT_OFF = """() => {
  const view = networkView();
  const room = view.getBoundingClientRect();
  const found = document.body.scrollWidth > innerWidth ? ['the page'] : [];
  for (const node of view.querySelectorAll('*')) {
    const box = node.getBoundingClientRect();
    if (!box.width || !box.height || !node.checkVisibility({ visibilityProperty: true })) continue;
    const { overflowX, overflowY } = getComputedStyle(node);
    const wide = overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1;
    const high = overflowY !== 'visible' && !node.matches('.body') && node.scrollHeight > node.clientHeight + 1;
    const outside = box.left < room.left - 1 || box.right > room.right + 1;
    if (wide || high || outside) found.push(`${node.tagName} ${node.getAttribute('class') ?? ''}`.trim());
  }
  return found;
}"""

_HOVER = """async (seconds) => {
  const view = networkView();
  const glance = view.querySelector('.glance');
  const room = glance.querySelector('canvas').getBoundingClientRect();
  const readouts = new Set();
  let frames = 0;
  const began = performance.now();
  while (performance.now() - began < 1000 * seconds) {
    await new Promise(requestAnimationFrame);
    const at = { clientX: room.left + (frames * 37) % room.width, clientY: room.top + 44 + (frames * 23) % (room.height - 80) };
    glance.dispatchEvent(new PointerEvent('pointermove', { ...at, bubbles: true }));
    readouts.add(view.querySelector('.readout').textContent);
    frames += 1;
  }
  return [frames / ((performance.now() - began) / 1000), readouts.size];
}"""

_FIRST_DRAWN = """async () => {
  while (!networkView()?.querySelector('.glance .amount')?.textContent) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - numbersArrived();
}"""

_REDRAW = """async (button) => {
  const glance = networkView().querySelector('.glance');
  const before = glance.textContent;
  window.arrivals = [];
  const began = performance.now();
  button.click();
  while (glance.textContent === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return [performance.now() - began, performance.now() - numbersArrived()];
}"""


def run() -> tuple[Rows, Numbers]:
    """Measure the article's network on the Inspect page at 1400 x 900, the others as said above."""
    with served(_keep) as server, browser() as chromium:
        with opened(chromium) as page:
            page.add_init_script(_NOTES)
            wait_until_warm(page, server)
            rows, numbers = _article(page, server.url)
            numbers |= _large(page, server.url)
        with opened(chromium) as page:
            page.add_init_script(_NOTES)
            cut = _cut_off(page, server.url)
    return [*rows, *cut], numbers | {"fits": not cut}


def _keep(home: Path) -> None:
    """Put a run of every preset, and one of the large network, into a server's folder."""
    store = RunStore(home / "runs")
    for name, preset in PRESETS.items():
        keep_random(store, untrained(f"preset-{name}", preset.network))
    keep_random(store, untrained("large", _LARGE))


def _article(page: Page, url: str) -> tuple[Rows, Numbers]:
    received = _Counter(page)
    page.goto(f"{url}/Inspect?at=convolution_2-map2-row3-column4")
    expect(page.locator(".network-view .keras")).to_contain_text("difference")
    fps = _hover(page)
    rows: Rows = [("image", "choice, ms", "redraw, ms", "bytes")]
    choices, times, sizes = [], [], []
    button = page.get_by_role("button", name="Random image")
    for change in range(_CHANGES):
        expect(page.locator(".network-view .keras")).to_contain_text("difference")
        page.wait_for_timeout(500)  # what the last image still sends is not this one's
        received.bytes = 0
        choice, redraw = page.evaluate(_REDRAW, button.element_handle())
        choices.append(choice)
        times.append(redraw)
        sizes.append(received.bytes)
        rows.append((str(change + 1), f"{choice:.0f}", f"{redraw:.0f}", str(sizes[-1])))
    return rows, {
        "hover_fps": fps,
        "redraw_ms": median(times),
        "choice_ms": median(choices),
        "bytes": median(sizes),
    }


def _hover(page: Page) -> float:
    """Frames per second under a pointer that moves."""
    fps, values = page.evaluate(_HOVER, _SECONDS)
    assert values > 20, f"Only {values} different values were shown."
    return float(fps)


def _large(page: Page, url: str) -> Numbers:
    times = []
    for _ in range(_OPENINGS):
        page.goto(f"{url}/Inspect?run=large")
        times.append(page.evaluate(_FIRST_DRAWN))
    page.wait_for_timeout(1000)
    return {"first_drawn_ms": median(times), "hover_fps_large": _hover(page)}


def _cut_off(page: Page, url: str) -> Rows:
    """A row for every element that is cut off or can be scrolled sideways: preset, scheme, width, which."""
    found: Rows = []
    for name, preset in PRESETS.items():
        convolutions = len(preset.network.blocks)
        layer = f"convolution_{min(2, convolutions)}-map1-row3-column3"
        unit = layer if convolutions else "dense_1-unit1"
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{url}/Inspect?run=preset-{name}&at={unit}")
            expect(page.locator(".network-view .receipt")).to_be_visible()
            for width in _WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                page.wait_for_timeout(300)
                with suppress(TimeoutError):  # a busy machine lays it out anew some time later
                    page.wait_for_function(f"() => !({_CUT_OFF})().length", timeout=3000)
                cut = page.evaluate(_CUT_OFF)
                found += [(name, scheme, f"{width} px", node) for node in cut]
    return found


class _Counter:
    """Counts what the page's connection receives."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.bytes += len(payload)
