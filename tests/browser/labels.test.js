// What is written around the maps of the network at a glance.

import assert from "node:assert/strict";
import { test } from "node:test";

import { classLine, fillClasses, hasHatching, rangeOf } from "../../static/network/glance_labels.js";
import { network } from "./networks.js";
import { all } from "./page.js";

test("a scale says from where to where the numbers reach, and leaves out what is not finite", () => {
  const range = (...numbers) => rangeOf({ kind: "convolution" }, Float32Array.from(numbers));
  assert.equal(range(-3, 2, 0.5), "−3.0 to 2.0");
  assert.equal(range(-3, -1), "−3.0 to −1.0");
  assert.equal(range(NaN, 4, Infinity, 1, -Infinity), "1.0 to 4.0");
  assert.equal(range(7), "7.0 to 7.0");
  assert.equal(range(NaN), "no number");
  assert.equal(rangeOf({ kind: "image" }, Float32Array.from([0.2, 0.4])), "0 to 1");
});

/** The lines of classes that have probabilities, one of which is known to be right. */
function linesOf(probabilities, truth) {
  const made = network({ kind: "flatten", shape: [1], numbers: [0] }, { kind: "softmax", shape: [3], output: true, numbers: probabilities });
  const lines = ["shirt", "bag", "boot"].map(classLine);
  fillClasses({ network: made, head: { truth } }, lines);
  return lines;
}

test("each class has its probability in numbers and as a bar", () => {
  const lines = linesOf([0.25, 0.625, 0.125], null);
  assert.deepEqual(lines.map(({ amount }) => amount.textContent), ["25.0%", "62.5%", "12.5%"]);
  assert.deepEqual(lines.map(({ bar }) => bar.style.width), ["25%", "62.5%", "12.5%"]);
  assert.deepEqual(lines.map(({ box }) => all("predicted", box).includes(box)), [false, true, false]);
});

test("the predicted and the actual class are marked, together where they are the same", () => {
  const tags = (truth) => linesOf([0.25, 0.625, 0.125], truth).map(({ tag }) => (tag.hidden ? null : tag.textContent));
  assert.deepEqual(tags(2), [null, "predicted", "actual"]);
  assert.deepEqual(tags(1), [null, "correct", null]);
  assert.deepEqual(tags(null), [null, "predicted", null]);
});

test("without numbers no class is predicted", () => {
  const lines = linesOf([0.5, NaN, 0.5], 0);
  assert.deepEqual(lines.map(({ tag }) => (tag.hidden ? null : tag.textContent)), ["actual", null, null]);
  assert.deepEqual([lines[1].amount.textContent, lines[1].bar.style.width], ["not a number", "0%"]);
});

test("a layer is hatched where a row or a column has no effect", () => {
  assert.ok(hasHatching({ rows: [null, null], columns: [null, 3] }));
  assert.ok(hasHatching({ rows: [0], columns: [null] }));
  assert.ok(!hasHatching({ rows: [null], columns: [null] }));
});
