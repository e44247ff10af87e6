// Small networks as Python sends them, for the tests.

import { networkOf } from "../../static/network/layers.js";

const LAYER = { title: "A layer", note: "" };
const WINDOW = { stride: 1, dilation: 1, before: 0, after: 0 };

/**
 * A network of layers with their `numbers`, from the image on. `arrays` are a layer's weights by name,
 * each with its shape and its numbers; what is left out was not sent to the browser.
 */
export function network(...layers) {
  const rows = { values: [], weights: [] };
  const put = (row, numbers) => {
    if (!numbers) return null;
    rows[row].push(...numbers);
    return rows[row].length - numbers.length;
  };
  const described = layers.map(({ numbers, arrays = {}, ...layer }) => {
    const weights = Object.entries(arrays).map(([name, { shape, numbers: own }]) => [
      name,
      { shape, start: put("weights", own) },
    ]);
    const values = put("values", numbers);
    return { ...LAYER, name: layer.kind, ...layer, values, weights: Object.fromEntries(weights) };
  });
  const head = { layers: described, classes: ["shirt", "bag", "boot"], limits: {} };
  return networkOf(head, Float32Array.from(rows.values), Float32Array.from(rows.weights));
}

export const image = (height, width, channels, numbers) => ({
  kind: "image",
  name: "image",
  title: "Input",
  shape: [height, width, channels],
  numbers,
});

/** A convolution by a kernel (side, side, channels, filters), its numbers in that order. */
export function convolution(shape, kernel, bias, window = {}) {
  const [size, , , filters] = kernel.shape;
  const arrays = { kernel, bias: { shape: [filters], numbers: bias } };
  return { kind: "convolution", name: "convolution_1", off: [], shape, size, ...WINDOW, ...window, arrays };
}

export const pooling = (shape, size, window = {}) => ({
  kind: "pooling",
  name: "pooling_1",
  pooling: "max",
  shape,
  size,
  ...WINDOW,
  stride: size,
  ...window,
});

export const unit = (layer, channel, row = null, column = null) => ({ layer, channel, row, column });

/** Numbers that look random and are the same in every run, between -1 and 1. */
export function scattered(count, seed = 1) {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  });
}

export const counted = (count) => Array.from({ length: count }, (_, at) => at);

/**
 * One number of a convolution, by its definition: `at(row, column, channel)` is the image, 0 outside of
 * it, and `weight(y, x, channel)` the kernel.
 */
export function convolved(at, weight, { size, channels, stride, dilation, before }, row, column) {
  let sum = 0;
  for (const y of counted(size)) {
    for (const x of counted(size)) {
      for (const channel of counted(channels)) {
        const [down, right] = [row * stride - before + y * dilation, column * stride - before + x * dilation];
        sum += at(down, right, channel) * weight(y, x, channel);
      }
    }
  }
  return sum;
}
