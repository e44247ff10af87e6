// Logits and probabilities: one row a class, the predicted and the actual one marked. Made once, then filled.

import { element, query } from "../elements.js";
import { number, percent } from "../numbers.js";
import { numbersOf } from "./layers.js";

/**
 * The table of a layer with one probability per class; `fillClassBars` gives it its numbers.
 *
 * @type {(view: Net.View, layer: Net.Layer) => HTMLTableElement}
 */
export function classBars(view, layer) {
  const { classes } = view.head;
  const logits = layer.kind === "softmax";
  const body = element("tbody");
  classes.forEach((name, at) => {
    const row = element("tr", {});
    row.append(element("th", { scope: "row" }, element("span", { class: "name" }, name)));
    if (logits) row.append(element("td", { class: "logit" }));
    row.append(element("td", { class: "track" }, element("div", { class: "probability" })), element("td", { class: "percent" }));
    /** @type {(event: Event) => Net.Unit} */
    const unitUnder = ({ target }) => {
      const logit = target instanceof Element && target.closest(".logit");
      return { layer: logit ? layer.number - 1 : layer.number, channel: at, row: null, column: null };
    };
    row.onclick = (event) => view.select(unitUnder(event));
    row.onpointermove = (event) => view.hover(unitUnder(event));
    row.onpointerleave = () => view.hover(null);
    body.append(row);
  });
  const titles = ["class", ...(logits ? ["logit"] : []), "probability"];
  const top = element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title)), element("td"));
  return element("table", { class: "class-bars" }, element("thead", {}, top), body);
}

/**
 * Writes a layer's probabilities, and the logits before them, into its table.
 *
 * @type {(view: Net.View, table: HTMLTableElement, layer: Net.Layer) => void}
 */
export function fillClassBars(view, table, layer) {
  const { truth } = view.head;
  const values = numbersOf(layer);
  const predicted = values.reduce((best, value, at) => (value > values[best] ? at : best), 0);
  const before = view.network.layers[layer.number - 1];
  Array.from(table.tBodies[0].rows).forEach((row, at) => {
    const finite = Number.isFinite(values[at]);
    const marks = [at === predicted && finite ? "predicted" : "", at === truth ? "actual" : ""].filter(Boolean);
    for (const mark of ["predicted", "actual"]) row.classList.toggle(mark, marks.includes(mark));
    row.cells[0].replaceChildren(query(row, ".name"), ...marks.map((mark) => element("span", { class: `mark ${mark}` }, mark)));
    const logit = row.querySelector(".logit");
    if (logit) logit.textContent = before.numbers ? number(before.numbers[at]) : "";
    query(row, ".probability").style.width = `${100 * Math.max(0, Math.min(1, values[at] || 0))}%`;
    query(row, ".percent").textContent = finite ? percent(values[at]) : "not a number";
  });
}
