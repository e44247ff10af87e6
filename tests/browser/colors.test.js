// Which color a number has, and which number a cell of a picture shows.

import assert from "node:assert/strict";
import test from "node:test";

import { gradientOf, isDarkColor, signedColor, signedTable } from "../../static/colors.js";
import { kernelColor, largestIn, limitOfMap, limitsOf, mapColor, mosaicColor } from "../../static/network/color.js";
import { kernelsOf } from "../../static/network/kernels.js";
import { convolution, counted, image, network } from "./networks.js";

const PALETTE = {
  negative: [[255, 255, 255], [255, 128, 0]],
  positive: [[255, 255, 255], [100, 100, 255], [0, 0, 128]],
};
const table = signedTable(PALETTE);

test("zero has the color in the middle, the largest sizes those at the ends", () => {
  assert.deepEqual(signedColor(table, 0, 3), [255, 255, 255]);
  assert.deepEqual(signedColor(table, 3, 3), [0, 0, 128]);
  assert.deepEqual(signedColor(table, -3, 3), [255, 128, 0]);
  assert.deepEqual(signedColor(table, 99, 3), signedColor(table, 3, 3));
  assert.deepEqual(signedColor(table, 5, 0), [255, 255, 255]);
});

test("equal sizes are equally far along both sides", () => {
  const far = (value) => table.findIndex((rgb) => rgb === signedColor(table, value, 1));
  for (const value of [0.25, 0.6, 1]) assert.equal(far(value) - 255, 255 - far(-value));
});

test("what is no finite number has a color that no number has", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const color = signedColor(table, value, 1).join();
    assert.ok(!table.some((rgb) => rgb.join() === color));
  }
});

test("white is written on a color where black has less contrast", () => {
  assert.ok(isDarkColor([0x75, 0x75, 0x75])); // contrast with white 4.61, with black 4.56
  assert.ok(!isDarkColor([0x77, 0x77, 0x77])); // 4.48, 4.69
  assert.ok(isDarkColor([0, 0, 255])); // 8.59, 2.44
  assert.ok(!isDarkColor([255, 0, 0])); // 4.00, 5.25
  assert.ok(!isDarkColor([0xc9, 0x6c, 0x16])); // 3.72, 5.64
});

test("what is not finite does not stretch the scale", () => {
  assert.equal(largestIn([1, -5, Infinity, NaN, 2]), 5);
  assert.equal(largestIn([1, -5, 3, 4], 0, 2), 3); // every second number
  assert.equal(largestIn([]), 0);
});

// A kernel of 2 x 2, three channels and two filters whose numbers say where they belong.
const SHAPE = [2, 2, 3, 2];
const numbered = counted(24).map((at) => {
  const [filter, channel, place] = [at % 2, Math.floor(at / 2) % 3, Math.floor(at / 6)];
  return 100 * filter + 10 * channel + place;
});
const made = network(image(2, 2, 3, counted(12)), convolution([1, 1, 2], { shape: SHAPE, numbers: numbered }, [0, 0]));
const view = { head: { scale: "layer" }, limits: { layers: [{}, { kernel: 255 }] }, table: counted(511).map((at) => [at - 255]) };
const layer = made.layers[1];

test("the pictures of kernels stand a row a filter, a column a channel", () => {
  const places = kernelsOf(layer).map(({ filter, channel }) => [filter, channel]);
  assert.deepEqual(places, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
});

test("a kernel's picture has its own numbers, row by row", () => {
  for (const { filter, channel } of kernelsOf(layer)) {
    const color = kernelColor(view, layer, filter, channel);
    const shown = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([row, column]) => color(row, column)[0]);
    assert.deepEqual(shown, counted(4).map((place) => 100 * filter + 10 * channel + place));
  }
});

test("where all kernels share one picture, they stand in the same order with a gap between", () => {
  const color = mosaicColor(view, layer);
  for (const { filter, channel } of kernelsOf(layer)) {
    const [top, left] = [3 * filter, 3 * channel];
    assert.equal(color(top, left + 1)[0], 100 * filter + 10 * channel + 1);
    assert.equal(color(top + 1, left)[0], 100 * filter + 10 * channel + 2);
    assert.equal(color(top + 2, left), null);
    assert.equal(color(top, left + 2), null);
  }
});

test("an image has the colors of its own pixels", () => {
  const colors = network(image(1, 2, 3, [1, 0.5, 0, 0, 0.2, 1]));
  assert.deepEqual(mapColor(view, colors.layers[0], 0)(0, 1), [0, 51, 255]);
  const gray = network(image(1, 1, 1, [0.4]));
  assert.deepEqual(mapColor(view, gray.layers[0], 0)(0, 0), [102, 102, 102]);
});

test("a scale has the limits of all epochs of a film, and those that Python sends where it does", () => {
  const after = (numbers) =>
    network(image(1, 1, 1, [1]), { ...convolution([1, 1, 2], { shape: [1, 1, 1, 2], numbers: [1, -7] }, [0, 0]), numbers });
  const film = [after([1, -2]), after([-3, 0])];
  const limits = limitsOf(film);
  assert.equal(limits.layers[1].values, 3);
  assert.deepEqual(limits.layers[1].maps, [3, 2]);
  assert.equal(limits.layers[1].kernel, 7);
  film[0].head.limits = { convolution_1: [10, 20] };
  assert.deepEqual([limitsOf(film).layers[1].values, limitsOf(film).layers[1].kernel], [10, 20]);
  assert.equal(limitsOf(film).network, 10); // the image does not count
});

test("the limit of a map's colors is its own, its layer's or the network's", () => {
  const scaled = (scale) => ({ head: { scale }, limits: { network: 9, layers: [{}, { values: 5, maps: [2, 5] }] } });
  assert.deepEqual([0, 1].map((map) => limitOfMap(scaled("map"), layer, map)), [2, 5]);
  assert.deepEqual([0, 1].map((map) => limitOfMap(scaled("layer"), layer, map)), [5, 5]);
  assert.equal(limitOfMap(scaled("network"), layer, 0), 9);
});

test("the bar of a scale goes from end to end, with the color of zero in the middle", () => {
  const stops = gradientOf(table).match(/rgb\([^)]*\)/g);
  assert.ok(stops.length % 2 === 1 && stops.length > 9);
  assert.equal(stops[0], "rgb(255,128,0)");
  assert.equal(stops[(stops.length - 1) / 2], "rgb(255,255,255)");
  assert.equal(stops.at(-1), "rgb(0,0,128)");
});
