// A network with other numbers in a kernel, against the definition of each layer.

import assert from "node:assert/strict";
import test from "node:test";

import { kernelPlaces, withKernels } from "../../static/network/edited.js";
import { faultOf } from "../../static/network/kernel_editor.js";
import { receiptOf } from "../../static/network/receipt.js";
import { convolution, convolved, counted, image, network, pooling, scattered, unit } from "./networks.js";

const [SIDE, SIZE, CHANNELS, FILTERS, UNITS] = [6, 3, 2, 2, 3];
const CELLS = SIDE - SIZE + 1;
const PIXELS = Float32Array.from(scattered(SIDE * SIDE * CHANNELS, 3));
const WEIGHTS = Float32Array.from(scattered(SIZE * SIZE * CHANNELS * FILTERS, 5));
const BIAS = [0.5, -0.25];
const DENSE = Float32Array.from(scattered(8 * UNITS, 7));
const near = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-5, `${value} is not ${expected}`);

/** What every layer gives for a kernel, by definition: convolution, ReLU, pooling, flattening, dense, softmax. */
function outputs(weights) {
  const window = { size: SIZE, channels: CHANNELS, stride: 1, dilation: 1, before: 0 };
  const at = (row, column, channel) => PIXELS[(row * SIDE + column) * CHANNELS + channel];
  const cells = counted(CELLS).flatMap((row) => counted(CELLS).flatMap((column) => counted(FILTERS).map((filter) => {
    const weight = (y, x, channel) => weights[((y * SIZE + x) * CHANNELS + channel) * FILTERS + filter];
    return convolved(at, weight, window, row, column) + BIAS[filter];
  })));
  const relu = cells.map((value) => Math.max(0, value));
  const pooled = counted(2).flatMap((row) => counted(2).flatMap((column) => counted(FILTERS).map((filter) =>
    Math.max(...[0, 1].flatMap((y) => [0, 1].map((x) => relu[((2 * row + y) * CELLS + 2 * column + x) * FILTERS + filter]))))));
  const logits = counted(UNITS).map((to) => pooled.reduce((sum, value, from) => sum + value * DENSE[from * UNITS + to], 0));
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power);
  return [cells, relu, pooled, pooled, logits, powers.map((power) => power / sum)];
}

function trained({ kept = true } = {}) {
  const [cells, relu, pooled, flat, logits, shares] = outputs(WEIGHTS);
  const kernel = { shape: [SIZE, SIZE, CHANNELS, FILTERS], numbers: [...WEIGHTS] };
  const dense = { kernel: { shape: [8, UNITS], numbers: [...DENSE] }, bias: { shape: [UNITS], numbers: [0, 0, 0] } };
  return network(
    image(SIDE, SIDE, CHANNELS, [...PIXELS]),
    { ...convolution([CELLS, CELLS, FILTERS], kernel, BIAS), numbers: cells },
    { kind: "activation", function: "relu", shape: [CELLS, CELLS, FILTERS], numbers: relu },
    { ...pooling([2, 2, FILTERS], 2), numbers: kept ? pooled : undefined },
    { kind: "flatten", shape: [8], numbers: flat },
    { kind: "dense", name: "logits", shape: [UNITS], numbers: logits, arrays: dense },
    { kind: "softmax", shape: [UNITS], output: true, numbers: shares },
  );
}

test("kernels that are typed over change every layer as their definitions say", () => {
  const before = trained();
  const typed = new Map([[0, scattered(9, 11).map(Math.fround)], [1, scattered(9, 13).map(Math.fround)]]);
  const made = withKernels(before, unit(1, 1), typed);
  const weights = WEIGHTS.slice();
  for (const [channel, numbers] of typed) numbers.forEach((value, at) => (weights[(at * CHANNELS + channel) * FILTERS + 1] = value));
  outputs(weights).forEach((expected, at) => {
    assert.equal(made.layers[at + 1].numbers.length, expected.length);
    expected.forEach((value, place) => near(made.layers[at + 1].numbers[place], value));
  });
  assert.deepEqual([...made.layers[1].kernel], [...weights]);
  assert.deepEqual([...before.layers[1].kernel], [...WEIGHTS]); // it is as it was
  near(receiptOf(made, unit(1, 1, 2, 3)).computed, made.layers[1].numbers[(2 * CELLS + 3) * FILTERS + 1]);
});

test("the places of a kernel are those of its channel and filter, row by row", () => {
  const { layers } = trained();
  const expected = counted(9).map((at) => WEIGHTS[at * 4 + 1 * 2 + 0]);
  assert.deepEqual(kernelPlaces(layers[1], 0, 1).map((place) => layers[1].kernel[place]), expected);
});

test("nothing is computed where a layer's numbers are not in the browser", () => {
  assert.equal(withKernels(trained({ kept: false }), unit(1, 0), new Map([[0, counted(9)]])), null);
});

test("a network with too many products is left to Python", () => {
  const side = 300;
  const cells = { ...convolution([side, side, 1], { shape: [3, 3, 1, 1], numbers: counted(9) }, [0]), numbers: counted(side * side) };
  const large = network(image(side + 2, side + 2, 1, counted((side + 2) ** 2)), cells);
  assert.equal(withKernels(large, unit(1, 0), new Map([[0, counted(9)]])), null);
});

test("of the first convolution only the filter that is typed over is computed anew", () => {
  const [side, filters] = [40, 64]; // 9 products at 1,600 places, for 64 filters
  const kernel = { shape: [3, 3, 1, filters], numbers: scattered(9 * filters) };
  const cells = { ...convolution([side, side, filters], kernel, Array(filters).fill(0)), numbers: Array(side * side * filters).fill(7) };
  const wide = network(image(side + 2, side + 2, 1, Array((side + 2) ** 2).fill(1)), cells);
  const { numbers } = withKernels(wide, unit(1, 5), new Map([[0, counted(9)]])).layers[1];
  assert.deepEqual([...numbers.subarray(4, 7)], [7, 36, 7]); // 0 + 1 + … + 8
});

test("the first number that cannot be used is named by its row and column", () => {
  assert.equal(faultOf([1, 2, 3, 4], 2), "");
  assert.match(faultOf([1, 2, NaN, 4], 2), /^Row 2, column 1 is empty/);
  assert.match(faultOf([1, Infinity, NaN, 4], 2), /^Row 1, column 2 is larger/);
});
