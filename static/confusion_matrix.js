// A confusion matrix: rows are the actual classes, columns the predicted ones; a click sends the cell to Python.

import { colorCell, isDark, signedColor, signedTable } from "./colors.js";
import { element, rootOf } from "./elements.js";
import { arrowOf } from "./keys.js";
import { unpack } from "./message.js";
import { percent } from "./numbers.js";
import { paint } from "./pixels.js";

/**
 * @typedef {{
 *   classes: string[],
 *   counts: number[][],
 *   shares: boolean,
 *   chosen: [number, number] | null,
 *   choosable: boolean,
 *   palettes: Ui.Palettes,
 * }} Head
 */

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data, setTriggerValue } = component;
  const root = rootOf(component, "confusion-matrix");
  /** @type {{ head: Head }} */
  const { head } = unpack(data);
  const { classes, counts } = head;
  const table = signedTable(isDark(root) ? head.palettes.dark : head.palettes.light);
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const share = (/** @type {number} */ row, /** @type {number} */ column) => (totals[row] ? counts[row][column] / totals[row] : 0);
  const largest = { right: 0, wrong: 0 };
  counts.forEach((row, at) => row.forEach((_, column) => {
    const kind = at === column ? "right" : "wrong";
    largest[kind] = Math.max(largest[kind], share(at, column));
  }));
  const focused = head.chosen ?? [0, 0];
  /** @type {HTMLButtonElement[][]} */
  const cells = [];

  /** @type {(row: number, column: number) => HTMLButtonElement} */
  function cell(row, column) {
    const right = row === column;
    const part = share(row, column);
    const most = right ? largest.right : largest.wrong;
    const text = head.shares ? shortShare(part) : `${counts[row][column]}`;
    const button = element("button", { type: "button" }, counts[row][column] ? text : "·");
    colorCell(button, signedColor(table, right ? part : -part, most));
    const label = right ? `${classes[row]} predicted correctly` : `${classes[row]} mistaken for ${classes[column]}`;
    button.title = `${label}: ${counts[row][column]} of ${totals[row]} images, ${percent(part)}`;
    button.setAttribute("aria-label", button.title);
    const chosen = head.chosen !== null && head.chosen[0] === row && head.chosen[1] === column;
    if (head.choosable) button.setAttribute("aria-pressed", String(chosen));
    button.tabIndex = row === focused[0] && column === focused[1] ? 0 : -1;
    button.onclick = () => setTriggerValue("cell", [row, column]);
    button.onkeydown = (event) => step(event, row, column);
    return button;
  }

  /** @type {(event: KeyboardEvent, row: number, column: number) => void} */
  function step(event, row, column) {
    const move = arrowOf(event);
    if (!move) return;
    event.preventDefault();
    const next = cells[row + move[0]]?.[column + move[1]];
    if (!next) return;
    cells[row][column].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }

  const names = classes.map((name) => element("th", { scope: "col", title: name }, element("span", {}, name)));
  const body = element("tbody");
  classes.forEach((name, row) => {
    cells.push(classes.map((_, column) => cell(row, column)));
    const made = cells[row].map((button) => element("td", {}, button));
    body.append(element("tr", {}, element("th", { scope: "row", title: name }, element("span", {}, name)), ...made));
  });
  const corner = element("td", { class: "corner" }, "actual ↓ predicted →");
  const whole = element("table", {}, element("thead", {}, element("tr", {}, corner, ...names)), body);
  const legend = element("div", { class: "legends" }, scale("right, share of the class", largest.right, 1), scale("wrong, share of the class", largest.wrong, -1));
  root.classList.toggle("choosable", head.choosable);
  root.replaceChildren(element("div", { class: "scroll" }, whole), legend);

  /** @type {(title: string, most: number, sign: number) => HTMLElement} */
  function scale(title, most, sign) {
    const bar = element("canvas", { "aria-hidden": "true" });
    paint(bar, 1, 65, (_, column) => signedColor(table, (sign * column) / 64, 1));
    const ends = element("div", { class: "ends" }, element("span", {}, "0"), element("span", {}, title), element("span", {}, percent(most, 0)));
    return element("div", { class: "legend" }, bar, ends);
  }
}

/**
 * The share in whole percent without its sign, which the caption has once.
 *
 * @type {(part: number) => string}
 */
function shortShare(part) {
  return part < 0.005 ? "<1" : `${Math.round(100 * part)}`;
}
