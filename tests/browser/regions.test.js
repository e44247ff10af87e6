// What a number depends on and where it goes: outlines of receptive fields, readers, cells left out.

import assert from "node:assert/strict";
import test from "node:test";

import {
  cellsAlong,
  unflatten,
  readersOf,
  receptiveFields,
  sameUnit,
  unitName,
  unitText,
} from "../../static/network/layers.js";
import { convolution, convolved, counted, image, network, pooling, scattered, unit } from "./networks.js";

const kernel = (side, channels, filters) => ({
  shape: [side, side, channels, filters],
  numbers: scattered(side * side * channels * filters),
});

/** First and last + 1 row and column of the pixels that change a number of two convolutions. */
function bounds(side, first, second, row, column) {
  const weight = () => 1;
  const within = (at, size) => (down, right) => (down >= 0 && right >= 0 && down < size && right < size ? at(down, right) : 0);
  const whole = (pixels) => {
    const at = within((down, right) => pixels[down * side + right], side);
    const middle = within((down, right) => convolved(at, weight, first, down, right), first.side);
    return convolved(middle, weight, second, row, column);
  };
  const dark = Array(side * side).fill(0);
  const seen = counted(side * side).filter((place) => whole(lit(dark, place)) !== 0);
  const ends = (all) => [Math.min(...all), Math.max(...all) + 1];
  return { rows: ends(seen.map((place) => Math.floor(place / side))), columns: ends(seen.map((place) => place % side)) };
}

const lit = (pixels, place) => pixels.map((pixel, at) => (at === place ? 1 : pixel));

for (const [name, windows] of Object.entries({
  plain: [{}, {}],
  "with strides": [{ stride: 2 }, { stride: 2 }],
  padded: [{ before: 1, after: 1 }, { before: 1, after: 1 }],
  "with lopsided padding": [{ stride: 2, after: 1 }, { before: 1, after: 1 }],
  dilated: [{ dilation: 2 }, { dilation: 3, before: 3, after: 3 }],
})) {
  test(`the outline of two convolutions, ${name}, is round what changes the number`, () => {
    const side = 12;
    const sizes = [side];
    const [first, second] = windows.map((window) => {
      const full = { size: 3, stride: 1, dilation: 1, before: 0, after: 0, channels: 1, ...window };
      const room = sizes.at(-1) + full.before + full.after - (full.dilation * 2 + 1);
      sizes.push(Math.floor(room / full.stride) + 1);
      return { ...full, side: sizes.at(-1) };
    });
    const made = network(
      image(side, side, 1),
      convolution([first.side, first.side, 1], kernel(3, 1, 1), [0], first),
      convolution([second.side, second.side, 1], kernel(3, 1, 1), [0], second),
    );
    const last = second.side - 1;
    for (const [row, column] of [[0, 0], [0, last], [last, 0], [last >> 1, last >> 1]]) {
      const { rows, columns } = receptiveFields(made, unit(2, 0, row, column))[0];
      assert.deepEqual({ rows, columns }, bounds(side, first, second, row, column));
    }
  });
}

test("a dilated window at the left border is clipped, and has its cells in the padding, too", () => {
  const window = { dilation: 3, before: 3, after: 3 };
  const made = network(image(10, 10, 1), convolution([10, 10, 1], kernel(3, 1, 1), [0], window));
  const [field] = receptiveFields(made, unit(1, 0, 5, 0));
  assert.deepEqual(field.columns, [0, 4]); // reads the columns -3, 0 and 3
  assert.deepEqual(field.rows, [2, 9]);
  assert.deepEqual(field.read, { rows: [2, 5, 8], columns: [-3, 0, 3] });
  assert.deepEqual(field.window, { rows: [2, 9], columns: [-3, 4] });
});

test("a window without gaps has no cells to be listed one by one", () => {
  const made = network(image(4, 4, 1), convolution([2, 2, 1], kernel(3, 1, 1), [0]));
  assert.equal(receptiveFields(made, unit(1, 0, 0, 0))[0].read, null);
});

test("a pooling reads its own map, a convolution reads all of them", () => {
  const made = network(
    image(6, 6, 1),
    convolution([4, 4, 3], kernel(3, 1, 3), [0, 0, 0]),
    pooling([2, 2, 3], 2),
    convolution([1, 1, 2], kernel(2, 3, 2), [0, 0]),
  );
  assert.equal(receptiveFields(made, unit(2, 1, 0, 0))[1].channel, 1);
  assert.equal(receptiveFields(made, unit(3, 1, 0, 0))[2].channel, null);
});

test("a unit of a dense layer sees the whole image", () => {
  const made = network(
    image(2, 3, 1),
    { kind: "flatten", shape: [6] },
    { kind: "dense", shape: [2], arrays: { kernel: { shape: [6, 2] } } },
  );
  const [field, flat] = receptiveFields(made, unit(2, 1));
  assert.deepEqual(flat, { units: [0, 6] });
  assert.deepEqual([field.rows, field.columns], [[0, 2], [0, 3]]);
});

test("flattening goes through the channels first, then the columns, then the rows", () => {
  const made = network(image(2, 3, 4), { kind: "flatten", shape: [24] });
  const order = [];
  for (const row of counted(2)) for (const column of counted(3)) for (const channel of counted(4)) order.push([row, column, channel]);
  order.forEach(([row, column, channel], at) => {
    assert.deepEqual(unflatten(made.layers[0], at), unit(0, channel, row, column));
    assert.deepEqual(readersOf(made, unit(0, channel, row, column)), { count: 1, units: [unit(1, at)] });
  });
});

test("a cell has the number of windows that read it, of all filters", () => {
  const window = { stride: 1, before: 1, after: 1 };
  const made = network(image(5, 5, 1), convolution([5, 5, 4], kernel(3, 1, 4), [0, 0, 0, 0], window));
  const own = made.layers[1];
  const reads = (at) => counted(5).filter((cell) => cellsAlong(own, cell).includes(at)).length;
  assert.equal(readersOf(made, unit(0, 0, 0, 2)).count, reads(0) * reads(2) * 4);
  assert.equal(readersOf(made, unit(0, 0, 0, 2)).count, 2 * 3 * 4);
});

test("of the windows that read a cell the one around it is shown", () => {
  const made = network(image(9, 9, 1), convolution([7, 7, 2], kernel(3, 1, 2), [0, 0]), pooling([3, 3, 2], 3, { stride: 2 }));
  assert.deepEqual(readersOf(made, unit(0, 0, 4, 5)).units, [unit(1, 0, 3, 4)]);
  assert.deepEqual(readersOf(made, unit(1, 1, 1, 5)).units, [unit(2, 1, 0, 2)]);
});

test("a cell that no window reads has no reader", () => {
  const made = network(image(5, 5, 1), pooling([2, 2, 1], 2));
  assert.equal(readersOf(made, unit(0, 0, 4, 0)).count, 0);
});

test("the strongest reader of a unit is that of the largest weight, negative or not", () => {
  const weights = [
    [0.5, -2, 1],
    [0.1, 0.2, -0.15],
  ];
  const made = network(
    { kind: "flatten", shape: [2], numbers: [1, 1] },
    { kind: "dense", shape: [3], arrays: { kernel: { shape: [2, 3], numbers: weights.flat() } } },
  );
  assert.deepEqual(readersOf(made, unit(0, 0)), { count: 3, units: [unit(1, 1)] });
  assert.deepEqual(readersOf(made, unit(0, 1)), { count: 3, units: [unit(1, 1)] });
});

test("a number is named from 1, for people and for the address", () => {
  const made = network(image(6, 6, 3), convolution([4, 4, 3], kernel(3, 3, 3), [0, 0, 0]));
  const [input, layer] = made.layers;
  layer.title = "Convolution 1";
  assert.equal(unitText(layer, unit(1, 2, 3, 0)), "convolution_1-map3-row4-column1");
  assert.equal(unitText(layer, unit(1, 2)), "convolution_1-map3");
  assert.equal(unitName(layer, unit(1, 2, 3, 0), []), "Convolution 1, map 3, row 4, column 1");
  assert.equal(unitName(layer, unit(1, 2), []), "Convolution 1, filter 3");
  assert.equal(unitName(input, unit(0, 1, 0, 0), []), "Input, green, row 1, column 1");
});

test("units are the same where all of their places are", () => {
  assert.ok(sameUnit(unit(1, 2, 3, 4), unit(1, 2, 3, 4)));
  assert.ok(!sameUnit(unit(1, 2, 3, 4), unit(1, 2, 4, 3)));
  assert.ok(!sameUnit(unit(1, 2, 3, 4), null));
  assert.ok(sameUnit(null, null));
});
