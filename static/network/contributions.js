// The contributions to a number: what each map or unit of the layer before adds to it.

import { hasMaps, isFilter } from "./layers.js";
import { differenceReceipt, receiptOf } from "./receipt.js";

/** How many contributions are drawn; the others are added up to one sum. */
export const MOST_DRAWN = 24;

/**
 * @typedef {{ layer: number, channel: number, row: number | null, column: number | null }} Unit
 * @typedef {{ channel: number, amount: number }} Part - a map or a unit of the layer before, and what it adds
 *
 * The contributions to the number `target`, the largest first; `path` leads from the unit that was asked for
 * back to it, where layers between pass one number on. Parts beyond MOST_DRAWN are only in `rest`.
 * @typedef {{ target: Unit, path: Unit[], parts: Part[], rest: { count: number, amount: number } }} Contributions
 */

/**
 * @param {any} network
 * @param {Unit} unit
 * @returns {Contributions | null} null where the browser was not given the numbers, or nothing is added up
 */
export function contributionsTo(network, unit) {
  const path = pathBack(network, unit);
  const target = path[path.length - 1];
  const layer = network.layers[target.layer];
  if (isFilter(layer, target) || (layer.kind !== "convolution" && layer.kind !== "dense")) return null;
  const receipt = receiptOf(network, target);
  if (receipt.missing) return null;
  const sign = signOf(network, unit);
  const parts = partsOf(receipt).map((part) => ({ ...part, amount: sign * part.amount }));
  return { target, path, ...sorted(parts) };
}

/**
 * What sets the logits of two classes apart: each part is what it adds to the first and not to the second.
 * @param {any} network
 * @param {Unit} unit - a probability of a softmax
 * @param {Unit} other
 * @returns {(Contributions & { difference: number, bias: number }) | null} also the difference of the two logits, and of
 *   their biases in it; null where there are not two logits, or the browser was not given the numbers
 */
export function differenceOf(network, unit, other) {
  if (network.layers[unit.layer].kind !== "softmax") return null;
  const receipt = differenceReceipt(network, unit, other);
  if (!receipt) return null;
  const parts = receipt.terms.map(({ from, product }) => ({ channel: from, amount: product }));
  const target = { ...unit, layer: unit.layer - 1 };
  return { target, path: [unit, target], ...sorted(parts), difference: receipt.computed, bias: receipt.bias };
}

/**
 * The largest in size first; those beyond MOST_DRAWN as one sum.
 * @param {Part[]} all
 */
function sorted(all) {
  const parts = all
    .filter((part) => Number.isFinite(part.amount))
    .sort((first, second) => Math.abs(second.amount) - Math.abs(first.amount));
  const others = parts.slice(MOST_DRAWN);
  return {
    parts: parts.slice(0, MOST_DRAWN),
    rest: { count: others.length, amount: others.reduce((sum, part) => sum + part.amount, 0) },
  };
}

/**
 * @param {any} receipt
 * @returns {Part[]}
 */
function partsOf({ kind, channels, terms }) {
  if (kind === "convolution") {
    return channels.map((/** @type {any} */ part) => ({ channel: part.channel, amount: part.subtotal }));
  }
  return terms.map((/** @type {any} */ term) => ({ channel: term.from, amount: term.product }));
}

/**
 * The unit and those before it that it was passed on from, down to the one that was added up.
 * @param {any} network
 * @param {Unit} unit
 * @returns {Unit[]}
 */
function pathBack(network, unit) {
  const path = [unit];
  for (let at = unit; ; ) {
    const before = passedFrom(network, at);
    if (!before) return path;
    path.push(before);
    at = before;
  }
}

/**
 * @param {any} network
 * @param {Unit} unit
 * @returns {Unit | null}
 */
function passedFrom(network, unit) {
  const layer = network.layers[unit.layer];
  const previous = network.layers[unit.layer - 1];
  if (isFilter(layer, unit) || !previous?.numbers) return null;
  // The probability of the first of two classes comes from the one logit, too.
  if (layer.output) return { layer: previous.number, channel: layer.kind === "softmax" ? unit.channel : 0, row: null, column: null };
  if (layer.kind === "activation" || layer.kind === "normalization") return { ...unit, layer: previous.number };
  if (layer.kind === "flatten" && hasMaps(previous)) return /** @type {Net.ReceiptOf<"flatten">} */ (receiptOf(network, unit)).source;
  if (layer.kind === "pooling" && layer.pooling === "max") {
    const { cells, winner = 0 } = /** @type {Net.ReceiptOf<"pooling">} */ (receiptOf(network, unit));
    const { row, column } = cells[winner];
    return { layer: previous.number, channel: unit.channel, row, column };
  }
  return null;
}

/**
 * A single logit is for the second class: what raises it lowers the first.
 * @param {any} network
 * @param {Unit} unit
 */
function signOf(network, unit) {
  const layer = network.layers[unit.layer];
  return layer.output && layer.kind === "activation" && unit.channel === 0 ? -1 : 1;
}

/**
 * The unit of the class with the largest probability; null where the network has no output or no number.
 * @param {any} network
 * @returns {Unit | null}
 */
export function predictedUnit(network) {
  const layer = network.layers[network.layers.length - 1];
  if (!layer.output || !layer.numbers || !layer.numbers.every(Number.isFinite)) return null;
  const channel = layer.numbers.reduce((/** @type {number} */ best, /** @type {number} */ value, /** @type {number} */ at, /** @type {ArrayLike<number>} */ all) => (value > all[best] ? at : best), 0);
  return { layer: layer.number, channel, row: null, column: null };
}

/**
 * The maps of a layer with the largest values in size, `count` of them, in the order of the maps.
 * @param {any} layer
 * @param {number} count
 * @returns {number[]}
 */
export function strongestMaps(layer, count) {
  const maps = layer.shape[2];
  const sizes = Array(maps).fill(0);
  layer.numbers?.forEach((/** @type {number} */ value, /** @type {number} */ at) => {
    if (Number.isFinite(value)) sizes[at % maps] += Math.abs(value);
  });
  return Array.from(sizes.keys())
    .sort((first, second) => sizes[second] - sizes[first] || first - second)
    .slice(0, count)
    .sort((first, second) => first - second);
}
