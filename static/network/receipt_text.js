// A receipt in words: what is done in one sentence, and the whole arithmetic as plain text.

import { number } from "../numbers.js";
import { cellOf, hasMaps, unflatten, unitName, windowAlong } from "./layers.js";
import { receiptOf, total } from "./receipt.js";

export const MORE_TERMS = 100; // listed one by one

/**
 * A number with all digits of a float32.
 *
 * @type {(value: number) => string}
 */
export const exact = (value) => (Number.isFinite(value) && value !== 0 ? sevenDigits(value) : number(value));

/**
 * Seven digits, as many as a float32 has, without an exponent where people need none.
 *
 * @type {(value: number) => string}
 */
function sevenDigits(value) {
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e7) return value.toExponential(5).replaceAll("-", "−");
  return value.toFixed(Math.min(7, Math.max(0, 6 - Math.floor(Math.log10(size))))).replace("-", "−");
}

/** @type {(value: number) => string} */
const parenthesized = (value) => (value < 0 ? `(${exact(value)})` : exact(value));

/** @type {(count: number, singular: string, plural?: string) => string} */
function eachOf(count, singular, plural = `${singular}s`) {
  return count === 1 ? `the one ${singular}` : `each of the ${count} ${plural}`;
}

/** @type {Record<number, string | undefined>} */
const EVERY = { 2: "2nd", 3: "3rd" };

/** @type {(layer: Net.Window, cell: number, what: string) => string} */
function linesAlong(layer, cell, what) {
  const [first, end] = windowAlong(layer, cell);
  if (end - first === 1) return `${what} ${first + 1}`;
  const every = EVERY[layer.dilation] ?? `${layer.dilation}th`;
  return `${layer.dilation > 1 ? `every ${every} ${what} from` : `${what}s`} ${first + 1} to ${end}`;
}

/** @type {(layer: Net.Window, unit: Net.Unit) => string} */
function areaOf(layer, unit) {
  const { row, column } = cellOf(unit);
  return `${linesAlong(layer, row, "row")}, ${linesAlong(layer, column, "column")}`;
}

/**
 * What is done to make the number, in words.
 *
 * @type {(receipt: Net.Receipt) => string}
 */
export function sentenceOf(receipt) {
  const { layer, previous, unit, kind } = receipt;
  if (kind === "image") return "The brightness of one pixel: its value from 0 to 255, divided by 255.";
  if (kind === "filter") return filterSentence(receipt);
  if (kind === "convolution") {
    const source = layer.number === 1 ? eachOf(previous.shape[2], "channel") + " of the input" : eachOf(previous.shape[2], "map") + ` of ${previous.title}`;
    const padded = !receipt.missing && receipt.channels[0].cells.some((cell) => cell.value === null);
    if (layer.off.includes(unit.channel)) return `Filter ${unit.channel + 1} is switched off: its weights and its bias are 0, and nothing reads its map.`;
    return `Filter ${unit.channel + 1} lies on ${areaOf(layer, unit)} of ${source}. Multiply cell by cell, add everything up, add the bias.`
      + (padded ? " Hatched cells lie outside: padding, counted as 0." : "");
  }
  if (kind === "normalization") return `Subtract the mean of map ${unit.channel + 1} and divide by its spread, both kept from training (moving_mean, moving_variance). Then scale and shift as learned.`;
  if (kind === "activation") return `${layer.label}: ${layer.formula}${layer.function === "leaky_relu" ? `, slope ${layer.slope}` : ""}, with x = ${unitPlain(receipt)} of ${previous.title}.`;
  if (kind === "pooling") {
    const done = layer.pooling === "max" ? "The largest" : "The mean";
    return `${done} of the ${layer.size} × ${layer.size} cells under the window: ${areaOf(layer, unit)} of map ${unit.channel + 1} of ${previous.title}.`;
  }
  if (kind === "flatten") return "Flattening computes nothing: every cell of every map gets a number in one long row.";
  if (kind === "average") return `The mean of all ${receipt.missing ? "" : receipt.count} cells of map ${unit.channel + 1} of ${previous.title}.`;
  if (kind === "dense") return `Every one of the ${previous.length} values of ${previous.title} times its own weight, added up, plus the bias; the largest contributions first.`;
  return "Raise e to each logit (less the largest, so that nothing overflows), then divide by the sum of all: the shares add up to 1.";
}

/** @type {(receipt: Net.Receipt) => string} */
function unitPlain({ layer, unit }) {
  return hasMaps(layer) ? "the same cell" : layer.output ? "the one number" : `unit ${unit.channel + 1}`;
}

/** @type {(receipt: Net.Receipt) => string} */
function filterSentence({ layer, unit }) {
  if (layer.kind !== "convolution") return `Map ${unit.channel + 1} as a whole. Click one of its cells for the arithmetic.`;
  return `The ${layer.size} × ${layer.size} numbers that this filter has learned for ${eachOf(layer.weights.kernel.shape[2], "channel")} it reads, and its bias. The same numbers are used at every place of the map.`;
}

/**
 * The sum in one line: subtotals, bias, result.
 *
 * @type {(receipt: Net.NumberReceipt) => string}
 */
export function sumLine(receipt) {
  if (receipt.kind === "convolution") {
    const parts = receipt.channels.map(({ subtotal }) => parenthesized(subtotal));
    const shown = parts.length > 12 ? [...parts.slice(0, 6), "…", ...parts.slice(-2)] : parts;
    return `${shown.join(" + ")} + bias ${parenthesized(receipt.bias)} = ${exact(receipt.computed)}`;
  }
  if (receipt.kind === "normalization") {
    const { input, mean, variance, gamma, beta, layer } = receipt;
    return `(${exact(input)} − ${parenthesized(mean)}) / √(${exact(variance)} + ${layer.epsilon}) × ${parenthesized(gamma)} + ${parenthesized(beta)} = ${exact(receipt.computed)}`;
  }
  if (receipt.kind === "activation") {
    const { layer, input, computed, second = computed, classes } = receipt;
    const rest = classes ? ` for ${classes[1]}; ${classes[0]} has the rest, ${exact(1 - second)}` : "";
    return activationLine(layer, input, second) + rest;
  }
  if (receipt.kind === "pooling") {
    const values = receipt.cells.map((cell) => exact(Number(cell.value))).join(receipt.winner === undefined ? " + " : ", ");
    if (receipt.winner !== undefined) return `max(${values}) = ${exact(receipt.computed)}`;
    return `(${values}) / ${receipt.cells.length} = ${exact(receipt.computed)}`;
  }
  if (receipt.kind === "average") return `${exact(receipt.sum)} / ${receipt.count} = ${exact(receipt.computed)}`;
  if (receipt.kind === "dense") {
    const sum = total(receipt.terms.map((term) => term.product));
    return `${exact(sum)} + bias ${parenthesized(receipt.bias)} = ${exact(receipt.computed)}`;
  }
  if (receipt.kind === "softmax") {
    const { exponentials, sum, unit } = receipt;
    return `${exact(exponentials[unit.channel])} / ${exact(sum)} = ${exact(receipt.computed)}`;
  }
  return exact(receipt.computed);
}

/**
 * The difference of two logits, and what it means for the two probabilities.
 *
 * @type {(difference: Net.Difference, own: string, other: string) => string}
 */
export function differenceLine({ terms, bias, computed, logits: [first, second] }, own, other) {
  const sum = total(terms.map((term) => term.product));
  const ratio = Math.exp(computed);
  const times = ratio >= 1 ? `${own} is ${exact(ratio)} times as likely as ${other}` : `${other} is ${exact(1 / ratio)} times as likely as ${own}`;
  return `${exact(sum)} + bias ${parenthesized(bias)} = ${exact(computed)} = logit ${exact(first)} − ${parenthesized(second)}. e to that is ${exact(ratio)}: ${times}.`;
}

/** @type {(layer: Net.ActivationLayer, x: number, y: number) => string} */
function activationLine(layer, x, y) {
  const text = parenthesized(x);
  /** @type {Record<string, string>} */
  const lines = {
    relu: `max(0, ${exact(x)})`,
    sigmoid: `1 / (1 + exp(−${text}))`,
    tanh: `tanh(${exact(x)})`,
    leaky_relu: x > 0 ? exact(x) : `${layer.slope} × ${text}`,
    elu: x > 0 ? exact(x) : `exp(${exact(x)}) − 1`,
    gelu: `${exact(x)} × Φ(${exact(x)})`,
    silu: `${exact(x)} / (1 + exp(−${text}))`,
  };
  return `${lines[layer.function]} = ${exact(y)}`;
}

/** @typedef {{ unit: Net.Unit, title: string, line: string }} Step */

/**
 * What becomes of the number on its way to the next window: normalized, activated, pooled.
 *
 * @type {(network: Net.Network, unit: Net.Unit) => Step[]}
 */
export function nextSteps(network, unit) {
  const steps = [];
  for (const layer of network.layers.slice(unit.layer + 1)) {
    if (!(layer.kind === "normalization" || layer.kind === "activation") || layer.output) break;
    const here = { ...unit, layer: layer.number };
    const receipt = receiptOf(network, here);
    if (receipt.missing || receipt.kind === "filter") break;
    steps.push({ unit: here, title: layer.title, line: sumLine(receipt) });
  }
  return steps;
}

/**
 * Everything, line by line, for a screen reader or to copy.
 *
 * @type {(network: Net.Network, receipt: Net.Receipt) => string}
 */
export function receiptText(network, receipt) {
  const { layer, unit } = receipt;
  const title = unitName(layer, unit, network.head.classes);
  if (receipt.missing || receipt.kind === "filter") return title;
  const lines = [`${title} = ${exact(receipt.computed)}`, sentenceOf(receipt)];
  for (const part of receipt.kind === "convolution" ? receipt.channels : []) {
    const products = part.cells.map((cell, at) => `${cell.value === null ? "0 (padding)" : exact(cell.value)} × ${parenthesized(part.weights[at])}`);
    lines.push(`Channel ${part.channel + 1}: ${products.join(" + ")} = ${exact(part.subtotal)}`);
  }
  const terms = (receipt.kind === "dense" ? receipt.terms : []).filter((term) => term.product !== 0);
  for (const term of terms.slice(0, MORE_TERMS)) {
    lines.push(`${sourceName(network, receipt.previous, term.from)}: ${exact(term.value)} × ${parenthesized(term.weight)} = ${exact(term.product)}`);
  }
  const others = terms.slice(MORE_TERMS);
  if (others.length) lines.push(`The other ${others.length} together: ${exact(total(others.map((term) => term.product)))}`);
  if (receipt.kind === "softmax") {
    const { classes, logits, largest, exponentials } = receipt;
    logits.forEach((logit, at) => lines.push(`${classes[at]}: exp(${exact(logit)} − ${parenthesized(largest)}) = ${exact(exponentials[at])}`));
  }
  lines.push(sumLine(receipt));
  for (const step of nextSteps(network, unit)) lines.push(`${step.title}: ${step.line}`);
  return lines.join("\n");
}

/**
 * Where a dense layer's input comes from: behind a flattening, the cell of the map.
 *
 * @type {(network: Net.Network, previous: Net.Layer, from: number) => Net.Unit}
 */
export function sourceUnit(network, previous, from) {
  if (previous.kind === "flatten") return unflatten(network.layers[previous.number - 1], from);
  return { layer: previous.number, channel: from, row: null, column: null };
}

/**
 * What a dense layer's input is called.
 *
 * @type {(network: Net.Network, previous: Net.Layer, from: number) => string}
 */
export function sourceName(network, previous, from) {
  const source = sourceUnit(network, previous, from);
  return unitName(network.layers[source.layer], source, network.head.classes);
}
