// The lines between the columns of the network at a glance: where they begin and end.

import assert from "node:assert/strict";
import { test } from "node:test";

import { curve, entryOf, exitOf, linksOf } from "../../static/network/glance_lines.js";
import { layoutOf, unitBox } from "../../static/network/layout.js";
import { all } from "./page.js";

const LAYERS = [
  { kind: "image", title: "Input", shape: [28, 28, 1] },
  { kind: "convolution", title: "Convolution 1", shape: [26, 26, 4], weights: { kernel: { shape: [3, 3, 1, 4] } } },
  { kind: "pooling", title: "Max pooling 1", shape: [13, 13, 4] },
  { kind: "convolution", title: "Convolution 2", shape: [11, 11, 8], weights: { kernel: { shape: [3, 3, 4, 8] } } },
  { kind: "flatten", title: "Flatten", shape: [968] },
  { kind: "dense", title: "Logits", shape: [10] },
  { kind: "softmax", title: "Softmax", shape: [10], output: true },
].map((layer, number) => ({ ...layer, number }));

const NEAR = 5; // pixels between a line and what it leads to
const layout = layoutOf(LAYERS, { width: 1400, height: 468 });
const [image, first, pooled, second] = layout.columns;

/** From one to the other as far as a line may reach, without touching either. */
const justBefore = (x, edge) => assert.ok(x < edge && x > edge - NEAR, `${x} is not just before ${edge}`);

test("a curve arrives just before the first kernel of its filter, at the height of its map", () => {
  for (const tile of [...first.tiles, ...second.tiles]) {
    const { x, y } = entryOf(tile);
    justBefore(x, Math.min(...tile.kernels.map((kernel) => kernel.x)));
    assert.ok(Math.abs(y - (tile.y + tile.height / 2)) < 1e-9);
  }
});

test("a curve arrives just before a map that has no kernels, and leaves just behind one", () => {
  for (const tile of pooled.tiles) {
    justBefore(entryOf(tile).x, tile.x);
    justBefore(tile.x + tile.width, exitOf(tile).x);
  }
});

/** The drawn lines, as their classes and the numbers of their paths. */
const drawnLines = () => all("path", ...linksOf(layout)).map(({ className, attributes }) => ({ class: className, ...attributes }));

test("every map before a convolution has a curve to the kernels of every filter", () => {
  const curves = drawnLines().filter((line) => line.class === "many").map((line) => line.d);
  const wanted = [[image, first], [pooled, second]].flatMap(([left, right]) =>
    right.tiles.flatMap((tile) => left.tiles.map((before) => curve(exitOf(before), entryOf(tile)))));
  assert.equal(wanted.length, 4 + 4 * 8);
  assert.deepEqual(curves, wanted);
});

test("a line leads from the last kernel of a filter to its map", () => {
  const lines = drawnLines().map(({ d }) => d.match(/^M([\d.]+),([\d.]+)H([\d.]+)$/)?.slice(1).map(Number)).filter(Boolean);
  for (const tile of second.tiles) {
    const right = Math.max(...tile.kernels.map((kernel) => kernel.x + kernel.width));
    const own = lines.filter(([from, y]) => y === tile.y + tile.height / 2 && from > right && from < right + NEAR);
    assert.equal(own.length, 1);
    justBefore(own[0][2], tile.x);
  }
});

test("a band is as high as the columns it joins, from the first class to the last", () => {
  const [units, classes] = layout.columns.slice(-2);
  assert.deepEqual([units.type, classes.type], ["units", "classes"]);
  const { d } = drawnLines().filter((line) => line.class === "band").at(-1);
  const points = d.match(/-?[\d.]+,-?[\d.]+/g).map((point) => point.split(",").map(Number));
  const heights = (near) => points.filter(([x]) => Math.abs(x - near) < NEAR).map(([, y]) => y);
  const [top, bottom] = [unitBox(classes, 0), unitBox(classes, 9)];
  const right = heights(classes.x);
  assert.deepEqual([Math.min(...right), Math.max(...right)], [top.y, bottom.y + bottom.height]);
  const left = heights(units.x + units.width);
  assert.deepEqual([Math.min(...left), Math.max(...left)], [units.y, units.y + units.height]);
});
