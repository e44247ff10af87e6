// What is written around the maps of the network at a glance: scales, classes, the prediction in words.

import { element } from "../elements.js";
import { number, percent } from "../numbers.js";
import { predictedUnit } from "./contributions.js";
import { aimOf, linesWithout } from "./effect.js";
import { predictionInWords } from "./words.js";

/** @typedef {import("./layout.js").Box} Box */

/**
 * Puts an element where a box is, or makes it as large.
 *
 * @type {(node: HTMLElement, box: Partial<Box>) => void}
 */
export function place({ style }, { x, y, width, height }) {
  for (const [side, size] of Object.entries({ left: x, top: y, width, height })) {
    if (size !== undefined) style.setProperty(side, `${size}px`);
  }
}

/**
 * The line of a class; `fillClasses` gives it its probability.
 *
 * @type {(name: string) => Net.ClassLine}
 */
export function classLine(name) {
  const amount = element("span", { class: "amount" });
  const bar = element("div", { class: "fill" });
  const tag = element("span", {});
  const line = element("div", { class: "line" }, element("span", {}, name), amount, tag);
  const box = element("div", { class: "class-line", title: name }, line, element("div", { class: "track" }, bar));
  return { box, amount, tag, bar };
}

/**
 * From where to where the numbers of a layer reach.
 *
 * @type {(layer: Net.Layer, numbers: Float32Array) => string}
 */
export function rangeOf(layer, numbers) {
  if (layer.kind === "image") return "0 to 1";
  let [low, high] = [Infinity, -Infinity];
  for (const value of numbers) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? `${short(low)} to ${short(high)}` : "no number";
}

/**
 * Two digits: 5.0, −0.012.
 *
 * @type {(value: number) => string}
 */
function short(value) {
  const size = Math.abs(value);
  return size >= 0.01 && size < 10 ? value.toPrecision(2).replace("-", "−") : number(value);
}

/**
 * Gives every class its probability; the predicted and the actual one are marked.
 *
 * @type {(view: Net.View, lines: Net.ClassLine[]) => void}
 */
export function fillClasses(view, lines) {
  const { layers } = view.network;
  const { numbers } = layers[layers.length - 1];
  const predicted = predictedUnit(view.network)?.channel;
  lines.forEach(({ box, amount, tag, bar }, at) => {
    const value = numbers ? numbers[at] : NaN;
    amount.textContent = Number.isFinite(value) ? percent(value) : "not a number";
    tag.textContent = tagOf(at === predicted, at === view.head.truth);
    tag.className = `tag ${tag.textContent}`;
    tag.hidden = !tag.textContent;
    bar.style.width = `${100 * Math.max(0, Math.min(1, value || 0))}%`;
    box.classList.toggle("predicted", at === predicted);
  });
}

/** @type {(predicted: boolean, actual: boolean) => string} */
function tagOf(predicted, actual) {
  if (predicted) return actual ? "correct" : "predicted";
  return actual ? "actual" : "";
}

/** @type {(view: Net.View, piece: import("./words.js").Piece) => HTMLElement | string} */
function pieceView(view, piece) {
  if (typeof piece === "string") return piece;
  const { text, unit } = piece;
  return element("button", { type: "button", class: "named", onclick: () => view.select(unit) }, text);
}

/**
 * The prediction in words, whose names can be clicked, where the whole network is shown.
 *
 * @type {(view: Net.View) => void}
 */
export function showWords(view) {
  const sentences = view.glance.parts ? predictionInWords(view.network) : [];
  view.glance.words.replaceChildren(...sentences.flatMap((pieces) => [...pieces.map((piece) => pieceView(view, piece)), " "]));
}

/**
 * What the hatching of some layers means; nothing where none is hatched.
 *
 * @type {(view: Net.View, dropped: Net.Dropped[]) => HTMLElement[]}
 */
export function hatchingNote(view, dropped) {
  const hatched = dropped.some(hasHatching);
  return hatched ? [element("p", { class: "hatching-note" }, `Hatched: no effect on ${aimOf(view.network)}`)] : [];
}

/**
 * Whether something on the maps of a layer has no effect.
 *
 * @type {(dropped: Net.Dropped) => boolean}
 */
export const hasHatching = ({ rows, columns }) => linesWithout([...rows, ...columns]).length > 0;
