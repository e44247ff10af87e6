// Numbers and receipts in words.

import assert from "node:assert/strict";
import test from "node:test";

import { number, percent } from "../../static/numbers.js";
import { receiptOf } from "../../static/network/receipt.js";
import { exact, nextSteps, receiptText, sentenceOf, sumLine } from "../../static/network/receipt_text.js";
import { convolution, image, network, pooling, unit } from "./networks.js";

test("numbers have as many digits as they need, and a real minus", () => {
  assert.deepEqual(
    [0, 1, -0.5, 12.345, 123.4, 0.01234, 0.00012, -2e7, NaN, Infinity, -Infinity].map(number),
    ["0", "1.00", "−0.50", "12.3", "123", "0.0123", "1.2e−4", "−2.0e7", "not a number", "∞", "−∞"],
  );
  assert.equal(percent(0.8347), "83.5%");
  assert.equal(percent(0.8347, 0), "83%");
});

test("what is written exactly can be read back to a float's seven digits", () => {
  for (const value of [1, -1, 0.1, 123.456, 1234567, 9.87654e-5, -1.5e8, 3.14159274]) {
    const float = Math.fround(value);
    const read = Number(exact(float).replaceAll("−", "-"));
    assert.ok(Math.abs(read - float) <= Math.abs(float) * 1e-5, exact(float));
  }
});

const kernel = { shape: [2, 2, 1, 1], numbers: [1, -2, 3, 0] };
const pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9];

test("the sum of a convolution is its subtotals and the bias, negative ones in parentheses", () => {
  const made = network(image(3, 3, 1, pixels), convolution([2, 2, 1], kernel, [-0.5]));
  // 1 · 1 − 2 · 2 + 3 · 4 + 0 · 5 = 9
  assert.equal(sumLine(receiptOf(made, unit(1, 0, 0, 0))), "9.000000 + bias (−0.5000000) = 8.500000");
});

test("where a window lies is counted from 1, and a dilated one with its gaps", () => {
  const made = network(
    image(3, 3, 1, pixels),
    convolution([2, 2, 1], kernel, [0]),
    convolution([1, 1, 1], kernel, [0], { dilation: 2 }),
  );
  assert.match(sentenceOf(receiptOf(made, unit(1, 0, 1, 0))), /lies on rows 2 to 3, columns 1 to 2 of the one channel/);
  assert.match(sentenceOf(receiptOf(made, unit(2, 0, 0, 0))), /every 2nd row from 1 to 3, every 2nd column from 1 to 3/);
});

test("a window that reaches over the border says so", () => {
  const made = network(image(3, 3, 1, pixels), convolution([3, 3, 1], kernel, [0], { after: 1 }));
  const says = (row) => sentenceOf(receiptOf(made, unit(1, 0, row, 0))).includes("padding, counted as 0");
  assert.deepEqual([says(0), says(2)], [false, true]);
});

test("the text of a receipt has a line for the number, for each channel and for the sum", () => {
  const made = network(image(3, 3, 1, pixels), convolution([2, 2, 1], kernel, [0]));
  made.layers[1].title = "Convolution 1";
  const lines = receiptText(made, receiptOf(made, unit(1, 0, 0, 0))).split("\n");
  assert.equal(lines.length, 4);
  assert.equal(lines[0], "Convolution 1, map 1, row 1, column 1 = 9.000000");
  assert.equal(lines[2], "Channel 1: 1.000000 × 1.000000 + 2.000000 × (−2.000000) + 4.000000 × 3.000000 + 5.000000 × 0 = 9.000000");
});

test("the maximum of a pooling is written out", () => {
  const made = network(image(2, 2, 1, [1, -2, 3, 0]), pooling([1, 1, 1], 2));
  assert.equal(sumLine(receiptOf(made, unit(1, 0, 0, 0))), "max(1.000000, −2.000000, 3.000000, 0) = 3.000000");
});

test("a number is followed through its activation, and no further than the next window", () => {
  const relu = { kind: "activation", function: "relu", label: "ReLU", title: "ReLU 1", formula: "", slope: 0, shape: [2, 2, 1], numbers: [9, 0, 0, 0] };
  const made = network(
    image(3, 3, 1, pixels),
    { ...convolution([2, 2, 1], kernel, [0]), numbers: [-9, 8, 7, 6] },
    relu,
    pooling([1, 1, 1], 2),
  );
  const steps = nextSteps(made, unit(1, 0, 0, 0));
  assert.deepEqual(steps, [{ unit: unit(2, 0, 0, 0), title: "ReLU 1", line: "max(0, −9.000000) = 0" }]);
});
