// What made a number, and the prediction in words, for a small network that is computed here by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf } from "../../static/network/layers.js";
import { contributionsTo, differenceOf, MOST_DRAWN, predictedUnit, strongestMaps } from "../../static/network/contributions.js";
import { predictionInWords } from "../../static/network/words.js";
import * as networks from "./networks.js";

const close = (value, expected) => assert.ok(Math.abs(value - expected) < 1e-5, `${value} is not ${expected}`);
const sum = (numbers) => numbers.reduce((total, value) => total + value, 0);

// 5 × 5 image, 2 filters of 2 × 2, ReLU, max pooling 2, flatten (2 × 2 × 2), `units` sigmoid units, 3 classes.
function small(units = 30, truth = 1) {
  const wave = (at, by) => Math.sin(at * by + 0.3);
  const image = Array.from({ length: 25 }, (_, at) => (wave(at, 1.7) + 1) / 2);
  const kernel = Array.from({ length: 8 }, (_, at) => wave(at, 2.3)); // (2, 2, 1, 2)
  const bias = [0.1, -0.2];
  const convolution = [];
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      for (let map = 0; map < 2; map++) {
        let value = bias[map];
        for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) value += image[(row + i) * 5 + column + j] * kernel[(i * 2 + j) * 2 + map];
        convolution.push(value);
      }
    }
  }
  const relu = convolution.map((value) => Math.max(0, value));
  const pooled = [];
  for (let row = 0; row < 2; row++) {
    for (let column = 0; column < 2; column++) {
      for (let map = 0; map < 2; map++) pooled.push(Math.max(...[0, 1].flatMap((i) => [0, 1].map((j) => relu[((2 * row + i) * 4 + 2 * column + j) * 2 + map]))));
    }
  }
  const dense = (input, count, by) => {
    const weights = Array.from({ length: input.length * count }, (_, at) => wave(at, by));
    const biases = Array.from({ length: count }, (_, at) => wave(at, by + 1) / 10);
    return { weights, biases, output: biases.map((value, unit) => value + sum(input.map((number, from) => number * weights[from * count + unit]))) };
  };
  const first = dense(pooled, units, 1.1);
  const hidden = first.output.map((value) => 1 / (1 + Math.exp(-value)));
  const second = dense(hidden, 3, 0.7);
  const powers = second.output.map(Math.exp);
  const softmax = powers.map((power) => power / sum(powers));
  const rows = [image, convolution, relu, pooled, pooled, first.output, hidden, second.output, softmax];
  const window = { size: 2, stride: 1, before: 0, after: 0, dilation: 1 };
  const weights = [kernel, bias, first.weights, first.biases, second.weights, second.biases];
  const at = (list, number) => sum(list.slice(0, number).map(({ length }) => length));
  const described = [
    { name: "image", kind: "image", title: "Input", shape: [5, 5, 1] },
    { name: "convolution_1", kind: "convolution", title: "Convolution 1", shape: [4, 4, 2], off: [], ...window, weights: { kernel: { start: 0, shape: [2, 2, 1, 2] }, bias: { start: at(weights, 1), shape: [2] } } },
    { name: "activation_1", kind: "activation", title: "ReLU 1", shape: [4, 4, 2], function: "relu" },
    { name: "pooling_1", kind: "pooling", title: "Max pooling 1", pooling: "max", shape: [2, 2, 2], ...window, stride: 2 },
    { name: "flatten", kind: "flatten", title: "Flatten", shape: [8] },
    { name: "dense_1", kind: "dense", title: "Dense 1", shape: [units], weights: { kernel: { start: at(weights, 2), shape: [8, units] }, bias: { start: at(weights, 3), shape: [units] } } },
    { name: "dense_activation_1", kind: "activation", title: "Sigmoid of dense 1", shape: [units], function: "sigmoid" },
    { name: "logits", kind: "dense", title: "Logits", shape: [3], weights: { kernel: { start: at(weights, 4), shape: [units, 3] }, bias: { start: at(weights, 5), shape: [3] } } },
    { name: "softmax", kind: "softmax", title: "Softmax", shape: [3], output: true },
  ];
  const layers = described.map((layer, number) => ({ ...layer, values: at(rows, number) }));
  const head = { layers, classes: ["Boot", "Coat", "Shirt"], truth };
  const network = networkOf(head, Float64Array.from(rows.flat()), Float64Array.from(weights.flat()));
  return { network, rows, weights };
}

const unit = (layer, channel, row = null, column = null) => ({ layer, channel, row, column });

test("the contributions to a cell of a convolution and its bias add up to its value", () => {
  const { network, rows, weights } = small();
  const found = contributionsTo(network, unit(1, 1, 2, 3));
  close(sum(found.parts.map((part) => part.amount)) + weights[1][1], rows[1][(2 * 4 + 3) * 2 + 1]);
});

test("what is drawn, the rest and the bias add up to the logit, the largest first", () => {
  const { network, rows, weights } = small();
  for (const channel of [0, 1, 2]) {
    const found = contributionsTo(network, unit(8, channel));
    assert.equal(found.target.layer, 7);
    assert.equal(found.parts.length, MOST_DRAWN);
    assert.equal(found.rest.count, 30 - MOST_DRAWN);
    close(sum(found.parts.map((part) => part.amount)) + found.rest.amount + weights[5][channel], rows[7][channel]);
    const sizes = found.parts.map((part) => Math.abs(part.amount));
    assert.deepEqual(sizes, [...sizes].sort((first, second) => second - first));
  }
});

test("what sets two classes apart and their biases add up to the difference of their logits", () => {
  const { network, rows, weights } = small();
  const found = differenceOf(network, unit(8, 2), unit(8, 0));
  close(found.difference, rows[7][2] - rows[7][0]);
  close(found.bias, weights[5][2] - weights[5][0]);
  close(sum(found.parts.map((part) => part.amount)) + found.rest.amount + found.bias, found.difference);
  const [largest] = found.parts;
  close(largest.amount, rows[6][largest.channel] * (weights[4][largest.channel * 3 + 2] - weights[4][largest.channel * 3]));
});

test("a maximum leads back to the cell that won, through the activation, to its convolution", () => {
  const { network, rows } = small();
  for (const channel of [0, 1]) {
    const found = contributionsTo(network, unit(3, channel, 1, 0));
    assert.deepEqual(found.path.map((step) => step.layer), [3, 2, 1]);
    const { row, column } = found.target;
    assert.ok([2, 3].includes(row) && [0, 1].includes(column));
    close(rows[2][(row * 4 + column) * 2 + channel], rows[3][(1 * 2 + 0) * 2 + channel]);
  }
});

test("a position of the flattened row leads back to its cell", () => {
  const { network } = small();
  const [, cell] = contributionsTo(network, unit(4, 5)).path;
  assert.deepEqual(cell, unit(3, 1, 1, 0));
});

test("the image and a whole filter add nothing up", () => {
  const { network } = small();
  assert.equal(contributionsTo(network, unit(0, 0, 1, 1)), null);
  assert.equal(contributionsTo(network, unit(1, 0)), null);
});

test("the strongest maps are in the order of the maps, the first of equals before others", () => {
  const layer = { shape: [1, 2, 4], numbers: [1, -5, 2, 0, 1, 0, 2, 0] };
  assert.deepEqual(strongestMaps(layer, 2), [1, 2]);
  assert.deepEqual(strongestMaps({ shape: [1, 1, 3], numbers: [1, 1, 1] }, 2), [0, 1]);
});

const textOf = (sentences) => sentences.map((pieces) => pieces.map((piece) => piece.text ?? piece).join("")).join(" ");

test("the sentences name the predicted class, the second, and the units that raise it most", () => {
  const { network, rows, weights } = small();
  const order = [...rows[8].keys()].sort((first, second) => rows[8][second] - rows[8][first]);
  const names = network.head.classes;
  assert.equal(predictedUnit(network).channel, order[0]);
  const [first, second, third] = predictionInWords(network);
  assert.deepEqual(first.filter((piece) => piece.unit).map((piece) => piece.unit.channel), order.slice(0, 2));
  assert.ok(textOf([first]).includes(names[order[0]]) && textOf([first]).includes(names[order[1]]));
  assert.ok(textOf([second]).includes((-Math.log(rows[8][1])).toFixed(2)), "the loss of the actual class, Coat");
  const products = rows[6].map((value, from) => value * weights[4][from * 3 + order[0]]);
  const strongest = [...products.keys()].sort((from, other) => products[other] - products[from]).slice(0, 3);
  const named = third.filter((piece) => piece.unit);
  if (named.length) assert.deepEqual(named.map((piece) => piece.unit.channel), strongest);
  else assert.ok(Math.max(...products) < (2 * sum(products.map(Math.abs))) / products.length);
});

test("where one unit decides, it is named with the map that raises it and what that sees", () => {
  const { network, rows, weights } = small(4);
  const sentences = predictionInWords(network);
  const pieces = sentences.flat().filter((piece) => piece.unit && piece.unit.layer === 3);
  if (!pieces.length) return assert.ok(textOf(sentences).includes("stands out"));
  const unitNamed = sentences.flat().find((piece) => piece.unit?.layer === 6).unit.channel;
  const byMap = [0, 1].map((map) => sum(rows[4].map((value, from) => (from % 2 === map ? value * weights[2][from * 4 + unitNamed] : 0))));
  assert.equal(pieces[0].unit.channel, byMap[0] >= byMap[1] ? 0 : 1);
  return undefined;
});

test("an output that is not a number is not put into words", () => {
  const { network } = small();
  network.layers[8].numbers[1] = NaN;
  assert.deepEqual(predictionInWords(network), []);
});

test("what raises the one logit of two classes lowers the first class", () => {
  const made = networks.network(
    { kind: "flatten", shape: [2], numbers: [1, 2] },
    { kind: "dense", shape: [1], numbers: [4], arrays: { kernel: { shape: [2, 1], numbers: [-2, 3] }, bias: { shape: [1], numbers: [0] } } },
    { kind: "activation", function: "sigmoid", shape: [2], output: true, numbers: [0.02, 0.98] },
  );
  const amounts = (channel) => contributionsTo(made, unit(2, channel)).parts.map((part) => [part.channel, part.amount]);
  assert.deepEqual(amounts(1), [[1, 6], [0, -2]]);
  assert.deepEqual(amounts(0), [[1, -6], [0, 2]]);
  assert.equal(differenceOf(made, unit(2, 1), unit(2, 0)), null); // there are not two logits
});

test("a map is described by the first of its largest cells, and by the third of the image that this sees", () => {
  const kernel = { shape: [3, 3, 1, 1], numbers: Array(9).fill(0) };
  const cells = Array(49).fill(0);
  cells[3 * 7 + 3] = cells[6 * 7 + 6] = 2;
  const weights = Array(98).fill(0);
  weights[2 * 24] = 1; // of the position 25 for the first class
  const made = networks.network(
    networks.image(9, 9, 1, Array(81).fill(0)),
    { ...networks.convolution([7, 7, 1], kernel, [0]), title: "Convolution 1", numbers: cells },
    { kind: "flatten", title: "Flatten", shape: [49], numbers: cells },
    { kind: "dense", title: "Logits", shape: [2], numbers: [2, 0], arrays: { kernel: { shape: [49, 2], numbers: weights }, bias: { shape: [2], numbers: [0, 0] } } },
    { kind: "softmax", title: "Softmax", shape: [2], output: true, numbers: [0.9, 0.1] },
  );
  const text = textOf(predictionInWords(made));
  assert.ok(text.includes("rows 4 to 6 and columns 4 to 6 of the image (middle center)"), text);
});
