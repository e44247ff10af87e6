// Rows and columns that have no effect on what the network gives in the end.

import assert from "node:assert/strict";
import test from "node:test";

import { droppedLines, droppingLayer, hatchedNote, linesWithout } from "../../static/network/effect.js";
import { convolution, image, network, pooling, scattered, unit } from "./networks.js";

const kernel = (side, channels = 1, filters = 1) => ({
  shape: [side, side, channels, filters],
  numbers: scattered(side * side * channels * filters),
});

const named = (layer, title) => ({ ...layer, title });
const relu = (shape) => ({ kind: "activation", title: "ReLU", shape });
const dense = { kind: "dense", title: "Dense", shape: [2] };
const softmax = { kind: "softmax", title: "Softmax", shape: [2], output: true };

const starter = () =>
  network(
    image(28, 28, 1),
    named(convolution([26, 26, 1], kernel(3), [0]), "Convolution 1"),
    relu([26, 26, 1]),
    named(pooling([13, 13, 1], 2), "Max pooling 1"),
    named(convolution([11, 11, 1], kernel(3), [0]), "Convolution 2"),
    named(pooling([5, 5, 1], 2), "Max pooling 2"),
    { kind: "flatten", title: "Flatten", shape: [25] },
    dense,
    softmax,
  );

const without = (made) => droppedLines(made).map(({ rows }) => linesWithout(rows));

test("what a pooling leaves out is carried back to the image", () => {
  const made = starter();
  assert.deepEqual(without(made), [[26, 27], [24, 25], [24, 25], [12], [10], [], [], [], []]);
  for (const { rows, columns } of droppedLines(made)) assert.deepEqual(rows, columns);
  assert.deepEqual(droppedLines(made)[0].rows.slice(-3), [null, 5, 5]);
});

test("the rows that no window reads are those that none of its cells lies on", () => {
  const made = network(image(9, 9, 1), convolution([3, 3, 1], kernel(2), [0], { stride: 3, dilation: 2 }));
  // Windows begin at 0, 3 and 6, and read two rows that lie two apart: 0 2, 3 5, 6 8.
  assert.deepEqual(without(made), [[1, 4, 7], []]);
});

test("rows and columns are told apart", () => {
  const made = network(image(5, 6, 1), pooling([2, 3, 1], 2));
  assert.deepEqual(droppedLines(made)[0], { rows: [null, null, null, null, 1], columns: Array(6).fill(null) });
});

test("a row has an effect where one of several windows that read it has one", () => {
  const made = network(image(7, 7, 1), convolution([5, 5, 1], kernel(3), [0]), pooling([2, 2, 1], 2));
  // The last row of the convolution is dropped; it reads the rows 4 to 6, the one before 3 to 5.
  assert.deepEqual(without(made), [[6], [4], []]);
});

test("windows that lie in the padding alone leave all cells without effect", () => {
  const window = { stride: 2, before: 2, after: 0 };
  const made = network(image(2, 2, 1), convolution([1, 1, 1], kernel(2), [0], window));
  assert.deepEqual(without(made), [[0, 1], []]);
});

test("all cells that are flattened or averaged have an effect", () => {
  const made = network(image(5, 5, 2), { kind: "average", shape: [2] });
  assert.deepEqual(without(made), [[], []]);
});

test("nothing of a cell gets past the first layer that leaves out its row or its column", () => {
  const made = starter();
  assert.equal(droppingLayer(made, unit(0, 0, 27, 3)).title, "Max pooling 2");
  assert.equal(droppingLayer(made, unit(0, 0, 3, 26)).title, "Max pooling 2");
  assert.equal(droppingLayer(made, unit(0, 0, 25, 25)), null);
  assert.equal(droppingLayer(made, unit(6, 3)), null);
  const twice = network(
    image(8, 9, 1),
    named(pooling([4, 4, 1], 2), "First"),
    named(pooling([1, 1, 1], 3), "Second"),
  );
  assert.equal(droppingLayer(twice, unit(0, 0, 7, 8)).title, "First");
  assert.equal(droppingLayer(twice, unit(0, 0, 7, 7)).title, "Second");
});

test("the note says on what there is no effect, and why", () => {
  const made = starter();
  const prefix = "Hatched: rows and columns 27, 28 have no effect on the prediction";
  assert.equal(hatchedNote(made, made.layers[0]), `${prefix}: nothing that depends on them gets past Max pooling 2`);
  assert.match(hatchedNote(made, made.layers[4]), /row and column 11 have .*: no window of Max pooling 2 reads them$/);
  assert.equal(hatchedNote(made, made.layers[5]), "");
  const twice = network(image(9, 9, 1), named(pooling([4, 4, 1], 2), "First"), named(pooling([1, 1, 1], 3), "Second"));
  assert.match(hatchedNote(twice, twice.layers[0]), /rows and columns 7, 8, 9 have .*: nothing that depends on them gets past First or Second$/);
  const part = network(image(3, 3, 1), named(pooling([1, 1, 1], 2), "Max pooling"));
  assert.match(hatchedNote(part, part.layers[0]), /no effect on the last layer shown/);
});
