// The arithmetic of one number, against its definition or numbers worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";

import { differenceReceipt, receiptOf } from "../../static/network/receipt.js";
import { knownValue } from "../../static/network/layers.js";
import { comparedWith, isEditable } from "../../static/network/receipt_view.js";
import { winnersOf } from "../../static/network/winners.js";
import { convolution, convolved, counted, image, network, pooling, scattered, unit } from "./networks.js";

const near = (value, expected, tolerance = 1e-6) =>
  assert.ok(Math.abs(value - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${value} is not ${expected}`);

for (const window of [
  { stride: 1 },
  { stride: 2, before: 1, after: 1 },
  { stride: 1, dilation: 2, before: 2, after: 2 },
]) {
  test(`a convolution with ${JSON.stringify(window)} is what its definition says`, () => {
    const [side, size, channels, filters] = [7, 3, 2, 3];
    const full = { size, channels, dilation: 1, before: 0, after: 0, ...window };
    const cells = Math.floor((side + full.before + full.after - (full.dilation * 2 + 1)) / full.stride) + 1;
    const pixels = Float32Array.from(scattered(side * side * channels, 3));
    const weights = Float32Array.from(scattered(size * size * channels * filters, 5));
    const kernel = { shape: [size, size, channels, filters], numbers: [...weights] };
    const bias = [0.5, -0.25, 2];
    const made = network(image(side, side, channels, [...pixels]), convolution([cells, cells, filters], kernel, bias, full));
    const at = (row, column, channel) =>
      row >= 0 && column >= 0 && row < side && column < side ? pixels[(row * side + column) * channels + channel] : 0;
    for (const row of counted(cells)) {
      for (const column of counted(cells)) {
        for (const filter of counted(filters)) {
          const weight = (y, x, channel) => weights[((y * size + x) * channels + channel) * filters + filter];
          const expected = convolved(at, weight, full, row, column) + bias[filter];
          near(receiptOf(made, unit(1, filter, row, column)).computed, expected);
        }
      }
    }
  });
}

test("a convolution's receipt has every product of every channel, and none in the padding", () => {
  const kernel = { shape: [2, 2, 2, 1], numbers: [1, 10, 2, 20, 3, 30, 4, 40] };
  const pixels = [1, 5, 2, 6, 3, 7, 4, 8]; // channels 1 2 3 4 and 5 6 7 8
  const made = network(image(2, 2, 2, pixels), convolution([2, 2, 1], kernel, [100], { after: 1 }));
  const { channels, bias, computed } = receiptOf(made, unit(1, 0, 0, 1));
  assert.deepEqual(channels[0].cells.map((cell) => cell.value), [2, null, 4, null]);
  assert.deepEqual(channels[0].weights, [1, 2, 3, 4]);
  assert.deepEqual(channels[0].products, [2, 0, 12, 0]);
  assert.deepEqual(channels[1].products, [60, 0, 240, 0]);
  assert.deepEqual(channels.map(({ subtotal }) => subtotal), [14, 300]);
  assert.deepEqual([bias, computed], [100, 414]);
});

const pooled = (pixels, kind = "max") => network(image(2, 2, 1, pixels), { ...pooling([1, 1, 1], 2), pooling: kind });

test("of equal cells the first wins a pooling, row by row, as in Keras", () => {
  assert.equal(receiptOf(pooled([0, 3, 3, 3]), unit(1, 0, 0, 0)).winner, 1);
  assert.equal(receiptOf(pooled([2, 2, 2, 2]), unit(1, 0, 0, 0)).winner, 0);
  assert.equal(receiptOf(pooled([-4, -1, -2, -1]), unit(1, 0, 0, 0)).winner, 1);
  assert.deepEqual([...winnersOf(pooled([0, 3, 3, 3]), pooled([0, 3, 3, 3]).layers[0], 0)], [1]);
});

test("a window whose cells are all the same has no dot, and an average none at all", () => {
  const [same, average] = [pooled([2, 2, 2, 2]), pooled([1, 2, 3, 4], "average")];
  assert.equal(winnersOf(same, same.layers[0], 0).size, 0);
  assert.equal(winnersOf(average, average.layers[0], 0), null);
});

test("what is not a number wins a pooling, as in Keras", () => {
  const { computed, winner } = receiptOf(pooled([1, NaN, 5, 2]), unit(1, 0, 0, 0));
  assert.ok(Number.isNaN(computed));
  assert.equal(winner, 1);
});

test("an average pooling is the mean of its window", () => {
  const { computed, winner } = receiptOf(pooled([1, 2, 3, 10], "average"), unit(1, 0, 0, 0));
  assert.equal(computed, 4);
  assert.equal(winner, undefined);
});

test("the cells of overlapping windows are counted from 0 in the map", () => {
  const made = network(image(3, 3, 1, counted(9)), pooling([2, 2, 1], 2, { stride: 1 }));
  const { cells, winner } = receiptOf(made, unit(1, 0, 1, 1));
  assert.deepEqual(cells[winner], { row: 2, column: 2, value: 8 });
  assert.deepEqual([...winnersOf(made, made.layers[0], 0)].sort(), [4, 5, 7, 8]);
});

test("batch normalization subtracts, divides, scales and shifts", () => {
  const of = (number) => ({ shape: [1], numbers: [number] });
  const arrays = { gamma: of(3), beta: of(-1), moving_mean: of(2), moving_variance: of(15) };
  const made = network(image(1, 1, 1, [10]), { kind: "normalization", shape: [1, 1, 1], epsilon: 1, arrays });
  assert.equal(receiptOf(made, unit(1, 0, 0, 0)).computed, (3 * (10 - 2)) / 4 - 1);
});

const active = (name, x, slope = 0) => {
  const layer = { kind: "activation", function: name, label: name, formula: "", slope, shape: [1, 1, 1] };
  return receiptOf(network(image(1, 1, 1, [x]), layer), unit(1, 0, 0, 0)).computed;
};

test("activations have the values of the tables", () => {
  for (const [name, x, expected] of [
    ["linear", -2, -2],
    ["relu", -2, 0],
    ["relu", 3, 3],
    ["sigmoid", 0, 0.5],
    ["sigmoid", 2, 0.8807970779778823],
    ["tanh", 1, 0.7615941559557649],
    ["elu", -1, -0.6321205588285577],
    ["elu", 2, 2],
    ["silu", 1, 0.7310585786300049],
    ["gelu", 0, 0],
    ["gelu", 1, 0.8413447460685429], // the standard normal distribution at 1, times 1
    ["gelu", -2, -0.04550026389635842],
    ["gelu", 12, 12],
    ["gelu", -12, 0],
  ]) {
    near(active(name, x), expected, 1e-12);
  }
  near(active("leaky_relu", -2, 0.25), -0.5);
  for (const name of ["relu", "gelu", "elu"]) assert.ok(Number.isNaN(active(name, NaN)), name);
});

const vector = (numbers) => ({ kind: "flatten", title: "Flatten", shape: [numbers.length], numbers });

test("a dense unit adds its own column of the kernel, the largest contributions first", () => {
  const kernel = { shape: [3, 2], numbers: [1, 10, 2, -20, 3, 30] };
  const layer = { kind: "dense", shape: [2], arrays: { kernel, bias: { shape: [2], numbers: [0.5, 1] } } };
  const { terms, bias, computed } = receiptOf(network(vector([4, 5, 0]), layer), unit(1, 1));
  assert.deepEqual(terms.map(({ from, product }) => [from, product]), [[1, -100], [0, 40], [2, 0]]);
  assert.deepEqual([bias, computed], [1, -59]);
});

const softmax = (logits) => network(vector(logits), { kind: "softmax", shape: [logits.length], output: true });

test("the shares of a softmax add up to 1 and do not overflow", () => {
  const { shares, computed } = receiptOf(softmax([1000, 1001, 999]), unit(1, 1));
  near(shares.reduce((sum, share) => sum + share), 1, 1e-12);
  near(computed, 1 / (Math.exp(-1) + 1 + Math.exp(-2)), 1e-12);
});

test("equal logits share the probability", () => {
  near(receiptOf(softmax([-7, -7, -7]), unit(1, 2)).computed, 1 / 3, 1e-12);
});

test("a single logit is for the second class, and the first has the rest", () => {
  const layer = { kind: "activation", function: "sigmoid", label: "", formula: "", slope: 0, shape: [2], output: true };
  const made = network(vector([2]), layer);
  const [first, second] = counted(2).map((channel) => receiptOf(made, unit(1, channel)).computed);
  near(second, 0.8807970779778823, 1e-12);
  near(first + second, 1, 1e-12);
});

test("a global average is the mean of one map", () => {
  const made = network(image(2, 2, 2, [1, 100, 2, 200, 3, 300, 6, 400]), { kind: "average", shape: [2] });
  assert.equal(receiptOf(made, unit(1, 0)).computed, 3);
  assert.equal(receiptOf(made, unit(1, 1)).computed, 250);
});

test("flattening passes the number on", () => {
  const made = network(image(2, 2, 1, [5, 6, 7, 8]), { kind: "flatten", shape: [4] });
  const { computed, source } = receiptOf(made, unit(1, 2));
  assert.deepEqual([computed, source], [7, unit(0, 0, 1, 0)]);
});

test("a receipt says what the browser was not given", () => {
  const kernel = { shape: [2, 2, 1, 1] };
  const made = network(image(2, 2, 1, [1, 2, 3, 4]), convolution([1, 1, 1], kernel), { kind: "flatten", shape: [1] });
  assert.equal(receiptOf(made, unit(1, 0, 0, 0)).missing, "weights");
  assert.equal(receiptOf(made, unit(1, 0)).missing, "kernels");
  assert.equal(receiptOf(made, unit(2, 0)).missing, "values");
  assert.equal(receiptOf(made, unit(0, 0, 1, 1)).missing, undefined);
  const rectified = network(image(2, 2, 1, [1, 2, 3, 4]), { kind: "activation", shape: [2, 2, 1] });
  const whole = receiptOf(rectified, unit(1, 0));
  assert.deepEqual([whole.kind, whole.missing], ["filter", undefined]); // a map of another layer has no kernels
});

/** Classes on top of three numbers: with one unit a sigmoid, else a softmax. */
function classified(units) {
  const weights = scattered(3 * units, 9).map(Math.fround);
  const biases = scattered(units, 4).map(Math.fround);
  const values = [2, -1, 0.5];
  const logits = counted(units).map((to) => values.reduce((sum, value, from) => sum + value * weights[from * units + to], biases[to]));
  const arrays = { kernel: { shape: [3, units], numbers: weights }, bias: { shape: [units], numbers: biases } };
  const output = units > 1 ? { kind: "softmax", shape: [units] } : { kind: "activation", function: "sigmoid", shape: [2] };
  const layers = network(vector(values), { kind: "dense", name: "logits", shape: [units], numbers: logits, arrays }, { ...output, output: true });
  return { layers, weights, biases, values, logits };
}

test("two logits differ by each value times the difference of its weights, and the biases", () => {
  const { layers, weights, biases, values, logits } = classified(4);
  for (const [own, other] of [[0, 3], [3, 0], [2, 1]]) {
    const { terms, bias, computed, logits: pair } = differenceReceipt(layers, unit(2, own), unit(2, other));
    near(computed, logits[own] - logits[other]);
    near(pair[0] - pair[1], computed);
    near(bias, biases[own] - biases[other]);
    for (const { from, value, weight, product } of terms) {
      assert.equal(value, values[from]);
      near(weight, weights[from * 4 + own] - weights[from * 4 + other]);
      near(product, value * weight);
    }
    const sizes = terms.map(({ product }) => Math.abs(product));
    assert.deepEqual(sizes, [...sizes].sort((first, second) => second - first));
    assert.equal(terms.length, 3);
  }
});

test("a single logit is the difference of the two classes already", () => {
  const { layers, logits } = classified(1);
  const [second, first] = [differenceReceipt(layers, unit(2, 1), unit(2, 0)), differenceReceipt(layers, unit(2, 0), unit(2, 1))];
  near(second.computed, logits[0]);
  near(first.computed, -logits[0]);
  const share = 1 / (1 + Math.exp(-logits[0]));
  near(Math.exp(second.computed), share / (1 - share)); // the ratio of the probabilities
});

test("a whole map has no value, nor has a number that is not in the browser", () => {
  const [pixels, left] = network(image(1, 2, 2, [1, 2, 3, 4]), { kind: "activation", shape: [1, 2, 2] }).layers;
  assert.equal(knownValue(pixels, unit(0, 1, 0, 1)), 4);
  assert.equal(knownValue(pixels, unit(0, 1)), undefined);
  assert.equal(knownValue(left, unit(1, 1, 0, 1)), undefined);
  assert.equal(knownValue(vector([0, 6]), unit(0, 1)), 6);
});

test("a class is compared with the one that was chosen, and never with itself", () => {
  const made = network(vector([1, 2, 3]), { kind: "softmax", shape: [3], output: true, numbers: [0.2, 0.7, 0.1] });
  const compared = (channel, other) => comparedWith({ network: made, state: { other } }, unit(1, channel));
  assert.deepEqual(compared(1, undefined), unit(1, 0));
  assert.deepEqual(compared(0, undefined), unit(1, 1));
  assert.deepEqual(compared(1, 2), unit(1, 2));
  assert.deepEqual(compared(2, 0), unit(1, 0));
  assert.deepEqual(compared(2, 2), unit(1, 1));
});

test("the kernels of a filter are edited where Python takes them, and not while the filter is off", () => {
  const kernel = { shape: [1, 1, 1, 2], numbers: [1, 1] };
  const off = { ...convolution([1, 1, 2], kernel, [0, 0]), off: [1] };
  const made = network(image(1, 1, 1, [1]), off, { kind: "activation", shape: [1, 1, 2] });
  const view = (confirmed) => ({ network: made, head: { confirmed } });
  assert.ok(isEditable(view({ kernel: "" }), unit(1, 0)));
  assert.ok(!isEditable(view({ kernel: "" }), unit(1, 1)));
  assert.ok(!isEditable(view({ kernel: "" }), unit(2, 0)));
  assert.ok(!isEditable(view({ unit: "" }), unit(1, 0)));
});
