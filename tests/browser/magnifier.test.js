// The magnifier: which cells it shows, and where it is put.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CELLS, cropOf, placeAbove } from "../../static/network/magnifier.js";
import { convolution, counted, image, network, unit } from "./networks.js";

const [SIDE, MAPS] = [11, 2];
const kernel = { shape: [3, 3, 1, MAPS], numbers: Array(18).fill(0) };
const values = counted(SIDE * SIDE * MAPS); // each number is its own place
const made = network(
  image(13, 13, 1, counted(169)),
  { ...convolution([SIDE, SIDE, MAPS], kernel, [0, 0]), numbers: values },
  { kind: "dense", shape: [25], numbers: counted(25) },
  { kind: "softmax", shape: [2], output: true, numbers: [0.5, 0.5] },
);
const view = {
  network: made,
  head: { scale: "layer" },
  limits: { layers: [{}, { values: 255 }, { values: 255 }] },
  table: counted(511).map((at) => [at - 255]), // the color of a number is the number
  stages: [],
  glance: { parts: { layout: { columns: [{ layers: [2], across: 10 }] } } },
};
const shown = (of) => {
  const color = cropOf(view, of);
  return counted(CELLS).map((down) => counted(CELLS).map((right) => color(down, right)?.[0] ?? null));
};
const at = (row, column, map) => (row >= 0 && column >= 0 && row < SIDE && column < SIDE ? (row * SIDE + column) * MAPS + map : null);

test("the cells around the one under the finger are those of its map, with nothing beyond the border", () => {
  const half = (CELLS - 1) / 2;
  for (const [row, column, map] of [[5, 6, 1], [0, 10, 0], [10, 0, 1]]) {
    const expected = counted(CELLS).map((down) => counted(CELLS).map((right) => at(row + down - half, column + right - half, map)));
    assert.deepEqual(shown(unit(1, map, row, column)), expected);
  }
});

test("units are shown as they stand side by side", () => {
  const half = (CELLS - 1) / 2;
  const cells = shown(unit(2, 13)); // the fourth of the second line of ten
  assert.equal(cells[half][half], 13);
  assert.equal(cells[half][half + 1], 14);
  assert.equal(cells[half + 1][half], 23);
  assert.equal(cells[half + 1][half + 2], null); // 25 is the first that there is not
  assert.equal(cells[half][half - 4], null);
});

test("a class and a filter are not magnified, nor what is not in the browser", () => {
  assert.equal(cropOf(view, unit(3, 0)), null);
  assert.equal(cropOf(view, unit(1, 0)), null);
  const without = network(image(3, 3, 1));
  assert.equal(cropOf({ ...view, network: without }, unit(0, 0, 1, 1)), null);
});

const ROOT = { left: 20, top: -300, width: 350 };
const SIZE = { width: 120, height: 140 };

test("the magnifier is above the finger and within the view", () => {
  const middle = placeAbove(ROOT, SIZE, { clientX: 200, clientY: 500 });
  assert.equal(middle.x, 200 - 20 - 60);
  assert.ok(middle.y + 140 <= 500 + 300 - 20, "clear of the finger");
  assert.equal(placeAbove(ROOT, SIZE, { clientX: 25, clientY: 500 }).x, 0);
  assert.equal(placeAbove(ROOT, SIZE, { clientX: 365, clientY: 500 }).x, 350 - 120);
});

test("where there is no room above, it is beside the finger, on the side with more room", () => {
  for (const clientX of [60, 330]) {
    const { x, y } = placeAbove(ROOT, SIZE, { clientX, clientY: 90 });
    assert.ok(x >= 0 && x + 120 <= 350);
    assert.ok(x > clientX - 20 || x + 120 < clientX - 20, "not under the finger");
    assert.ok(y + ROOT.top >= 0, "on the screen");
  }
});
