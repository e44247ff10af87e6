// What follows the pointer, and what the sweep has reached.

import assert from "node:assert/strict";
import test from "node:test";

import { targetUnit } from "../../static/network/selection.js";
import { sweptOnly } from "../../static/network/sweep.js";
import { convolution, counted, image, network, unit } from "./networks.js";

const kernel = { shape: [3, 3, 1, 2], numbers: Array(18).fill(1) };

test("a pixel stands for the window around it, at the border for the last one", () => {
  const made = network(image(8, 8, 1), convolution([6, 6, 2], kernel, [0, 0]));
  const view = { network: made, head: { follows: true }, state: { selected: unit(1, 1, 0, 0) } };
  const target = (row, column) => targetUnit(view, unit(0, 0, row, column));
  assert.deepEqual(target(3, 4), unit(1, 1, 2, 3));
  assert.deepEqual(target(0, 7), unit(1, 1, 0, 5));
  assert.deepEqual(targetUnit(view, unit(1, 0, 2, 2)), unit(1, 0, 2, 2));
  assert.deepEqual(targetUnit({ ...view, head: { follows: false } }, unit(0, 0, 3, 4)), unit(0, 0, 3, 4));
});

test("a pixel stands for the window around it where windows are padded and two apart", () => {
  const window = { stride: 2, before: 1, after: 1 };
  const made = network(image(9, 9, 1), convolution([5, 5, 2], kernel, [0, 0], window));
  const view = { network: made, head: { follows: true }, state: { selected: null } };
  // The windows' middles are 0, 2, 4, 6 and 8.
  for (const at of counted(5)) assert.deepEqual(targetUnit(view, unit(0, 0, 2 * at, 0)), unit(1, 0, at, 0));
});

test("a swept map has the colors up to the chosen cell and its own; other maps have all of theirs", () => {
  const made = network(image(4, 4, 1), convolution([2, 2, 2], kernel, [0, 0]));
  const view = { state: { selected: unit(1, 1, 1, 0) }, sweep: { on: true } };
  const color = (row, column) => [row, column, 0];
  const cells = [[0, 0], [0, 1], [1, 0], [1, 1]];
  const shown = (map, of = view) => cells.filter(([row, column]) => sweptOnly(of, made.layers[1], map, color)(row, column));
  assert.deepEqual(shown(1), cells.slice(0, 3));
  assert.deepEqual(shown(0), cells);
  assert.deepEqual(shown(1, { ...view, sweep: { on: false } }), cells);
});
