// Which color a value gets: the limits of the one diverging scale, and what is left without color.

import { signedColor } from "../colors.js";
import { hasMaps, numbersOf, weightsIn } from "./layers.js";

/**
 * The largest size among some numbers, from `first` in steps; what is not finite does not count.
 *
 * @type {(numbers: ArrayLike<number>, first?: number, step?: number) => number}
 */
export function largestIn(numbers, first = 0, step = 1) {
  let largest = 0;
  for (let at = first; at < numbers.length; at += step) {
    const size = Math.abs(numbers[at]);
    if (size > largest && size !== Infinity) largest = size;
  }
  return largest;
}

/**
 * The limits of the scale in each layer, map and kernel of a network. A film's network has the limits
 * over all of its epochs, so that colors can be compared while it plays. What Python gives for a
 * layer goes before that: then colors can be compared between networks, too.
 *
 * @type {(networks: Net.Network[]) => Net.ScaleLimits}
 */
export function limitsOf(networks) {
  /** @type {(measure: (network: Net.Network) => number) => number} */
  const over = (measure) => networks.reduce((largest, network) => Math.max(largest, measure(network)), 0);
  const given = networks[0].head.limits;
  const layers = networks[0].layers.map((layer) => ({
    values: given[layer.name]?.[0] ?? over((network) => largestIn(network.layers[layer.number].numbers ?? [])),
    kernel: layer.kind === "convolution" ? (given[layer.name]?.[1] ?? over((network) => largestIn(network.layers[layer.number].kernel ?? []))) : 0,
    maps: hasMaps(layer)
      ? Array.from({ length: layer.shape[2] }, (_, map) =>
          over((network) => largestIn(network.layers[layer.number].numbers ?? [], map, layer.shape[2])))
      : [],
  }));
  const inside = layers.filter((_, number) => isSigned(networks[0].layers[number]));
  return { layers, network: Math.max(0, ...inside.map((layer) => layer.values)) };
}

/** @type {(layer: Net.Layer) => boolean} */
const isSigned = (layer) => layer.kind !== "image" && !layer.output;

/**
 * What a color depends on besides the number.
 *
 * @typedef {Pick<Net.View, "head" | "table" | "limits">} Scaled
 */

/**
 * The limit of the scale for a map of a layer.
 *
 * @type {(view: Scaled, layer: Net.Layer, map: number) => number}
 */
export function limitOfMap(view, layer, map) {
  if (view.head.scale === "network") return view.limits.network;
  if (view.head.scale === "map" && hasMaps(layer)) return view.limits.layers[layer.number].maps[map];
  return view.limits.layers[layer.number].values;
}

/**
 * The colors of a map, or of the image.
 *
 * @type {(view: Scaled, layer: Net.Layer, map: number) => Ui.ColorOf}
 */
export function mapColor(view, layer, map) {
  const [, width, channels] = layer.shape;
  const numbers = numbersOf(layer);
  if (layer.kind === "image") {
    return (row, column) => {
      const at = (row * width + column) * channels;
      return [0, 1, 2].map((part) => Math.round(255 * numbers[at + (channels === 3 ? part : 0)]));
    };
  }
  const limit = limitOfMap(view, layer, map);
  return (row, column) => signedColor(view.table, numbers[(row * width + column) * channels + map], limit);
}

/**
 * The colors of the kernel that a filter has for a channel.
 *
 * @type {(view: Scaled, layer: Net.ConvolutionLayer, filter: number, channel: number) => Ui.ColorOf}
 */
export function kernelColor(view, layer, filter, channel) {
  const limit = view.limits.layers[layer.number].kernel;
  return (row, column) => signedColor(view.table, kernelAt(layer, row, column, channel, filter), limit);
}

/**
 * Very many kernels share one picture: a row a filter, a column a channel, an empty cell between.
 *
 * @type {(view: Scaled, layer: Net.ConvolutionLayer) => Ui.ColorOf}
 */
export function mosaicColor(view, layer) {
  const limit = view.limits.layers[layer.number].kernel;
  const pitch = layer.size + 1;
  return (row, column) => {
    const [y, x] = [row % pitch, column % pitch];
    if (y === layer.size || x === layer.size) return null;
    const weight = kernelAt(layer, y, x, Math.floor(column / pitch), Math.floor(row / pitch));
    return signedColor(view.table, weight, limit);
  };
}

/**
 * One weight of a convolution.
 *
 * @type {(layer: Net.ConvolutionLayer, row: number, column: number, channel: number, filter: number) => number}
 */
export function kernelAt(layer, row, column, channel, filter) {
  const [, side, channels, filters] = layer.weights.kernel.shape;
  return weightsIn(layer.kernel)[((row * side + column) * channels + channel) * filters + filter];
}

/**
 * The colors of units that stand in rows of `columns`.
 *
 * @type {(view: Scaled, layer: Net.Layer, columns: number) => Ui.ColorOf}
 */
export function unitColor(view, layer, columns) {
  const limit = limitOfMap(view, layer, 0);
  return (row, column) => {
    const at = row * columns + column;
    return at < layer.length ? signedColor(view.table, numbersOf(layer)[at], limit) : null;
  };
}
