// A receipt in words: what is done in one sentence, and the whole arithmetic as plain text.

import { number } from "../numbers.js";
import { hasMaps, unitName, windowAlong } from "./layers.js";
import { flattenReceipt, receiptOf, total } from "./receipt.js";

export const MORE_TERMS = 100; // told one by one

export const exact = (value) => (Number.isFinite(value) && value !== 0 ? plain(value) : number(value));

// Seven digits, as many as a float32 has, without an exponent where people need none.
function plain(value) {
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e7) return value.toExponential(5).replaceAll("-", "−");
  return value.toFixed(Math.min(7, Math.max(0, 6 - Math.floor(Math.log10(size))))).replace("-", "−");
}

const inBrackets = (value) => (value < 0 ? `(${exact(value)})` : exact(value));

function many(count, one, several = `${one}s`) {
  return count === 1 ? `the one ${one}` : `each of the ${count} ${several}`;
}

function linesAlong(layer, cell, what) {
  const [first, end] = windowAlong(layer, cell);
  if (end - first === 1) return `${what} ${first + 1}`;
  const every = { 2: "2nd", 3: "3rd" }[layer.dilation] ?? `${layer.dilation}th`;
  return `${layer.dilation > 1 ? `every ${every} ${what} from` : `${what}s`} ${first + 1} to ${end}`;
}

export function sentenceOf(receipt) {
  const { layer, read, unit, kind } = receipt;
  if (kind === "image") return "The brightness of one pixel: its value from 0 to 255, divided by 255.";
  if (kind === "filter") return filterSentence(receipt);
  if (kind === "convolution") {
    const area = `${linesAlong(layer, unit.row, "row")}, ${linesAlong(layer, unit.column, "column")}`;
    const source = layer.number === 1 ? many(read.shape[2], "channel") + " of the input" : many(read.shape[2], "map") + ` of ${read.title}`;
    const padded = receipt.channels?.[0].cells.some((cell) => cell.value === null);
    if (layer.off.includes(unit.channel)) return `Filter ${unit.channel + 1} is switched off: its weights and its bias are 0, and nothing reads its map.`;
    return `Filter ${unit.channel + 1} lies on ${area} of ${source}. Multiply cell by cell, add everything up, add the bias.`
      + (padded ? " Hatched cells lie outside: padding, counted as 0." : "");
  }
  if (kind === "normalization") return `Subtract the mean of map ${unit.channel + 1} and divide by its spread, both kept from training (moving_mean, moving_variance). Then scale and shift as learned.`;
  if (kind === "activation") return `${layer.label}: ${layer.formula}${layer.function === "leaky_relu" ? `, slope ${layer.slope}` : ""}, with x = ${unitPlain(receipt)} of ${read.title}.`;
  if (kind === "pooling") {
    const done = layer.pooling === "max" ? "The largest" : "The mean";
    const area = `${linesAlong(layer, unit.row, "row")}, ${linesAlong(layer, unit.column, "column")}`;
    return `${done} of the ${layer.size} × ${layer.size} cells under the window: ${area} of map ${unit.channel + 1} of ${read.title}.`;
  }
  if (kind === "flatten") return "Flattening computes nothing: every cell of every map gets a number in one long row.";
  if (kind === "average") return `The mean of all ${receipt.count ?? ""} cells of map ${unit.channel + 1} of ${read.title}.`;
  if (kind === "dense") return `Every one of the ${read.length} values of ${read.title} times its own weight, added up, plus the bias; the largest contributions first.`;
  return "Raise e to each logit (less the largest, so that nothing overflows), then divide by the sum of all: the shares add up to 1.";
}

function unitPlain({ layer, unit }) {
  return hasMaps(layer) ? "the same cell" : layer.output ? "the one number" : `unit ${unit.channel + 1}`;
}

function filterSentence({ layer, unit }) {
  if (layer.kind !== "convolution") return `Map ${unit.channel + 1} as a whole. Click one of its cells for the arithmetic.`;
  return `The ${layer.size} × ${layer.size} numbers that filter has learned for ${many(layer.weights.kernel.shape[2], "channel")} it reads, and its bias. The same numbers are used at every place of the map.`;
}

// The sum in one line: subtotals, bias, result.
export function sumLine(receipt) {
  if (receipt.kind === "convolution") {
    const parts = receipt.channels.map((one) => inBrackets(one.subtotal));
    const shown = parts.length > 12 ? [...parts.slice(0, 6), "…", ...parts.slice(-2)] : parts;
    return `${shown.join(" + ")} + bias ${inBrackets(receipt.bias)} = ${exact(receipt.computed)}`;
  }
  if (receipt.kind === "normalization") {
    const { input, mean, variance, gamma, beta, layer } = receipt;
    return `(${exact(input)} − ${inBrackets(mean)}) / √(${exact(variance)} + ${layer.epsilon}) × ${inBrackets(gamma)} + ${inBrackets(beta)} = ${exact(receipt.computed)}`;
  }
  if (receipt.kind === "activation") return activationLine(receipt.layer, receipt.input, receipt.second ?? receipt.computed)
    + (receipt.classes ? ` for ${receipt.classes[1]}; ${receipt.classes[0]} has the rest, ${exact(1 - receipt.second)}` : "");
  if (receipt.kind === "pooling") {
    const values = receipt.cells.map((cell) => exact(cell.value)).join(receipt.winner === undefined ? " + " : ", ");
    if (receipt.winner !== undefined) return `max(${values}) = ${exact(receipt.computed)}`;
    return `(${values}) / ${receipt.cells.length} = ${exact(receipt.computed)}`;
  }
  if (receipt.kind === "average") return `${exact(receipt.sum)} / ${receipt.count} = ${exact(receipt.computed)}`;
  if (receipt.kind === "dense") {
    const sum = total(receipt.terms.map((term) => term.product));
    return `${exact(sum)} + bias ${inBrackets(receipt.bias)} = ${exact(receipt.computed)}`;
  }
  if (receipt.kind === "softmax") {
    const { exponentials, sum, unit } = receipt;
    return `${exact(exponentials[unit.channel])} / ${exact(sum)} = ${exact(receipt.computed)}`;
  }
  return exact(receipt.computed);
}

function activationLine(layer, x, y) {
  const text = inBrackets(x);
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

// What becomes of the number on its way to the next window: normalized, activated, pooled.
export function nextSteps(network, unit) {
  const steps = [];
  let number = unit.layer + 1;
  let here = unit;
  while (number < network.layers.length && ["normalization", "activation"].includes(network.layers[number].kind)) {
    const layer = network.layers[number];
    if (layer.output) break;
    here = { ...here, layer: number };
    const receipt = receiptOf(network, here);
    if (receipt.missing) break;
    steps.push({ unit: here, title: layer.title, line: sumLine(receipt) });
    number++;
  }
  return steps;
}

// Everything, line by line, for those who read or listen rather than look.
export function receiptText(network, receipt) {
  const { layer, unit } = receipt;
  const title = unitName(layer, unit, network.head.classes);
  if (receipt.missing) return title;
  const lines = [`${title} = ${exact(receipt.computed)}`, sentenceOf(receipt)];
  for (const one of receipt.channels ?? []) {
    const products = one.cells.map((cell, at) => `${cell.value === null ? "0 (padding)" : exact(cell.value)} × ${inBrackets(one.weights[at])}`);
    lines.push(`Channel ${one.channel + 1}: ${products.join(" + ")} = ${exact(one.subtotal)}`);
  }
  const terms = (receipt.terms ?? []).filter((term) => term.product !== 0);
  for (const term of terms.slice(0, MORE_TERMS)) {
    lines.push(`${sourceName(network, receipt, term)}: ${exact(term.value)} × ${inBrackets(term.weight)} = ${exact(term.product)}`);
  }
  const others = terms.slice(MORE_TERMS);
  if (others.length) lines.push(`The other ${others.length} together: ${exact(total(others.map((term) => term.product)))}`);
  (receipt.logits ?? []).forEach((logit, at) =>
    lines.push(`${receipt.classes[at]}: exp(${exact(logit)} − ${inBrackets(receipt.largest)}) = ${exact(receipt.exponentials[at])}`));
  lines.push(sumLine(receipt));
  for (const step of nextSteps(network, unit)) lines.push(`${step.title}: ${step.line}`);
  return lines.join("\n");
}

// Where a dense layer's input comes from: behind a flattening, the cell of the map.
export function sourceName(network, { read }, term) {
  if (read.kind !== "flatten") return unitName(read, { channel: term.from }, network.head.classes);
  const { source } = flattenReceipt(read, network.layers[read.number - 1], { channel: term.from });
  return unitName(network.layers[source.layer], source, network.head.classes);
}
