// The arithmetic that made one number, as data: recomputed here from the numbers the layer read.

import { kernelAt } from "./color.js";
import { cellsAlong, isFilter, regionOf, regionRead, valueAt } from "./layers.js";

// A receipt has `computed`, the number it comes to, and what its kind needs to be drawn; `missing`
// says instead what the browser was not given.
export function receiptOf(network, unit) {
  const layer = network.layers[unit.layer];
  const read = network.layers[unit.layer - 1];
  const receipt = { layer, unit, read, kind: layer.kind, value: valueAt(layer, unit) };
  if (isFilter(layer, unit)) return { ...receipt, kind: "filter", missing: layer.kind === "convolution" && !layer.kernel ? "kernels" : null };
  if (layer.kind === "image") return { ...receipt, computed: receipt.value };
  if (!read.numbers) return { ...receipt, missing: "values" };
  if (["convolution", "dense"].includes(layer.kind) && !layer.kernel) return { ...receipt, missing: "weights" };
  return { ...receipt, ...ARITHMETIC[layer.kind](layer, read, unit, network) };
}

const ARITHMETIC = {
  convolution: convolutionReceipt,
  normalization: normalizationReceipt,
  activation: activationReceipt,
  pooling: poolingReceipt,
  flatten: flattenReceipt,
  average: averageReceipt,
  dense: denseReceipt,
  softmax: softmaxReceipt,
};

// The cells that a window reads: row, column and value, which is null in the padding.
function patchUnder(layer, read, unit, channel) {
  const cells = [];
  for (const row of cellsAlong(layer, unit.row)) {
    for (const column of cellsAlong(layer, unit.column)) {
      const inside = row >= 0 && column >= 0 && row < read.shape[0] && column < read.shape[1];
      cells.push({ row, column, value: inside ? valueAt(read, { row, column, channel }) : null });
    }
  }
  return cells;
}

function convolutionReceipt(layer, read, unit) {
  const channels = Array.from({ length: read.shape[2] }, (_, channel) => {
    const cells = patchUnder(layer, read, unit, channel);
    const weights = cells.map((_, at) =>
      kernelAt(layer, Math.floor(at / layer.size), at % layer.size, channel, unit.channel));
    const products = cells.map((cell, at) => (cell.value ?? 0) * weights[at]);
    return { channel, cells, weights, products, subtotal: total(products) };
  });
  const bias = layer.bias[unit.channel];
  return { channels, bias, computed: total(channels.map((one) => one.subtotal)) + bias };
}

function normalizationReceipt(layer, read, unit) {
  const [gamma, beta, mean, variance] = layer.parts.map((part) => part[unit.channel]);
  const input = valueAt(read, unit);
  const spread = Math.sqrt(variance + layer.epsilon);
  const computed = ((input - mean) / spread) * gamma + beta;
  return { input, gamma, beta, mean, variance, spread, computed };
}

function activationReceipt(layer, read, unit, network) {
  if (!layer.output) {
    const input = valueAt(read, unit);
    return { input, computed: activationOf(layer, input) };
  }
  // A single logit is for the second of two classes; the first has the rest.
  const input = valueAt(read, { channel: 0 });
  const second = activationOf(layer, input);
  return { input, classes: network.head.classes, second, computed: unit.channel === 1 ? second : 1 - second };
}

const ACTIVATIONS = {
  linear: (x) => x,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: (x) => Math.tanh(x),
  relu: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => x * normalShareBelow(x),
  silu: (x) => x / (1 + Math.exp(-x)),
};

function activationOf(layer, x) {
  if (layer.function === "leaky_relu") return x > 0 ? x : layer.slope * x;
  return ACTIVATIONS[layer.function](x);
}

// The normal distribution's share below x, by the series of Marsaglia (2004), exact to rounding.
function normalShareBelow(x) {
  if (Number.isNaN(x)) return x;
  if (x < -8) return 0;
  if (x > 8) return 1;
  let [sum, term, odd] = [x, x, 1];
  while (Math.abs(term) > 1e-17) {
    odd += 2;
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-(x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

export function poolingReceipt(layer, read, unit) {
  const cells = patchUnder(layer, read, unit, unit.channel);
  const values = cells.map((cell) => cell.value);
  if (layer.pooling === "average") return { cells, computed: total(values) / values.length };
  const computed = values.reduce((best, value) => (value > best || Number.isNaN(value) ? value : best));
  return { cells, winner: values.findIndex((value) => Object.is(value, computed)), computed };
}

export function flattenReceipt(layer, read, unit) {
  const { rows, columns, channel } = regionRead(layer, read, regionOf(layer, unit));
  const source = { layer: read.number, row: rows[0], column: columns[0], channel };
  return { source, computed: valueAt(read, source) };
}

function averageReceipt(layer, read, unit) {
  const [height, width] = read.shape;
  let sum = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) sum += valueAt(read, { row, column, channel: unit.channel });
  }
  return { sum, count: height * width, computed: sum / (height * width) };
}

function denseReceipt(layer, read, unit) {
  const units = layer.shape[0];
  const terms = Array.from(read.numbers, (value, from) => {
    const weight = layer.kernel[from * units + unit.channel];
    return { from, value, weight, product: value * weight };
  });
  const bias = layer.bias[unit.channel];
  const computed = total(terms.map((term) => term.product)) + bias;
  terms.sort((one, other) => Math.abs(other.product) - Math.abs(one.product));
  return { terms, bias, computed };
}

// The largest logit is taken off all of them first; that changes no probability and nothing overflows.
function softmaxReceipt(layer, read, unit, network) {
  const logits = Array.from(read.numbers);
  const largest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - largest));
  const sum = total(exponentials);
  const shares = exponentials.map((one) => one / sum);
  return { logits, largest, exponentials, sum, shares, classes: network.head.classes, computed: shares[unit.channel] };
}

export function total(numbers) {
  return numbers.reduce((sum, one) => sum + one, 0);
}
