// Logits and probabilities: one row a class, the winner and the truth named.
function classBars(view, layer) {
  const { classes, truth } = view.head;
  const values = slice(view, layer);
  const logits = layer.logits === null ? [] : view.values.subarray(layer.logits, layer.logits + classes.length);
  const winner = values.reduce((best, value, at) => (value > values[best] ? at : best), 0);
  const body = element("tbody");
  classes.forEach((name, at) => {
    const bar = element("div", { class: "probability" });
    bar.style.width = `${100 * Math.max(0, Math.min(1, values[at] || 0))}%`;
    const marks = [at === winner && Number.isFinite(values[at]) ? "winner" : "", at === truth ? "truth" : ""].filter(Boolean);
    const row = element("tr", { class: marks.join(" ") });
    row.append(element("th", { scope: "row" }, name, ...marks.map((mark) => element("span", { class: `mark ${mark}` }, mark))));
    if (logits.length) row.append(element("td", { class: "logit" }, number(logits[at])));
    const percent = Number.isFinite(values[at]) ? `${(100 * values[at]).toFixed(1)} %` : "not a number";
    row.append(element("td", { class: "track" }, bar), element("td", { class: "percent" }, percent));
    body.append(row);
  });
  const titles = ["class", ...(logits.length ? ["logit"] : []), "probability", ""];
  const top = element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title)));
  return element("table", { class: "class-bars" }, element("thead", {}, top), body);
}
