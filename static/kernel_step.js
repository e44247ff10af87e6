// A kernel less a step of the gradient: three tables side by side, and one number written out.

import { isDark, signedColor, signedTable } from "./colors.js";
import { element, rootOf } from "./elements.js";
import { arrowOf } from "./keys.js";
import { unpack } from "./message.js";
import { number } from "./numbers.js";
import { numberTable, scaleBar } from "./tables.js";

const TITLES = ["Kernel", "Gradient of the loss", "Kernel after the step"];

/**
 * `numbers` are three times the kernel row by row and its bias: before, gradient and after.
 *
 * @typedef {{ side: number, rate: string, limits: [number, number, number], palettes: Ui.Palettes }} Head
 * @typedef {{
 *   head: Head,
 *   numbers: Float32Array[],
 *   table: Ui.Rgb[],
 *   readout: HTMLElement,
 *   cells: HTMLElement[][],
 *   root: HTMLElement,
 * }} View
 */

/** @type {WeakMap<HTMLElement, number>} */
const hoveredCell = new WeakMap(); // stays so when only the step has changed

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data } = component;
  const root = rootOf(component, "kernel-step");
  /** @type {{ head: Head, body: Uint8Array }} */
  const { head, body } = unpack(data);
  const count = head.side * head.side + 1;
  /** @type {View} */
  const view = {
    head,
    numbers: [0, 1, 2].map((part) => new Float32Array(body.buffer, 4 * part * count, count)),
    table: signedTable(isDark(root) ? head.palettes.dark : head.palettes.light),
    readout: element("p", { class: "readout", role: "status" }),
    cells: [],
    root,
  };
  const figures = TITLES.map((title, part) => drawn(view, title, part));
  const sign = (/** @type {string} */ text) => element("span", { class: "sign", "aria-hidden": "true" }, text);
  const row = element("div", { class: "row" }, figures[0], sign(`− ${head.rate} ×`), figures[1], sign("="), figures[2]);
  view.cells = figures.map((figure) => Array.from(figure.querySelectorAll("td")));
  row.tabIndex = 0;
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Kernel, gradient and kernel after the step; arrow keys go from number to number");
  row.onkeydown = (event) => step(view, event);
  for (const cells of view.cells) cells.forEach((cell, at) => (cell.onpointerenter = cell.onclick = () => show(view, at)));
  root.replaceChildren(row, view.readout);
  const before = hoveredCell.get(root) ?? count;
  show(view, before < count ? before : steepest(view));
}

/** @type {(view: View, title: string, part: number) => HTMLElement} */
function drawn(view, title, part) {
  const { side, limits } = view.head;
  const values = view.numbers[part];
  const color = (/** @type {number} */ at) => signedColor(view.table, values[at], limits[part]);
  const kernel = numberTable(side, side, (row, column) => row * side + column, (row, column) => color(row * side + column), (at) => number(values[at]));
  kernel.setAttribute("aria-label", title);
  const last = side * side;
  const bias = numberTable(1, 1, () => last, () => color(last), (at) => number(values[at]));
  bias.setAttribute("aria-label", `${title}: bias`);
  const below = element("div", { class: "bias" }, element("span", {}, "bias"), bias);
  const legend = element("div", { class: "legend" }, ...scaleBar(view.table, limits[part], true));
  return element("figure", {}, element("figcaption", {}, title), kernel, below, legend);
}

/** @type {(view: View) => number} */
function steepest(view) {
  const sizes = [...view.numbers[1]].slice(0, -1).map(Math.abs);
  return sizes.indexOf(Math.max(...sizes));
}

/** @type {(view: View, at: number) => void} */
function show(view, at) {
  hoveredCell.set(view.root, at);
  const { side, rate } = view.head;
  for (const cells of view.cells) cells.forEach((cell, place) => cell.classList.toggle("chosen", place === at));
  const [before, slope, after] = view.numbers.map((values) => exactly(values[at]));
  const name = at < side * side ? `Row ${Math.floor(at / side) + 1}, column ${(at % side) + 1}` : "Bias";
  view.readout.textContent = `${name}: ${before} − ${rate} · ${slope.startsWith("−") ? `(${slope})` : slope} = ${after}`;
}

/**
 * With more digits than elsewhere: a step may be small.
 *
 * @type {(value: number) => string}
 */
function exactly(value) {
  const small = value !== 0 && Math.abs(value) < 0.001;
  return Number.isFinite(value) ? (small ? value.toExponential(2) : value.toFixed(5)).replaceAll("-", "−") : number(value);
}

/** @type {(view: View, event: KeyboardEvent) => void} */
function step(view, event) {
  const { side } = view.head;
  const last = side * side;
  const move = arrowOf(event);
  if (!move) return;
  event.preventDefault();
  const at = hoveredCell.get(view.root) ?? 0;
  const leaves = at === last && event.key === "ArrowUp"; // the bias stands below the last column
  show(view, leaves ? last - 1 : Math.max(0, Math.min(last, at + move[0] * side + move[1])));
}
