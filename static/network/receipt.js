// The arithmetic that made one number, as data: recomputed here from the numbers of the layer before.

import { kernelAt } from "./color.js";
import { cellOf, cellsAlong, isFilter, knownValue, numbersOf, unflatten, valueAt, weightsIn } from "./layers.js";

/**
 * A receipt has `computed`, the number it comes to, and what its kind needs to be drawn; `missing`
 * says instead what the browser was not given.
 *
 * @type {(network: Net.Network, unit: Net.Unit) => Net.Receipt}
 */
export function receiptOf(network, unit) {
  const layer = network.layers[unit.layer];
  const previous = network.layers[unit.layer - 1];
  const filter = isFilter(layer, unit);
  const kind = filter ? "filter" : layer.kind;
  const value = knownValue(layer, unit);
  const about = { kind, layer, unit, previous, value, missing: missingFor(layer, previous, filter) };
  /** @type {object} */
  let done = {};
  if (layer.kind === "image") done = { computed: value };
  else if (!about.missing && !filter) done = ARITHMETIC[layer.kind](layer, previous, unit, network);
  return /** @type {Net.Receipt} */ ({ ...about, ...done });
}

/** @type {(layer: Net.Layer, previous: Net.Layer, filter: boolean) => Net.Receipt["missing"]} */
function missingFor(layer, previous, filter) {
  if (filter) return layer.kind === "convolution" && !layer.kernel ? "kernels" : undefined;
  if (!(layer.kind === "image" ? layer : previous).numbers) return "values";
  const weighted = layer.kind === "convolution" || layer.kind === "dense";
  return weighted && !layer.kernel ? "weights" : undefined;
}

/**
 * How each kind of layer computes; only its own kind of layer is given to each.
 *
 * @type {Record<string, (layer: any, previous: Net.Layer, unit: Net.Unit, network: Net.Network) => object>}
 */
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

/**
 * The cells that a window reads: row, column and value, which is null in the padding.
 *
 * @type {(layer: Net.ConvolutionLayer | Net.PoolingLayer, previous: Net.Layer, unit: Net.Place, channel: number) => Net.ReadCell[]}
 */
function windowCells(layer, previous, unit, channel) {
  const place = cellOf(unit);
  const cells = [];
  for (const row of cellsAlong(layer, place.row)) {
    for (const column of cellsAlong(layer, place.column)) {
      const inside = row >= 0 && column >= 0 && row < previous.shape[0] && column < previous.shape[1];
      cells.push({ row, column, value: inside ? valueAt(previous, { row, column, channel }) : null });
    }
  }
  return cells;
}

/** @type {(layer: Net.ConvolutionLayer, previous: Net.Layer, unit: Net.Place) => Net.Arithmetic["convolution"]} */
function convolutionReceipt(layer, previous, unit) {
  const channels = Array.from({ length: previous.shape[2] }, (_, channel) => {
    const cells = windowCells(layer, previous, unit, channel);
    const weights = Array.from(cells.keys(), (at) =>
      kernelAt(layer, Math.floor(at / layer.size), at % layer.size, channel, unit.channel));
    const products = cells.map((cell, at) => (cell.value ?? 0) * weights[at]);
    return { channel, cells, weights, products, subtotal: total(products) };
  });
  const bias = weightsIn(layer.bias)[unit.channel];
  return { channels, bias, computed: total(channels.map(({ subtotal }) => subtotal)) + bias };
}

/** @type {(layer: Net.NormalizationLayer, previous: Net.Layer, unit: Net.Place) => Net.Arithmetic["normalization"]} */
function normalizationReceipt(layer, previous, unit) {
  const [gamma, beta, mean, variance] = layer.parts.map((part) => part[unit.channel]);
  const input = valueAt(previous, unit);
  const spread = Math.sqrt(variance + layer.epsilon);
  const computed = ((input - mean) / spread) * gamma + beta;
  return { input, gamma, beta, mean, variance, spread, computed };
}

/** @type {(layer: Net.ActivationLayer, previous: Net.Layer, unit: Net.Place, network: Net.Network) => Net.Arithmetic["activation"]} */
function activationReceipt(layer, previous, unit, network) {
  if (!layer.output) {
    const input = valueAt(previous, unit);
    return { input, computed: activationOf(layer, input) };
  }
  // A single logit is for the second of two classes; the first has the rest.
  const input = valueAt(previous, { channel: 0, row: null, column: null });
  const second = activationOf(layer, input);
  return { input, classes: network.head.classes, second, computed: unit.channel === 1 ? second : 1 - second };
}

/** @type {Record<string, (x: number) => number>} */
const ACTIVATIONS = {
  linear: (x) => x,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: (x) => Math.tanh(x),
  relu: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => x * normalShareBelow(x),
  silu: (x) => x / (1 + Math.exp(-x)),
};

/** @type {(layer: Net.ActivationLayer, x: number) => number} */
function activationOf(layer, x) {
  if (layer.function === "leaky_relu") return x > 0 ? x : layer.slope * x;
  return ACTIVATIONS[layer.function](x);
}

/**
 * The normal distribution's share below x, by the series of Marsaglia (2004), exact to rounding.
 *
 * @type {(x: number) => number}
 */
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

/**
 * The cells under a window of a pooling, and which of them wins it.
 *
 * @type {(layer: Net.PoolingLayer, previous: Net.Layer, unit: Net.Place) => Net.Arithmetic["pooling"]}
 */
export function poolingReceipt(layer, previous, unit) {
  const cells = windowCells(layer, previous, unit, unit.channel);
  const values = cells.map((cell) => Number(cell.value)); // no window of a pooling leaves the map
  if (layer.pooling === "average") return { cells, computed: total(values) / values.length };
  const computed = values.reduce((best, value) => (value > best || Number.isNaN(value) ? value : best));
  return { cells, winner: values.findIndex((value) => Object.is(value, computed)), computed };
}

/** @type {(layer: Net.Layer, previous: Net.Layer, unit: Net.Place) => Net.Arithmetic["flatten"]} */
function flattenReceipt(_, previous, unit) {
  const source = unflatten(previous, unit.channel);
  return { source, computed: valueAt(previous, source) };
}

/** @type {(layer: Net.Layer, previous: Net.Layer, unit: Net.Place) => Net.Arithmetic["average"]} */
function averageReceipt(_, previous, unit) {
  const [height, width] = previous.shape;
  let sum = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) sum += valueAt(previous, { row, column, channel: unit.channel });
  }
  return { sum, count: height * width, computed: sum / (height * width) };
}

/** @type {(layer: Net.Layer, previous: Net.Layer, unit: Net.Place) => Net.Arithmetic["dense"]} */
function denseReceipt(layer, previous, unit) {
  const units = layer.shape[0];
  const terms = Array.from(numbersOf(previous), (value, from) => {
    const weight = weightsIn(layer.kernel)[from * units + unit.channel];
    return { from, value, weight, product: value * weight };
  });
  const bias = weightsIn(layer.bias)[unit.channel];
  const computed = total(terms.map((term) => term.product)) + bias;
  terms.sort((first, second) => Math.abs(second.product) - Math.abs(first.product));
  return { terms, bias, computed };
}

/**
 * The largest logit is taken off all of them first; that changes no probability and nothing overflows.
 *
 * @type {(layer: Net.Layer, previous: Net.Layer, unit: Net.Place, network: Net.Network) => Net.Arithmetic["softmax"]}
 */
function softmaxReceipt(_, previous, unit, network) {
  const logits = Array.from(numbersOf(previous));
  const largest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - largest));
  const sum = total(exponentials);
  const shares = exponentials.map((value) => value / sum);
  return { logits, largest, exponentials, sum, shares, classes: network.head.classes, computed: shares[unit.channel] };
}

/**
 * What sets the logit of one class apart from that of another: each number that the last dense layer reads, times the
 * difference of its two weights. Null where the browser was not given the numbers.
 *
 * @type {(network: Net.Network, unit: Net.Unit, other: Net.Unit) => Net.Difference | null}
 */
export function differenceReceipt({ layers }, unit, other) {
  const [previous, layer] = layers.slice(unit.layer - 2, unit.layer);
  if (layer?.kind !== "dense" || !previous.numbers || !layer.numbers || !layer.kernel) return null;
  const { kernel } = layer;
  const units = layer.shape[0];
  // A single logit is that of the second class, the first class's counts as 0: a sigmoid is the softmax of the two.
  const of = (/** @type {Float32Array} */ row, /** @type {Net.Unit} */ { channel }) => (units > 1 ? row[channel] : channel * row[0]);
  const between = (/** @type {Float32Array} */ row) => of(row, unit) - of(row, other);
  const terms = Array.from(previous.numbers, (value, from) => {
    const weight = between(kernel.subarray(from * units, (from + 1) * units));
    return { from, value, weight, product: value * weight };
  });
  const bias = between(weightsIn(layer.bias));
  const computed = total(terms.map((term) => term.product)) + bias;
  terms.sort((first, second) => Math.abs(second.product) - Math.abs(first.product));
  return { previous, terms, bias, computed, logits: [of(layer.numbers, unit), of(layer.numbers, other)] };
}

/**
 * The sum of numbers.
 *
 * @type {(numbers: number[]) => number}
 */
export function total(numbers) {
  return numbers.reduce((sum, value) => sum + value, 0);
}
