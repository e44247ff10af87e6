// What is traced on the network at a glance: when it is traced anew, and what of each layer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { contributionsNow, focus, isFocused, layersInField } from "../../static/network/glance_focus.js";
import { receptiveFields } from "../../static/network/layers.js";
import { layoutOf, unitBox } from "../../static/network/layout.js";
import { convolution, image, network, pooling, scattered, unit } from "./networks.js";
import { all, numbersOf } from "./page.js";

const classified = () =>
  network(
    { kind: "flatten", shape: [2], numbers: [1, 2] },
    { kind: "dense", shape: [3], numbers: [5, 1, 4], arrays: { kernel: { shape: [2, 3], numbers: [1, 1, 0, 2, 0, 2] }, bias: { shape: [3], numbers: [0, 0, 0] } } },
    { kind: "softmax", shape: [3], output: true, numbers: [0.7, 0.1, 0.2] },
  );

test("a number is traced anew where it, its network or the question is another one", () => {
  const [one, other] = [classified(), classified()];
  const parts = { focused: null };
  const traced = (made, compares, of) => isFocused({ network: made }, { compares }, parts, of);
  assert.ok(!traced(one, false, unit(1, 0)));
  assert.ok(traced(one, false, unit(1, 0)));
  assert.ok(!traced(one, false, unit(1, 1)));
  assert.ok(!traced(other, false, unit(1, 1)), "another epoch");
  assert.ok(!traced(other, true, unit(1, 1)));
  assert.ok(traced(other, true, unit(1, 1)));
  assert.ok(!traced(other, true, null));
  assert.ok(traced(other, true, null));
});

test("without a chosen number the prediction is explained, or what sets it apart from the second class", () => {
  const made = classified();
  const amounts = (compares, of = null) => contributionsNow({ network: made }, { compares }, of).parts.map(({ channel, amount }) => [channel, amount]);
  assert.deepEqual(amounts(false), [[1, 4], [0, 1]]); // 2 · 2 and 1 · 1
  assert.deepEqual(amounts(true), [[0, 1], [1, 0]]); // 1 · (1 − 0) and 2 · (2 − 2)
  assert.deepEqual(amounts(true, unit(2, 1)), [[0, 1], [1, 0]]); // of the one that is chosen: 1 · 1 and 2 · 0
});

test("of each column the last layer that a number depends on is outlined, and none after it", () => {
  const kernel = { shape: [3, 3, 1, 1], numbers: Array(9).fill(1) };
  const relu = { kind: "activation", shape: [4, 4, 1] };
  const made = network(image(6, 6, 1), convolution([4, 4, 1], kernel, [0]), relu, pooling([2, 2, 1], 2), { kind: "flatten", shape: [4] });
  const layout = { columns: [{ layers: [0] }, { layers: [1, 2] }, { layers: [3] }, { layers: [4] }] };
  const layers = (of) => layersInField({ network: made }, layout, of, receptiveFields(made, of)).map(({ number }) => number);
  assert.deepEqual(layers(unit(3, 0, 0, 0)), [0, 2, 3]);
  assert.deepEqual(layers(unit(1, 0, 0, 0)), [0, 1]);
});

// An image, a convolution of three filters and its ReLU, three classes.
const SIDE = 4;
const kernel = { shape: [2, 2, 1, 3], numbers: scattered(12, 5) };
const dense = { kernel: { shape: [27, 3], numbers: scattered(81, 7) }, bias: { shape: [3], numbers: [0, 0, 0] } };
const values = scattered(27, 3).map((value) => value + 1);
const drawn = network(
  { ...image(SIDE, SIDE, 1, scattered(16, 9)), title: "Input" },
  { ...convolution([3, 3, 3], kernel, [0, 0, 0]), title: "Convolution 1", numbers: values },
  { kind: "activation", function: "relu", title: "ReLU 1", shape: [3, 3, 3], numbers: values },
  { kind: "flatten", title: "Flatten", shape: [27], numbers: values },
  { kind: "dense", name: "logits", title: "Logits", shape: [3], numbers: [3, 1, 2], arrays: dense },
  { kind: "softmax", title: "Softmax", shape: [3], output: true, numbers: [0.6, 0.1, 0.3] },
);
const layout = layoutOf(drawn.layers, { width: 1400, height: 468 });
const columnOf = (layer) => layout.columns.find(({ layers }) => layers.includes(layer));

/** What is drawn of a unit; `pointer` is where the mouse is. */
function tracedOf(of, { compares = false, pointer = null, text = "" } = {}) {
  const [curves, faded, boxes, legend, tip] = Array.from({ length: 5 }, () => document.createElement("g"));
  const parts = { layout, measure: "wider", focused: null, curves, faded, boxes, legend, tip };
  const view = { network: drawn, head: drawn.head, hovered: pointer && of, state: {}, select: (chosen) => (view.selected = chosen) };
  const glance = { compares, pointer, focus: () => focus(view, glance, parts, of, [], "") };
  focus(view, glance, parts, of, of ? receptiveFields(drawn, of) : [], text);
  return { ...parts, view, glance };
}

const endsOf = (path) => {
  const [x1, y1, , , , , x2, y2] = path.attributes.d.match(/-?[\d.]+/g).map(Number);
  return { x1, y1, x2, y2 };
};

test("curves lead from what contributes to the number, as wide as it contributes, the widest on top", () => {
  const { curves } = tracedOf(unit(5, 2));
  const products = values.map((value, from) => value * dense.kernel.numbers[from * 3 + 2]);
  const strongest = [...products.keys()].sort((one, other) => Math.abs(products[other]) - Math.abs(products[one])).slice(0, 24);
  const paths = all("path", curves);
  assert.deepEqual(paths.map((path) => path.className), strongest.map((at) => (products[at] >= 0 ? "raises" : "lowers")).toReversed());
  const [flat, classes] = [columnOf(3), columnOf(5)];
  const target = unitBox(classes, 2);
  paths.toReversed().forEach((path, rank) => {
    const [{ x1, y1, x2, y2 }, from] = [endsOf(path), unitBox(flat, strongest[rank])];
    assert.ok(x1 > from.x && x1 < from.x + flat.width + 5 && x2 < classes.x && x2 > classes.x - 5);
    assert.ok(Math.abs(y1 - (from.y + from.height / 2)) < 1e-6 && Math.abs(y2 - (target.y + target.height / 2)) < 1e-6);
  });
  const widths = paths.map((path) => Number(path.attributes["stroke-width"]));
  assert.equal(widths.at(-1), 4.5);
  assert.deepEqual(widths, [...widths].sort((one, other) => one - other));
});

test("the legend says how many contributions are drawn and what the others come to", () => {
  const { legend } = tracedOf(unit(5, 2));
  const products = values.map((value, from) => value * dense.kernel.numbers[from * 3 + 2]);
  const rest = products.sort((one, other) => Math.abs(other) - Math.abs(one)).slice(24).reduce((sum, value) => sum + value);
  const [, written] = legend.textContent.match(/24 strongest of 27 drawn; the other 3 together: ([+−][\d.]+)/);
  assert.ok(Math.abs(Number(written.replace("−", "-")) - rest) < 1e-3 * Math.abs(rest));
  assert.ok(!tracedOf(unit(1, 1, 0, 0)).legend.textContent.includes("strongest"));
});

test("the legend names the number and its value, and a whole filter without one", () => {
  assert.ok(tracedOf(unit(1, 1, 2, 0)).legend.textContent.startsWith(`Convolution 1, map 2, row 3, column 1 = ${Number(values[19].toPrecision(4))}`));
  assert.equal(all("span", tracedOf(unit(1, 1)).legend)[0].textContent, "Convolution 1, filter 2");
  assert.ok(tracedOf(unit(5, 1)).legend.textContent.startsWith("Why bag?"));
  assert.ok(tracedOf(unit(1, 1, 2, 0)).legend.textContent.includes("what it is made of"));
  assert.ok(!tracedOf(unit(5, 1)).legend.textContent.includes("what it is made of"));
});

test("without a chosen number the legend asks why, and a button why not the second class", () => {
  const { legend, glance, view } = tracedOf(null);
  assert.ok(legend.textContent.startsWith("Why shirt?Why not boot?"));
  legend.querySelector = () => null;
  all("button", legend)[0].onclick();
  assert.ok(glance.compares);
  const apart = values.reduce((sum, value, from) => sum + value * (dense.kernel.numbers[from * 3] - dense.kernel.numbers[from * 3 + 2]), 0);
  const [, written] = legend.textContent.match(/^Why shirt and not boot\? Logits apart by ([−\d.]+\d)/);
  assert.ok(Math.abs(Number(written.replace("−", "-")) - apart) < 1e-3 * Math.abs(apart));
  all("button", legend)[1].onclick();
  assert.deepEqual([view.state.other, view.selected], [2, unit(5, 0)]);
});

test("a cell is outlined with the window it was made of, and the other maps fade", () => {
  const { boxes, faded } = tracedOf(unit(2, 1, 2, 0));
  const [before, made] = [columnOf(0).tiles[0], columnOf(1).tiles[1]];
  const outlined = all("rect", boxes);
  const inside = outlined.map((box) => numbersOf(box, "x", "y", "width", "height"));
  const [cell, pixel] = [columnOf(2).tiles[1].width / 3, before.width / SIDE];
  assert.deepEqual(inside[0], [before.x, before.y + 2 * pixel, 2 * pixel, 2 * pixel]);
  assert.deepEqual(inside.at(-1), [columnOf(2).tiles[1].x, columnOf(2).tiles[1].y + 2 * cell, cell, cell]);
  assert.deepEqual(outlined.map((box) => box.className === "own"), outlined.map((_, at) => at === outlined.length - 1));
  const covered = all("rect", faded).map((box) => numbersOf(box, "x", "y"));
  assert.ok(covered.some(([x, y]) => x === columnOf(1).tiles[0].x && y === columnOf(1).tiles[0].y));
  assert.ok(!covered.some(([x, y]) => x === made.x && y === made.y));
  assert.ok(!covered.some(([x]) => x === before.x), "the image does not fade");
});

test("what a number depends on as a whole is not outlined", () => {
  assert.equal(all("rect", tracedOf(unit(4, 0)).boxes).length, 1); // itself
  assert.equal(all("rect", tracedOf(unit(4, 0)).faded).length, 0);
});

test("the words at the pointer open towards the middle, and only while something is pointed at", () => {
  const tip = (x) => tracedOf(unit(1, 1, 0, 0), { pointer: { x, y: 50 }, text: "its value" }).tip;
  const [left, right] = [tip(100), tip(1300)];
  assert.deepEqual([left.textContent, left.hidden], ["its value", false]);
  assert.deepEqual([parseFloat(left.style.left) > 100, left.style.right], [true, "auto"]);
  assert.deepEqual([parseFloat(right.style.right) > layout.width - 1300, right.style.left], [true, "auto"]);
  assert.ok(tracedOf(unit(1, 1, 0, 0)).tip.hidden);
});
