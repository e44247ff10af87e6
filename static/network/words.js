// The prediction in words: sentences made from the numbers, whose names lead to what they name.

import { number, percent } from "../numbers.js";
import { contributionsTo, predictedUnit } from "./contributions.js";
import { hasMaps, receptiveFields } from "./layers.js";
import { receiptOf } from "./receipt.js";

/** @typedef {import("./contributions.js").Unit} Unit */
/** @typedef {string | { text: string, unit: Unit }} Piece - words, or the name of a unit that can be selected */

const MOST_NAMED = 3; // units or maps in a sentence
const CLOSE = 0.1; // of probability between the first and the second class
const STANDS_OUT = 2; // times its equal part of all contributions

/**
 * @param {any} network
 * @returns {Piece[][]} sentences; none where the network has no output that is a number
 */
export function predictionInWords(network) {
  const predicted = predictedUnit(network);
  if (!predicted) return [];
  const sentences = [prediction(network, predicted), ...loss(network)];
  const contributions = contributionsTo(network, predicted);
  if (!contributions || !contributions.parts.length) return sentences;
  sentences.push(...contributors(network, predicted, contributions));
  return sentences;
}

/**
 * @param {any} network
 * @param {Unit} predicted
 * @returns {Piece[]}
 */
function prediction(network, predicted) {
  const { numbers } = network.layers[predicted.layer];
  const { classes } = network.head;
  const named = (/** @type {number} */ at) => ({ text: `${classes[at]} (${rounded(numbers[at])})`, unit: { ...predicted, channel: at } });
  const second = runnerUp(network, predicted).channel;
  const distance = numbers[predicted.channel] - numbers[second];
  const ahead = distance < CLOSE ? "barely ahead of" : "ahead of";
  return ["It predicts ", named(predicted.channel), `, ${ahead} `, named(second), "."];
}

/**
 * The class with the second largest probability.
 * @param {any} network
 * @param {Unit} predicted
 * @returns {Unit}
 */
export function runnerUp(network, predicted) {
  const { numbers } = network.layers[predicted.layer];
  const others = [...numbers.keys()].filter((at) => at !== predicted.channel);
  return { ...predicted, channel: others.reduce((best, at) => (numbers[at] > numbers[best] ? at : best)) };
}

/** @param {number} share */
const rounded = (share) => percent(share, share < 0.01 || share > 0.99 ? 1 : 0);

/**
 * The cross-entropy of the image, where its class is known.
 * @param {any} network
 * @returns {Piece[][]}
 */
function loss(network) {
  const { truth, classes } = network.head;
  const values = network.layers[network.layers.length - 1].numbers;
  if (truth === null || truth === undefined || !(values[truth] > 0)) return [];
  const right = values.every((/** @type {number} */ value) => value <= values[truth]);
  const verdict = right ? "That is correct" : `The actual class is ${classes[truth]}`;
  return [[`${verdict}; the loss (cross-entropy) of this image is ${number(-Math.log(values[truth]))}.`]];
}

/**
 * @param {any} network
 * @param {Unit} predicted
 * @param {import("./contributions.js").Contributions} contributions
 * @returns {Piece[][]}
 */
function contributors(network, predicted, contributions) {
  const before = network.layers[contributions.target.layer - 1];
  const name = network.head.classes[predicted.channel];
  const raising = contributions.parts.filter((part) => part.amount > 0).slice(0, MOST_NAMED);
  const all = termsOf(network, contributions.target);
  const size = all.reduce((sum, term) => sum + Math.abs(term.product), 0);
  if (!raising.length) return [[`No number of ${before.title} raises ${name}: the bias alone does.`]];
  if (raising[0].amount < (STANDS_OUT * size) / all.length) {
    return [[`No single number stands out: the largest of ${all.length} makes up ${percent(raising[0].amount / size)} of what raises and lowers ${name}.`]];
  }
  const units = raising.map(({ channel }) => ({ layer: before.number, channel, row: null, column: null }));
  const sentences = [[unitsOf(network, before, units.length), ...joinedByAnd(units.map((unit) => ({ text: String(unit.channel + 1), unit }))), ` ${units.length > 1 ? "raise" : "raises"} ${name} most.`]];
  const map = strongestMap(network, units[0]);
  if (map) sentences.push(...mapSentences(network, units[0], map));
  return sentences;
}

/**
 * What is added up in a unit of a dense layer.
 * @param {any} network
 * @param {Unit} unit
 */
const termsOf = (network, unit) => /** @type {Net.ReceiptOf<"dense">} */ (receiptOf(network, unit)).terms;

/**
 * What units are called before their numbers: "Dense 1, units ".
 * @param {any} network
 * @param {any} layer
 * @param {number} count
 */
function unitsOf(network, layer, count) {
  const noun = layer.kind === "flatten" ? "position" : "unit";
  const { title } = layer.kind === "activation" ? network.layers[layer.number - 1] : layer;
  return `${title}, ${noun}${count > 1 ? "s" : ""} `;
}

/**
 * The map whose cells raise a unit of a dense layer most, or that a position of the flattened row is from.
 * @param {any} network
 * @param {Unit} unit
 * @returns {{ layer: any, channel: number, added: boolean } | null}
 */
function strongestMap(network, unit) {
  const flat = network.layers.findIndex((/** @type {any} */ layer) => layer.kind === "flatten" || layer.kind === "average");
  const layer = network.layers[flat - 1];
  if (!layer || !hasMaps(layer) || layer.kind === "image" || !layer.numbers) return null;
  const maps = layer.shape[2];
  if (unit.layer === flat) return { layer, channel: unit.channel % maps, added: false };
  const contributions = contributionsTo(network, unit);
  if (!contributions || contributions.target.layer !== flat + 1) return null;
  const sums = Array(maps).fill(0);
  for (const term of termsOf(network, contributions.target)) sums[term.from % maps] += term.product;
  const channel = sums.reduce((best, sum, at) => (sum > sums[best] ? at : best), 0);
  return sums[channel] > 0 ? { layer, channel, added: true } : null;
}

/**
 * @param {any} network
 * @param {Unit} unit
 * @param {{ layer: any, channel: number, added: boolean }} map
 * @returns {Piece[][]}
 */
function mapSentences(network, unit, { layer, channel, added }) {
  const [height, width, maps] = layer.shape;
  let best = 0;
  for (let cell = 1; cell < height * width; cell++) {
    if (layer.numbers[cell * maps + channel] > layer.numbers[best * maps + channel]) best = cell;
  }
  const cell = { layer: layer.number, channel, row: Math.floor(best / width), column: best % width };
  const value = layer.numbers[best * maps + channel];
  const map = { text: `map ${channel + 1} of ${layer.title}`, unit: cell };
  const first = added
    ? [`Unit ${unit.channel + 1} is raised most by `, map]
    : [`Position ${unit.channel + 1} comes from `, map];
  if (!(value > 0)) return [[...first, ", which is 0 everywhere."]];
  const { rows, columns } = /** @type {Net.MapRegion} */ (receptiveFields(network, cell)[0]);
  const lines = (/** @type {number[]} */ [start, end]) => `${start + 1} to ${end}`;
  const image = network.layers[0].shape;
  const where = `${placeIn(rows, image[0], ["top", "middle", "bottom"])} ${placeIn(columns, image[1], ["left", "center", "right"])}`;
  return [[...first, `; it is strongest where it sees rows ${lines(rows)} and columns ${lines(columns)} of the image (${where}).`]];
}

/**
 * @param {number[]} range
 * @param {number} size
 * @param {string[]} names
 */
function placeIn([start, end], size, names) {
  return names[Math.min(2, Math.floor((((start + end) / 2) * 3) / size))];
}

/**
 * @param {Piece[]} pieces
 * @returns {Piece[]}
 */
function joinedByAnd(pieces) {
  return pieces.flatMap((piece, at) => (at === 0 ? [piece] : [at === pieces.length - 1 ? " and " : ", ", piece]));
}
