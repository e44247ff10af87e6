// A receipt drawn: its tables, bars and links.

import assert from "node:assert/strict";
import { test } from "node:test";

import { receiptView } from "../../static/network/receipt_view.js";
import { convolution, counted, image, network, pooling, unit } from "./networks.js";
import { all } from "./page.js";

/** A receipt on the page; `chosen` has what its links lead to. */
function shown(made, of, others = {}) {
  const chosen = [];
  const head = { classes: ["shirt", "bag", "boot"], scale: "layer", confirmed: {}, comparesKeras: true };
  const limits = { network: 255, layers: made.layers.map(() => ({ values: 255, kernel: 255, maps: [] })) };
  const table = counted(511).map((at) => [at - 255, 0, 0]); // the color of a number is the number
  const view = { network: made, received: made, head, limits, table, state: {}, keras: null, select: (next) => chosen.push(next), ...others };
  return { box: receiptView(view, of), chosen };
}

const texts = (nodes) => nodes.map((node) => node.textContent);

const PRODUCTS = [-8, 7, 6, 5, 4, 3, 2, 1];
const dense = (bias) =>
  network(
    { kind: "average", title: "Global average", shape: [8], numbers: Array(8).fill(1) },
    { kind: "dense", title: "Dense 1", shape: [1], arrays: { kernel: { shape: [8, 1], numbers: PRODUCTS }, bias: { shape: [1], numbers: [bias] } } },
  );

test("the six largest contributions have lines, the others one together, then the bias", () => {
  const { box } = shown(dense(0.5), unit(1, 0));
  const lines = all("tr", ...all("tbody", box));
  assert.deepEqual(lines.map((line) => line.children[3].textContent), ["−8.00", "7.00", "6.00", "5.00", "4.00", "3.00", "3.00", "0.50"]);
  assert.ok(lines[6].textContent.startsWith("2 more"));
});

test("a bar is half of its room for the largest contribution or bias, its class says its sign", () => {
  const bars = (bias) => all("bar", shown(dense(bias), unit(1, 0)).box).map(({ className, style }) => [className.split(" ")[1], style.width]);
  assert.deepEqual(bars(4).slice(0, 2), [["negative", "50%"], ["positive", "43.75%"]]); // 50 · 7 / 8
  assert.deepEqual(bars(4).at(-1), ["positive", "25%"]);
  assert.deepEqual([bars(-16)[0], bars(-16).at(-1)], [["negative", "25%"], ["negative", "50%"]]);
});

test("each number of a window leads to the cell it is from, the padding nowhere", () => {
  const kernel = { shape: [2, 2, 2, 1], numbers: [1, 10, 2, 20, 3, 30, 4, 40] };
  const made = network(image(2, 2, 2, [1, 5, 2, 6, 3, 7, 4, 8]), convolution([2, 2, 1], kernel, [100], { after: 1 }));
  const { box, chosen } = shown(made, unit(1, 0, 1, 0)); // on the second row and the padding below
  const windows = all("numbers", box).filter((_, at) => at % 3 === 0);
  assert.deepEqual(windows.map((table) => texts(all("td", table))), [["3.00", "4.00", "0", "0"], ["7.00", "8.00", "0", "0"]]);
  for (const window of windows) for (const cell of all("td", window)) cell.onclick?.();
  assert.deepEqual(chosen, [unit(0, 0, 1, 0), unit(0, 0, 1, 1), unit(0, 1, 1, 0), unit(0, 1, 1, 1)]);
  assert.deepEqual(all("td", windows[0]).map((cell) => cell.className), ["clickable", "clickable", "padding", "padding"]);
});

test("the numbers of a window have the colors of the maps, those of an image its grays", () => {
  const kernel = { shape: [1, 1, 1, 1], numbers: [-3] };
  const made = network(image(1, 1, 1, [0.4]), { ...convolution([1, 1, 1], kernel, [0]), numbers: [-2] }, convolution([1, 1, 1], kernel, [0]));
  const colors = (layer) => all("td", ...all("numbers", shown(made, unit(layer, 0, 0, 0)).box)).map(({ style }) => style.background);
  assert.deepEqual(colors(1).slice(0, 2), ["rgb(102,102,102)", "rgb(-3,0,0)"]);
  assert.deepEqual(colors(2).slice(0, 2), ["rgb(-2,0,0)", "rgb(-3,0,0)"]);
  const relu = { kind: "activation", title: "ReLU", shape: [1, 1, 2], numbers: [2, 2] };
  const pooled = network(image(1, 1, 1, [0]), relu, pooling([1, 1, 2], 1));
  const scaled = { head: { classes: [], scale: "map", confirmed: {} }, limits: { layers: [{}, { maps: [255, 2] }, {}] } };
  const shades = [0, 1].map((map) => all("td", ...all("numbers", shown(pooled, unit(2, map, 0, 0), scaled).box))[0].style.background);
  assert.deepEqual(shades, ["rgb(2,0,0)", "rgb(255,0,0)"]); // each on the scale of its own map
});

test("a number is compared with Keras's own of the same place, once that is there", () => {
  const made = dense(0.5);
  const line = (others) => all("keras", shown(made, unit(1, 0), others).box)[0].textContent;
  assert.match(line({}), /20\.50000 · asking Keras/); // −8 + 7 + … + 1 + 0.5
  assert.match(line({ keras: { fault: "", layer: 1, numbers: Float32Array.of(20) } }), /Keras 20\.00000 · difference 5\.0e−1$/);
  assert.match(line({ keras: { fault: "", layer: 1, numbers: Float32Array.of(20.5) } }), /difference 0$/);
  assert.match(line({ keras: { fault: "", layer: 0, numbers: Float32Array.of(20) } }), /asking Keras/);
  assert.match(line({ received: null }), /where the epochs come to rest/);
});

test("of very many channels the first eight are drawn, and the others by a button", () => {
  const kernel = { shape: [1, 1, 11, 1], numbers: counted(11) };
  const made = network(image(1, 1, 11, counted(11)), convolution([1, 1, 1], kernel, [0]));
  for (const [of, each] of [[unit(1, 0, 0, 0), 3], [unit(1, 0), 1]]) {
    const { box } = shown(made, of);
    const kernels = () => all("numbers", box).filter((_, at) => at % each === Math.min(1, each - 1));
    assert.deepEqual(texts(kernels()).map(Number), counted(8));
    const [more] = all("more", box);
    assert.match(more.textContent, /other 3 channels/);
    more.onclick();
    assert.deepEqual(texts(kernels()).map((text) => Number(text)), counted(11));
    assert.equal(all("more", box).length, 0);
  }
});

test("from a number that only passes through, a link leads to the one it was made of", () => {
  const activation = (shape, others) => ({ kind: "activation", function: "sigmoid", label: "", formula: "", title: "Sigmoid", shape, ...others });
  const from = (made, of) => {
    const { box, chosen } = shown(made, of);
    all("link", ...all("step", box).filter((line) => line.textContent.startsWith("It comes from")))[0].onclick();
    return chosen[0];
  };
  const single = { kind: "average", title: "Global average", shape: [1], numbers: [2] };
  const output = activation([2], { output: true, numbers: [0.1, 0.9] });
  for (const channel of [0, 1]) assert.deepEqual(from(network(single, output), unit(1, channel)), unit(0, 0)); // one logit for both
  const maps = network(image(2, 2, 2, counted(8)), activation([2, 2, 2]), { kind: "flatten", title: "Flatten", shape: [8] });
  assert.deepEqual(from(maps, unit(1, 1, 0, 1)), unit(0, 1, 0, 1));
  maps.layers[1].numbers = maps.layers[0].numbers;
  assert.deepEqual(from(maps, unit(2, 3)), unit(1, 1, 0, 1));
});
