// A confusion matrix: rows are the true classes, columns the answers; a click tells Python the cell.

import { isDark, signedColor, signedTable } from "./colors.js";
import { element } from "./elements.js";
import { unpack } from "./message.js";
import { percent } from "./numbers.js";
import { paint } from "./pixels.js";

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".confusion-matrix");
  const { head } = unpack(data);
  const { classes, counts } = head;
  const table = signedTable(isDark(root) ? head.palettes.dark : head.palettes.light);
  const totals = counts.map((row) => row.reduce((sum, one) => sum + one, 0));
  const share = (row, column) => (totals[row] ? counts[row][column] / totals[row] : 0);
  const largest = { right: 0, wrong: 0 };
  counts.forEach((row, at) => row.forEach((_, column) => {
    const kind = at === column ? "right" : "wrong";
    largest[kind] = Math.max(largest[kind], share(at, column));
  }));
  const focused = head.chosen ?? [0, 0];
  const cells = [];

  function cell(row, column) {
    const right = row === column;
    const part = share(row, column);
    const most = right ? largest.right : largest.wrong;
    const [red, green, blue] = signedColor(table, right ? part : -part, most);
    const text = head.shares ? shortShare(part) : `${counts[row][column]}`;
    const button = element("button", { type: "button" }, counts[row][column] ? text : "·");
    button.style.background = `rgb(${red},${green},${blue})`;
    button.style.color = red * 0.299 + green * 0.587 + blue * 0.114 < 140 ? "#fff" : "#111";
    const told = right ? `${classes[row]} answered rightly` : `${classes[row]} taken for ${classes[column]}`;
    button.title = `${told}: ${counts[row][column]} of ${totals[row]} images, ${percent(part)}`;
    button.setAttribute("aria-label", button.title);
    const chosen = head.chosen !== null && head.chosen[0] === row && head.chosen[1] === column;
    if (head.choosable) button.setAttribute("aria-pressed", String(chosen));
    button.tabIndex = row === focused[0] && column === focused[1] ? 0 : -1;
    button.onclick = () => setTriggerValue("cell", [row, column]);
    button.onkeydown = (event) => step(event, row, column);
    return button;
  }

  function step(event, row, column) {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
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
  const corner = element("td", { class: "corner" }, "true class ↓ answer →");
  const whole = element("table", {}, element("thead", {}, element("tr", {}, corner, ...names)), body);
  const legend = element("div", { class: "legends" }, scale("right, share of the class", largest.right, 1), scale("wrong, share of the class", largest.wrong, -1));
  root.classList.toggle("choosable", head.choosable);
  root.replaceChildren(element("div", { class: "scroll" }, whole), legend);

  function scale(title, most, sign) {
    const bar = element("canvas", { "aria-hidden": "true" });
    paint(bar, 1, 65, (_, column) => signedColor(table, (sign * column) / 64, 1));
    const ends = element("div", { class: "ends" }, element("span", {}, "0"), element("span", {}, title), element("span", {}, percent(most, 0)));
    return element("div", { class: "legend" }, bar, ends);
  }
}

// The share in whole percent without its sign, which the caption tells once.
function shortShare(part) {
  return part < 0.005 ? "<1" : `${Math.round(100 * part)}`;
}
