// A receipt drawn: tables in the colors of the maps, the sum, what follows, and Keras's own number.

import { wantsChoice } from "../choices.js";
import { colorCell, signedColor } from "../colors.js";
import { element, withMore } from "../elements.js";
import { number } from "../numbers.js";
import { kernelAt, largestIn, limitOfMap } from "./color.js";
import { aimOf, droppingLayer } from "./effect.js";
import { kernelEditor } from "./kernel_editor.js";
import { readersOf, unitIndex, unitName, weightsIn } from "./layers.js";
import { differenceReceipt, receiptOf, total } from "./receipt.js";
import { differenceLine, exact, MORE_TERMS, nextSteps, receiptText, sentenceOf, sourceName, sourceUnit, sumLine } from "./receipt_text.js";
import { runnerUp } from "./words.js";

/** @typedef {import("./receipt_text.js").Step} Step */

const MOST_CHANNELS = 8; // drawn at once
const MOST_TERMS = 6;

/**
 * The receipt of a unit, to be put on the page.
 *
 * @type {(view: Net.View, unit: Net.Unit) => HTMLElement}
 */
export function receiptView(view, unit) {
  const receipt = receiptOf(view.network, unit);
  const { layer } = receipt;
  const title = unitName(layer, unit, view.head.classes);
  const box = element("div", { class: `receipt ${receipt.kind}` });
  const computed = "computed" in receipt ? receipt.computed : undefined;
  const known = receipt.kind === "filter" ? undefined : (receipt.value ?? computed); // left out itself, it may still be recomputed
  const value = known === undefined ? "" : ` = ${exact(known)}`;
  box.append(element("h2", {}, `${title}${value}`), element("p", { class: "sentence" }, sentenceOf(receipt)));
  if (receipt.missing) {
    box.append(element("p", { class: "missing" }, `The ${receipt.missing} for this are not in the browser: this network has more numbers than it is given. Its parts can be had in a smaller network.`));
    return box;
  }
  if (receipt.kind === "filter") {
    if (isEditable(view, unit)) {
      view.editor = kernelEditor(view, unit);
      box.append(view.editor.box);
      view.editor.refresh();
    } else if (layer.kind === "convolution") box.append(filterKernels(view, layer, unit.channel));
    else box.append(element("div", { class: "channels" }));
    return box;
  }
  if (receipt.kind !== "image" && receipt.kind !== "flatten") box.append(element("p", { class: "sum" }, sumLine(receipt)));
  const arithmetic = arithmeticView(view, receipt);
  const parts = [...(arithmetic ? [arithmetic] : []), ...(layer.output ? [differenceView(view, unit)] : [])];
  box.append(...(parts.length > 1 ? [element("div", { class: "channels" }, ...parts)] : parts));
  const source = sourceButton(view, receipt);
  if (source) box.append(source);
  const steps = nextSteps(view.network, unit);
  for (const step of steps) box.append(stepLine(view, step));
  const readers = readersLine(view, steps.at(-1)?.unit ?? unit);
  if (readers) box.append(readers);
  box.append(kerasLine(view, receipt), textVersion(view, receipt));
  return box;
}

/**
 * Whether the kernels of a filter can be typed over here; those of one that is switched off are 0 whatever is typed.
 *
 * @type {(view: Pick<Net.View, "head" | "network" | "choices" | "send">, unit: Net.Unit) => boolean}
 */
export function isEditable(view, unit) {
  const layer = view.network.layers[unit.layer];
  return layer.kind === "convolution" && wantsChoice(view, "kernel") && !layer.off.includes(unit.channel);
}

/** @type {(view: Net.View, receipt: Net.NumberReceipt) => HTMLElement | null} */
function arithmeticView(view, receipt) {
  switch (receipt.kind) {
    case "convolution": return channelCards(view, receipt);
    case "pooling": return pooledWindow(view, receipt);
    case "dense": return denseTerms(view, receipt);
    case "softmax": return softmaxSteps(view, receipt);
    default: return null;
  }
}

/** @type {(view: Net.View, unit: Net.Unit, text?: string) => HTMLElement} */
function link(view, unit, text = unitName(view.network.layers[unit.layer], unit, view.head.classes)) {
  return element("button", { type: "button", class: "link", onclick: () => view.select(unit) }, text);
}

/** @type {(view: Net.View, step: Step) => HTMLElement} */
function stepLine(view, step) {
  return element("p", { class: "step" }, "Then ", link(view, step.unit, step.title), `: ${step.line}`);
}

/**
 * Where the number goes from here: the windows, units or classes that read it.
 *
 * @type {(view: Net.View, unit: Net.Unit) => HTMLElement | null}
 */
function readersLine(view, unit) {
  const next = view.network.layers[unit.layer + 1];
  if (!next) return null;
  const { units, count } = readersOf(view.network, unit);
  const line = (/** @type {(Node | string)[]} */ ...parts) => element("p", { class: "step" }, ...parts);
  const aim = aimOf(view.network);
  if (!count) return line(`No window of ${next.title} reads this cell: it has no effect on ${aim}.`);
  const reader = link(view, units[0]);
  const dropping = droppingLayer(view.network, unit);
  const past = dropping && `nothing that depends on it gets past ${dropping.title}.`;
  if (count === 1) return line("It goes into ", reader, past ? `, which has no effect on ${aim}: ${past}` : ".");
  if (next.kind === "dense") return line(`Each of the ${count} units of ${next.title} reads it, most strongly `, reader, ".");
  if (next.kind === "softmax") return line("It has a share in every probability: ", reader, ".");
  return line(`It goes into ${count} numbers of ${next.title}, such as `, reader, past ? `, but none of them has an effect on ${aim}: ${past}` : ".");
}

/**
 * From a number that only passes through, one click leads to the one it was made of.
 *
 * @type {(view: Net.View, receipt: Net.NumberReceipt) => HTMLElement | null}
 */
function sourceButton(view, receipt) {
  const { kind, layer, unit, previous } = receipt;
  if (!(kind === "flatten" || kind === "activation" || kind === "normalization")) return null;
  const own = { ...(layer.output ? { channel: 0, row: null, column: null } : unit), layer: previous.number };
  const from = receipt.kind === "flatten" ? receipt.source : own;
  return element("p", { class: "step" }, "It comes from ", link(view, from), ".");
}

/**
 * Numbers in the colors of their scale; null lies in the padding. A click calls `onClick` with a place.
 *
 * @type {(label: string, values: (number | null)[], side: number, color: (value: number) => Ui.Rgb, options?: { marked?: number, onClick?: ((at: number) => void) | null }) => HTMLElement}
 */
function grid(label, values, side, color, { marked = -1, onClick = null } = {}) {
  const body = element("tbody");
  for (let row = 0; row < values.length / side; row++) {
    const line = element("tr");
    for (let column = 0; column < side; column++) {
      const at = row * side + column;
      const value = values[at];
      const cell = element("td", {}, value === null ? "0" : number(value));
      cell.dataset.at = String(at);
      if (value === null) cell.className = "padding";
      else colorCell(cell, color(value));
      if (at === marked) cell.classList.add("winner");
      if (onClick && value !== null) {
        cell.classList.add("clickable");
        cell.title = "Where this number comes from";
        cell.onclick = () => onClick(at);
      }
      line.append(cell);
    }
    body.append(line);
  }
  return element("figure", {}, element("figcaption", {}, label), element("table", { class: "numbers" }, body));
}

/** @type {(previous: Net.Layer, cell: Ui.Cell, channel: number) => Net.Unit} */
const inputUnit = (previous, { row, column }, channel) => ({ layer: previous.number, row, column, channel });

/**
 * The color of a value as it is in the picture of its layer.
 *
 * @type {(view: Net.View, previous: Net.Layer, map: number) => (value: number) => Ui.Rgb}
 */
function inputColor(view, previous, map) {
  if (previous.kind === "image") return (value) => Array(3).fill(Math.round(255 * value));
  const limit = limitOfMap(view, previous, map);
  return (value) => signedColor(view.table, value, limit);
}

/** @type {(view: Net.View, receipt: Net.ReceiptOf<"convolution">) => HTMLElement} */
function channelCards(view, receipt) {
  const { layer, previous, channels } = receipt;
  const box = element("div", { class: "channels" });
  const limit = view.limits.layers[layer.number].kernel;
  const products = largestIn(channels.flatMap((channel) => channel.products));
  /** @type {(part: Net.Channel) => HTMLElement} */
  const draw = (part) => {
    const name = previous.kind === "image" ? (previous.shape[2] === 1 ? "Input" : ["Red", "Green", "Blue"][part.channel]) : `Map ${part.channel + 1}`;
    const values = part.cells.map((cell) => cell.value);
    const card = element("div", { class: "channel" },
      grid(name, values, layer.size, inputColor(view, previous, part.channel), { onClick: (at) => view.select(inputUnit(previous, part.cells[at], part.channel)) }),
      element("span", { class: "sign" }, "×"),
      grid(channels.length === 1 ? "Kernel" : `Kernel, channel ${part.channel + 1}`, part.weights, layer.size, (value) => signedColor(view.table, value, limit)),
      element("span", { class: "sign" }, "="),
      grid(`Sum ${exact(part.subtotal)}`, part.products, layer.size, (value) => signedColor(view.table, value, products)));
    linkCells(card);
    return card;
  };
  return withMore(box, channels, MOST_CHANNELS, draw, "channels");
}

/**
 * Pointing at a cell shows the cells that belong to it in the tables beside it.
 *
 * @type {(card: HTMLElement) => void}
 */
function linkCells(card) {
  /** @type {(event: Event, on: boolean) => void} */
  const mark = (event, on) => {
    const at = event.target instanceof HTMLElement ? event.target.dataset.at : undefined;
    if (at === undefined) return;
    for (const cell of card.querySelectorAll(`td[data-at="${at}"]`)) cell.classList.toggle("together", on);
  };
  card.onpointerover = (event) => mark(event, true);
  card.onpointerout = (event) => mark(event, false);
}

/** @type {(view: Net.View, layer: Net.ConvolutionLayer, filter: number) => HTMLElement} */
function filterKernels(view, layer, filter) {
  const box = element("div", { class: "channels" });
  const channels = layer.weights.kernel.shape[2];
  const limit = view.limits.layers[layer.number].kernel;
  /** @type {(channel: number) => HTMLElement} */
  const draw = (channel) => {
    const weights = Array.from({ length: layer.size ** 2 }, (_, at) =>
      kernelAt(layer, Math.floor(at / layer.size), at % layer.size, channel, filter));
    return grid(channels === 1 ? "Kernel" : `Channel ${channel + 1}`, weights, layer.size, (value) => signedColor(view.table, value, limit));
  };
  const all = Array.from({ length: channels }, (_, channel) => channel);
  withMore(box, all, MOST_CHANNELS, draw, "channels");
  return element("div", {}, box, element("p", { class: "sum" }, `Bias ${exact(weightsIn(layer.bias)[filter])}`));
}

/** @type {(view: Net.View, receipt: Net.ReceiptOf<"pooling">) => HTMLElement} */
function pooledWindow(view, { layer, previous, unit, cells, winner }) {
  const values = cells.map((cell) => cell.value);
  const onClick = (/** @type {number} */ at) => view.select(inputUnit(previous, cells[at], unit.channel));
  return grid("Window", values, layer.size, inputColor(view, previous, unit.channel), { marked: winner, onClick });
}

/** @type {(view: Net.View, receipt: Pick<Net.Difference, "previous" | "terms" | "bias">, weights?: string) => HTMLElement} */
function denseTerms(view, { previous, terms, bias }, weights = "weight") {
  const largest = Math.max(largestIn(terms.map((term) => term.product)), Math.abs(bias) || 0);
  const body = element("tbody");
  /** @type {(name: string, value: string, weight: string, product: number) => HTMLTableRowElement} */
  const line = (name, value, weight, product) => {
    const bar = element("div", { class: product < 0 ? "bar negative" : "bar positive" });
    bar.style.width = `${largest > 0 && Number.isFinite(product) ? (50 * Math.abs(product)) / largest : 0}%`;
    const cells = [name, value, weight, number(product)].map((text) => element("td", {}, text));
    return element("tr", {}, ...cells, element("td", { class: "signed" }, bar));
  };
  /** @type {(term: Net.Term) => HTMLElement} */
  const draw = (term) => {
    const row = line("", number(term.value), number(term.weight), term.product);
    row.cells[0].append(link(view, sourceUnit(view.network, previous, term.from), sourceName(view.network, previous, term.from)));
    return row;
  };
  /** @type {(rest: Net.Term[]) => HTMLElement[]} */
  const restLine = (rest) => {
    if (!rest.length) return [];
    const row = line(`${rest.length} more`, "", "", total(rest.map((term) => term.product)));
    const more = element("button", { type: "button", class: "more" }, rest.length > MORE_TERMS ? `show ${MORE_TERMS} more` : "show");
    more.onclick = () => row.replaceWith(...rest.slice(0, MORE_TERMS).map(draw), ...restLine(rest.slice(MORE_TERMS)));
    row.cells[0].append(" ", more);
    row.cells[4].replaceChildren(); // together they may be more than the largest, which has the longest bar
    return [row];
  };
  body.append(...terms.slice(0, MOST_TERMS).map(draw), ...restLine(terms.slice(MOST_TERMS)), line("Bias", "", "", bias));
  const titles = ["from", "value", weights, "product"].map((title) => element("th", { scope: "col" }, title));
  return element("table", { class: "terms" }, element("thead", {}, element("tr", {}, ...titles, element("td"))), body);
}

/**
 * The class that a class is compared with: the one that was chosen for that, else the most probable other one.
 *
 * @type {(view: Pick<Net.View, "network" | "state">, unit: Net.Unit) => Net.Unit}
 */
export function comparedWith({ network, state: { other } }, unit) {
  return other === undefined || other === unit.channel ? runnerUp(network, unit) : { ...unit, channel: other };
}

/**
 * Why this class and not another: the sum that is the difference of their logits.
 *
 * @type {(view: Net.View, unit: Net.Unit) => HTMLElement}
 */
function differenceView(view, unit) {
  const { state, head: { classes } } = view;
  const compared = comparedWith(view, unit);
  const difference = differenceReceipt(view.network, unit, compared);
  if (!difference) return element("div");
  const [own, other] = [unit, compared].map(({ channel }) => classes[channel]);
  const options = classes.flatMap((name, at) => (at === unit.channel ? [] : [element("option", { value: String(at), selected: at === compared.channel }, name)]));
  const select = element("select", { class: "tool" }, ...options);
  select.setAttribute("aria-label", `Compare ${own} with`);
  select.onchange = () => {
    state.other = Number(select.value);
    view.repaint();
    view.receipt.querySelector("select")?.focus({ preventScroll: true });
  };
  const question = element("p", {}, "Why ", element("b", {}, own), " and not ", select, "? Each value times the difference of its two weights:");
  const line = element("p", { class: "difference" }, differenceLine(difference, own, other));
  return element("div", { class: "why" }, question, line, denseTerms(view, difference, `weight for ${own} − for ${other}`));
}

/** @type {(view: Net.View, receipt: Net.ReceiptOf<"softmax">) => HTMLElement} */
function softmaxSteps(view, { classes, logits, largest, exponentials, sum, shares, unit, previous }) {
  const body = element("tbody");
  classes.forEach((name, at) => {
    const logit = link(view, { layer: previous.number, channel: at, row: null, column: null }, exact(logits[at]));
    const numbers = [logits[at] - largest, exponentials[at], shares[at]].map((value) => element("td", {}, exact(value)));
    const row = element("tr", { class: at === unit.channel ? "chosen" : "" }, element("th", { scope: "row" }, name), element("td", {}, logit), ...numbers);
    body.append(row);
  });
  const foot = element("tr", {}, element("th", { scope: "row" }, "Sum"), ...["", "", exact(sum), exact(total(shares))].map((text) => element("td", {}, text)));
  body.append(foot);
  const titles = ["class", "logit", "less the largest", "e to that", "divided by the sum"].map((title) => element("th", { scope: "col" }, title));
  return element("table", { class: "terms" }, element("thead", {}, element("tr", {}, ...titles)), body);
}

/**
 * The last line of every receipt: the sum above against the number that Keras itself comes to.
 *
 * @type {(view: Net.View, receipt: Net.NumberReceipt) => HTMLElement}
 */
function kerasLine(view, { layer, unit, computed, kind }) {
  if (kind === "image") return element("p", { class: "keras" }, "The first number of all: nothing has been computed yet.");
  const { keras } = view;
  if (!view.head.comparesKeras) return element("p", { class: "keras" }, `Recomputed ${exact(computed)}. The Inspect page compares it with Keras's own number.`);
  if (keras?.fault) return element("p", { class: "keras" }, keras.fault);
  const elsewhere = view.network !== view.received;
  if (elsewhere) return element("p", { class: "keras waiting" }, `Recomputed ${exact(computed)} · Keras is asked where the epochs come to rest`);
  if (keras?.layer !== layer.number) return element("p", { class: "keras waiting" }, `Recomputed ${exact(computed)} · asking Keras …`);
  const theirs = keras.numbers[unitIndex(layer, unit)];
  const same = Object.is(computed, theirs) || (Number.isNaN(computed) && Number.isNaN(theirs));
  const difference = same ? "0" : Math.abs(computed - theirs).toExponential(1).replace("-", "−");
  return element("p", { class: "keras" }, `Recomputed ${exact(computed)} · Keras ${exact(theirs)} · difference ${difference}`);
}

/** @type {(view: Net.View, receipt: Net.Receipt) => HTMLElement} */
function textVersion(view, receipt) {
  const text = element("pre", {});
  const box = element("details", { class: "text-version" }, element("summary", {}, "As text"), text);
  box.ontoggle = () => (text.textContent = receiptText(view.network, receipt));
  box.open = Boolean(view.state.textOpen);
  if (box.open) text.textContent = receiptText(view.network, receipt);
  box.addEventListener("toggle", () => (view.state.textOpen = box.open));
  return box;
}
