// A kernel less a step of the gradient: three tables side by side, and one number written out.

import { isDark, signedColor, signedTable } from "./colors.js";
import { element } from "./elements.js";
import { unpack } from "./message.js";
import { number } from "./numbers.js";
import { numberTable, scaleBar } from "./tables.js";

const TITLES = ["Kernel", "Gradient of the loss", "Kernel after the step"];

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".kernel-step");
  const { head, body } = unpack(data);
  const count = head.side * head.side + 1;
  const view = {
    head,
    numbers: [0, 1, 2].map((part) => new Float32Array(body.buffer, 4 * part * count, count)),
    table: signedTable(isDark(root) ? head.palettes.dark : head.palettes.light),
    readout: element("p", { class: "readout", role: "status" }),
  };
  const figures = TITLES.map((title, part) => drawn(view, title, part));
  const sign = (text) => element("span", { class: "sign", "aria-hidden": "true" }, text);
  const row = element("div", { class: "row" }, figures[0], sign(`− ${head.rate} ×`), figures[1], sign("="), figures[2]);
  view.cells = figures.map((figure) => [...figure.querySelectorAll("td")]);
  row.tabIndex = 0;
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Kernel, gradient and kernel after the step; arrow keys go from number to number");
  row.onkeydown = (event) => step(root, view, event);
  for (const cells of view.cells) cells.forEach((cell, at) => (cell.onpointerenter = cell.onclick = () => show(root, view, at)));
  root.replaceChildren(row, view.readout);
  // What was pointed at stays so when only the step has changed.
  show(root, view, root.at < count ? root.at : steepest(view));
}

function drawn(view, title, part) {
  const { side, reach } = view.head;
  const values = view.numbers[part];
  const color = (at) => signedColor(view.table, values[at], reach[part]);
  const kernel = numberTable(side, side, (row, column) => row * side + column, (row, column) => color(row * side + column), (at) => number(values[at]));
  kernel.setAttribute("aria-label", title);
  const last = side * side;
  const bias = numberTable(1, 1, () => last, () => color(last), (at) => number(values[at]));
  bias.setAttribute("aria-label", `${title}: bias`);
  const below = element("div", { class: "bias" }, element("span", {}, "bias"), bias);
  const legend = element("div", { class: "legend" }, ...scaleBar(view.table, reach[part], true));
  return element("figure", {}, element("figcaption", {}, title), kernel, below, legend);
}

function steepest(view) {
  const sizes = [...view.numbers[1]].slice(0, -1).map(Math.abs);
  return sizes.indexOf(Math.max(...sizes));
}

function show(root, view, at) {
  root.at = at;
  const { side, rate } = view.head;
  for (const cells of view.cells) cells.forEach((cell, place) => cell.classList.toggle("chosen", place === at));
  const [before, slope, after] = view.numbers.map((values) => exactly(values[at]));
  const name = at < side * side ? `Row ${Math.floor(at / side) + 1}, column ${(at % side) + 1}` : "Bias";
  view.readout.textContent = `${name}: ${before} − ${rate} · ${slope.startsWith("−") ? `(${slope})` : slope} = ${after}`;
}

// With more digits than elsewhere: a step may be small.
function exactly(value) {
  const small = value !== 0 && Math.abs(value) < 0.001;
  return Number.isFinite(value) ? (small ? value.toExponential(2) : value.toFixed(5)).replaceAll("-", "−") : number(value);
}

function step(root, view, event) {
  const { side } = view.head;
  const last = side * side;
  const move = { ArrowUp: -side, ArrowDown: side, ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!move) return;
  event.preventDefault();
  const leaves = root.at === last && event.key === "ArrowUp"; // the bias stands below the last column
  show(root, view, leaves ? last - 1 : Math.max(0, Math.min(last, root.at + move)));
}
