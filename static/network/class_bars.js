// Logits and probabilities: one row a class, the winner and the truth named. Made once, then filled.

import { element } from "../elements.js";
import { number, percent } from "../numbers.js";

export function classBars(view, layer) {
  const { classes } = view.head;
  const logits = layer.kind === "softmax";
  const body = element("tbody");
  classes.forEach((name, at) => {
    const row = element("tr", {});
    row.append(element("th", { scope: "row" }, element("span", { class: "name" }, name)));
    if (logits) row.append(element("td", { class: "logit" }));
    row.append(element("td", { class: "track" }, element("div", { class: "probability" })), element("td", { class: "percent" }));
    const pick = (number, channel) => view.select({ layer: number, channel, row: null, column: null });
    row.onclick = (event) => {
      if (event.target.closest(".logit")) pick(layer.number - 1, at);
      else pick(layer.number, at);
    };
    row.onpointermove = (event) => {
      const number = event.target.closest(".logit") ? layer.number - 1 : layer.number;
      view.point({ layer: number, channel: at, row: null, column: null });
    };
    row.onpointerleave = () => view.point(null);
    body.append(row);
  });
  const titles = ["class", ...(logits ? ["logit"] : []), "probability", ""];
  const top = element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title)));
  return element("table", { class: "class-bars" }, element("thead", {}, top), body);
}

export function fillClassBars(view, table, layer) {
  const { truth } = view.head;
  const values = layer.numbers;
  const winner = values.reduce((best, value, at) => (value > values[best] ? at : best), 0);
  const before = view.network.layers[layer.number - 1];
  Array.from(table.tBodies[0].rows).forEach((row, at) => {
    const finite = Number.isFinite(values[at]);
    const marks = [at === winner && finite ? "winner" : "", at === truth ? "truth" : ""].filter(Boolean);
    for (const mark of ["winner", "truth"]) row.classList.toggle(mark, marks.includes(mark));
    const name = row.cells[0].firstChild;
    row.cells[0].replaceChildren(name, ...marks.map((mark) => element("span", { class: `mark ${mark}` }, mark)));
    const logit = row.querySelector(".logit");
    if (logit) logit.textContent = before.numbers ? number(before.numbers[at]) : "";
    row.querySelector(".probability").style.width = `${100 * Math.max(0, Math.min(1, values[at] || 0))}%`;
    row.querySelector(".percent").textContent = finite ? percent(values[at]) : "not a number";
  });
}
