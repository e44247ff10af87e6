// Keys on the network: which number is chosen next.

import assert from "node:assert/strict";
import test from "node:test";

import { keyPressed } from "../../static/network/selection.js";
import { convolution, image, network, pooling, unit } from "./networks.js";

const kernel = { shape: [3, 3, 1, 4], numbers: Array(36).fill(1) };
const made = network(
  image(8, 8, 1),
  convolution([6, 6, 4], kernel, [0, 0, 0, 0]),
  pooling([3, 3, 4], 2),
  { kind: "flatten", shape: [36] },
  { kind: "dense", shape: [2], arrays: { kernel: { shape: [36, 2], numbers: Array(72).fill(0) } } },
);

/** What is chosen after a key, from a unit; undefined where the key is not taken. */
function after(key, selected, shiftKey = false, shown = { stages: [], glance: { parts: null } }) {
  const chosen = [];
  const view = { network: made, state: { selected }, ...shown, select: (next) => chosen.push(next), sweep: { toggle: () => chosen.push("sweep") } };
  keyPressed(view, { key, shiftKey, preventDefault() {}, stopPropagation() {} });
  assert.ok(chosen.length <= 1);
  return chosen[0];
}

test("arrows move the cell and stop at the border", () => {
  assert.deepEqual(after("ArrowDown", unit(1, 0, 2, 3)), unit(1, 0, 3, 3));
  assert.deepEqual(after("ArrowLeft", unit(1, 0, 2, 3)), unit(1, 0, 2, 2));
  assert.deepEqual(after("ArrowUp", unit(1, 0, 0, 3)), unit(1, 0, 0, 3));
  assert.deepEqual(after("ArrowRight", unit(1, 0, 2, 5)), unit(1, 0, 2, 5));
});

test("up and down move by a row of the units that stand side by side", () => {
  const large = { stages: [{ layer: { number: 3 }, columns: 8 }], glance: { parts: null } };
  assert.deepEqual(after("ArrowDown", unit(3, 5), false, large), unit(3, 13));
  assert.deepEqual(after("ArrowUp", unit(3, 13), false, large), unit(3, 5));
  assert.deepEqual(after("ArrowRight", unit(3, 5), false, large), unit(3, 6));
  const overview = { stages: [], glance: { parts: { layout: { columns: [{ layers: [2, 3], across: 2 }] } } } };
  assert.deepEqual(after("ArrowDown", unit(3, 5), false, overview), unit(3, 7));
  assert.deepEqual(after("ArrowDown", unit(3, 5)), unit(3, 6));
});

test("Page Up from the first map leads to the last, Page Down from the last to the first", () => {
  assert.deepEqual(after("PageUp", unit(1, 0, 2, 3)), unit(1, 3, 2, 3));
  assert.deepEqual(after("PageDown", unit(1, 3, 2, 3)), unit(1, 0, 2, 3));
  assert.deepEqual(after("PageUp", unit(4, 0)), unit(4, 1));
  assert.deepEqual(after("]", unit(1, 1, 2, 3)), unit(1, 2, 2, 3));
});

test("Shift and an arrow lead to the same place of the next layer, and back", () => {
  assert.deepEqual(after("ArrowRight", unit(1, 2, 5, 0), true), unit(2, 2, 2, 0));
  assert.deepEqual(after("ArrowLeft", unit(2, 2, 2, 0), true), unit(1, 2, 5, 1));
  assert.deepEqual(after("ArrowRight", unit(2, 1, 0, 2), true), unit(3, 2 * 4 + 1));
  assert.deepEqual(after("ArrowLeft", unit(3, 2 * 4 + 1), true), unit(2, 1, 0, 2));
  assert.deepEqual(after("ArrowRight", unit(4, 1), true), unit(4, 1));
});

test("with nothing chosen an arrow chooses the first number, and Escape lets go", () => {
  assert.deepEqual(after("ArrowRight", null), unit(1, 0, 0, 0));
  assert.equal(after("Escape", unit(1, 0, 0, 0)), null);
  assert.equal(after(" ", unit(1, 0, 0, 0)), "sweep");
  assert.equal(after("q", unit(1, 0, 0, 0)), undefined);
});

test("Escape lets go of the number first, then closes the layers that are shown large", () => {
  const pressed = (selected, opened) => {
    const done = [];
    const view = { network: made, state: { selected, opened }, select: (next) => done.push(["select", next]), openLayers: (layers) => done.push(["open", layers]) };
    keyPressed(view, { key: "Escape", preventDefault() {}, stopPropagation() {} });
    return done;
  };
  assert.deepEqual(pressed(unit(1, 0, 0, 0), [1]), [["select", null]]);
  assert.deepEqual(pressed(null, [1]), [["open", null]]);
});
