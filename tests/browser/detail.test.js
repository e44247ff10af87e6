// The layers large: what is left of them when they are closed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arrangement, bringIntoView, isOutside, showDetail } from "../../static/network/detail.js";
import { convolution, image, network, pooling, unit } from "./networks.js";

test("when the layers are closed the overview is there again, and nothing of them", () => {
  const strip = { replaceChildren: (...children) => (strip.children = children) };
  const view = {
    network: network(image(2, 2, 1), { kind: "flatten", shape: [4] }),
    state: { opened: null },
    glance: { parts: {}, root: { hidden: true } },
    detail: { hidden: false },
    stages: [{ layer: { number: 1 }, columns: 8 }],
    strip,
  };
  showDetail(view);
  assert.ok(!view.glance.root.hidden && view.detail.hidden);
  assert.deepEqual([view.stages, strip.children], [[], []]);
});

test("a layer is outside of those that are opened where it has no card among them", () => {
  const view = { state: { opened: [2] }, glance: { parts: {} }, stages: [{ layer: { number: 1 } }, { layer: { number: 2 } }] };
  assert.deepEqual([0, 1, 2].map((layer) => isOutside(view, layer)), [true, false, false]);
  assert.ok(!isOutside({ ...view, state: { opened: null } }, 0));
  assert.ok(!isOutside({ ...view, glance: { parts: null } }, 0));
});

const kernel = { shape: [3, 3, 1, 4], numbers: Array(36).fill(0) };
const small = network(image(28, 28, 1), convolution([26, 26, 4], kernel, [0, 0, 0, 0]), pooling([13, 13, 4], 2));

test("layers that are opened are drawn as large as there is room, in few lines before smaller", () => {
  const shown = (room) => arrangement({ network: small, glance: { room }, head: { enlarged: 1 } }, [0, 1], true);
  // Four times: the image 28 × 16 = 448 wide, each map 26 × 12 = 312 wide and 327 high with its number, so one above
  // another: 451 + 28 + 4 × 315 + 28, and the kernels 4 × 12 × 3 + 3 + 28 wide.
  assert.deepEqual(shown(1942), { times: 4, rows: 1 });
  assert.deepEqual(shown(1941), { times: 3, rows: 2 });
  assert.deepEqual(shown(100), { times: 1, rows: 8 });
});

test("all layers together are as large as they were asked for, but on a narrow screen", () => {
  const shown = (room) => arrangement({ network: small, glance: { room }, head: { enlarged: 2 } }, [0, 1, 2], false);
  assert.deepEqual([479, 480, 0].map((room) => shown(room).times), [1, 2, 2]);
});

/** How far the strip is scrolled once a layer is chosen: five cards of 300 pixels, the second of layer 1's kernels. */
function scrolledTo(layer, scrollLeft, { pinned = [], width = 700 } = {}) {
  const stages = [0, 1, 1, 2, 3].map((number, at) => ({
    layer: { number },
    kernels: at === 1,
    card: { offsetLeft: 300 * at, offsetWidth: 300, pinned: pinned.includes(at) },
  }));
  globalThis.getComputedStyle = (card) => ({ position: card.pinned ? "sticky" : "static" });
  const strip = { scrollLeft, clientWidth: width, scrollWidth: 1500 };
  bringIntoView({ state: { selected: layer === null ? null : unit(layer, 0) }, stages, strip });
  return strip.scrollLeft;
}

test("the strip is scrolled until the card of the chosen layer can be seen, not that of its kernels", () => {
  for (const left of [0, 200, 700, 800]) {
    const to = scrolledTo(1, left); // its card reaches from 600 to 900
    assert.ok(to < 600 && to + 700 > 900);
  }
  assert.equal(scrolledTo(1, 400), 400);
  assert.equal(scrolledTo(null, 123), 123);
  assert.equal(scrolledTo(1, 0, { width: 1500 }), 0);
});

test("the input and the output that stay in view do not cover the chosen layer, nor are they scrolled to", () => {
  const pinned = [0, 4];
  assert.ok(scrolledTo(1, 500, { pinned, width: 1000 }) + 300 < 600);
  assert.ok(scrolledTo(2, 0, { pinned, width: 1000 }) + 1000 - 300 > 1200);
  assert.equal(scrolledTo(3, 100, { pinned, width: 1000 }), 100);
  assert.equal(scrolledTo(0, 290, { pinned, width: 1000 }), 290);
});
