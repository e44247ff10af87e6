// The network with other numbers in the kernels of one filter, computed anew from there on.

import { hasMaps, numbersOf, unflatten, weightsIn } from "./layers.js";
import { receiptOf } from "./receipt.js";

const MOST_PRODUCTS = 400_000; // at once, while somebody types; with more the numbers come from Python

/**
 * Where the numbers of the kernel that a filter has for a channel are among those of its convolution, row by row.
 *
 * @type {(layer: Net.ConvolutionLayer, filter: number, channel: number) => number[]}
 */
export function kernelPlaces({ size, weights }, filter, channel) {
  const [, , channels, filters] = weights.kernel.shape;
  return Array.from({ length: size * size }, (_, at) => (at * channels + channel) * filters + filter);
}

/**
 * The network with other `kernels` in one filter, by channel and row by row, and with what then changes in every
 * layer; null where too much is to be computed, or the browser was not given all of it.
 *
 * @type {(network: Net.Network, filter: Net.Unit, kernels: Map<number, number[]>) => Net.Network | null}
 */
export function withKernels(network, { layer: first, channel: filter }, kernels) {
  if (!canCompute(network, first)) return null;
  const layers = network.layers.slice();
  const made = { ...network, layers };
  const convolution = /** @type {Net.ConvolutionLayer} */ (layers[first]);
  const kernel = Float32Array.from(weightsIn(convolution.kernel));
  for (const [channel, numbers] of kernels) {
    kernelPlaces(convolution, filter, channel).forEach((place, at) => (kernel[place] = numbers[at]));
  }
  layers[first] = { ...convolution, kernel };
  /** @type {number | null} */
  let map = filter; // the only one that changes, null once all do
  for (const { number, kind } of layers.slice(first)) {
    if (number > first && !EACH_MAP_BY_ITSELF.includes(kind)) map = null;
    layers[number] = { ...layers[number], numbers: recomputed(made, number, map) };
  }
  return made;
}

const EACH_MAP_BY_ITSELF = ["normalization", "activation", "pooling", "average"];

/** @type {(network: Net.Network, number: number, map: number | null) => Float32Array} */
function recomputed(network, number, map) {
  const layer = network.layers[number];
  const numbers = Float32Array.from(numbersOf(layer));
  const step = map === null ? 1 : layer.shape[layer.shape.length - 1];
  for (let at = step === 1 ? 0 : Number(map); at < numbers.length; at += step) {
    const unit = hasMaps(layer) ? unflatten(layer, at) : { layer: number, channel: at, row: null, column: null };
    numbers[at] = /** @type {Net.NumberReceipt} */ (receiptOf(network, unit)).computed;
  }
  return numbers;
}

/** @type {(network: Net.Network, first: number) => boolean} */
function canCompute({ layers }, first) {
  let products = 0;
  for (const layer of layers.slice(first)) {
    if (!layer.numbers || !layers[layer.number - 1].numbers) return false;
    if (layer.kind !== "convolution" && layer.kind !== "dense") continue;
    if (!layer.kernel) return false;
    const places = layer.kind === "convolution" ? layer.shape[0] * layer.shape[1] : 1;
    products += (places * layer.kernel.length) / (layer.number === first ? layer.shape[2] : 1);
  }
  return products <= MOST_PRODUCTS;
}
