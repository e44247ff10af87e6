"""The network view in Chromium: how smoothly it follows the pointer, how soon another image is there.

`hover_fps`: a pointer moves over the whole network for some seconds, to another cell in every frame;
each move traces the number with curves, outlines what it depends on, and names its value. The frames
are counted.

`redraw_ms`: from the arrival of another image's numbers in the browser to the frame in which the
whole view shows them. The median.

`choice_ms`: from the click on another image to that frame: the way to the server, the whole script
run, the forward pass, the way back, what Streamlit makes of the page, and the drawing. The median.

`bytes`: what the server sends for it up to then, all messages together, without compression.
"""

from statistics import median

from playwright.sync_api import Page, WebSocket, expect

from benchmarks import Numbers, Rows
from benchmarks._browser import browser, opened, served, wait_until_warm

_SECONDS = 4
_CHANGES = 20

_HOVER = """async (seconds) => {
  const view = document.querySelector('.network-view') ?? [...document.querySelectorAll('*')]
    .map((one) => one.shadowRoot?.querySelector('.network-view')).find(Boolean);
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

_ARRIVALS = """
const Native = WebSocket;
window.WebSocket = class extends Native {
  constructor(...settings) {
    super(...settings);
    this.addEventListener('message', ({ data }) => {
      if ((data.byteLength ?? data.size ?? 0) > 50000) window.arrived = performance.now();
    });
  }
};
"""

_REDRAW = """async (button) => {
  const view = [...document.querySelectorAll('*')]
    .map((one) => one.shadowRoot?.querySelector('.network-view')).find(Boolean)
    ?? document.querySelector('.network-view');
  const seen = () => view.querySelector('.glance').textContent;
  const before = seen();
  const began = performance.now();
  button.click();
  while (seen() === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return [performance.now() - began, performance.now() - window.arrived];
}"""


def run() -> tuple[Rows, Numbers]:
    """Measure the article's network on the Inspect page at 1400 x 900."""
    with served() as server, browser() as chromium, opened(chromium) as page:
        received = _Counter(page)
        page.add_init_script(_ARRIVALS)
        wait_until_warm(page, server)
        page.goto(f"{server.url}/Inspect?at=convolution_2-map2-row3-column4")
        expect(page.locator(".network-view .keras")).to_contain_text("difference")
        fps, values = page.evaluate(_HOVER, _SECONDS)
        assert values > 20, f"Only {values} different values were shown."
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


class _Counter:
    """Counts what the page's connection receives."""

    def __init__(self, page: Page) -> None:
        self.bytes = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.bytes += len(payload)
