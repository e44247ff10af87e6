// The network at work on one image: a time line, the strip of layers, and the receipt of one number.

import { isNewChoice, SEND_DELAY, sendChoice, wantsChoice } from "./choices.js";
import { gradientOf, isDark, signedTable } from "./colors.js";
import { element, rootOf } from "./elements.js";
import { unpack } from "./message.js";
import { cellFields } from "./network/cell_fields.js";
import { limitsOf } from "./network/color.js";
import { bringIntoView, buildDetail, isOutside, openLayers, repaintDetail, showDetail } from "./network/detail.js";
import { glanceOf, showPulse } from "./network/glance.js";
import { showWords } from "./network/glance_labels.js";
import { showHeadline } from "./network/headline.js";
import { weightsOf } from "./network/kept_weights.js";
import { networkOf, sameUnit, unitText } from "./network/layers.js";
import { receiptView } from "./network/receipt_view.js";
import { keyPressed, showFocus } from "./network/selection.js";
import { addSwipe, closeSheet, hasSheet, isSheetOpen, openSheet } from "./network/sheet.js";
import { SPEEDS, sweepOf } from "./network/sweep.js";
import { buildTimeline, filmOf, filmOn, nearest, receiveEpoch, showEpoch, stopFilm } from "./network/timeline.js";

/** @type {WeakMap<Node, Net.View>} */
const views = new WeakMap(); // per instance, for what is chosen and shown outlasts a message

/** @type {(component: Ui.Instance) => (() => void) | undefined} */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = rootOf(component, "network-view");
  /** @type {{ head: Net.Head, body: Uint8Array }} */
  const { head, body } = unpack(data);
  const numbers = new Float32Array(body.buffer, 0, Math.floor(body.byteLength / 4));
  const row = (/** @type {string} */ name) => {
    const [start, count] = head.rows[name] ?? [0, 0];
    return numbers.subarray(start, start + count);
  };
  const weights = weightsOf(head.weightsName, head.rows.weights ? row("weights") : null);
  if (!weights) {
    setTriggerValue("missing", head.weightsName);
    return undefined;
  }
  const view = views.get(parentElement) ?? newView(root);
  views.set(parentElement, view);
  view.send = setTriggerValue;
  receive(view, head, row, weights);
  return () => {
    if (parentElement.isConnected) return; // only this message is over: a newer one has come
    view.sweep.stop();
    stopFilm(view);
    clearTimeout(view.sendTimer);
    clearTimeout(view.epochTimer);
  };
}

/** @type {(root: HTMLElement) => Net.View} */
function newView(root) {
  const view = /** @type {Net.View} */ ({ root, state: { selected: null }, choices: {}, hovered: null, builtStructure: null, editor: null });
  view.sweep = sweepOf(view);
  view.hover = (unit) => {
    const moved = !sameUnit(unit, view.hovered);
    view.hovered = unit;
    showFocus(view);
    if (moved && view.head.follows) drawReceipt(view);
  };
  view.select = (unit) => select(view, unit);
  view.openLayers = (layers, from) => openLayers(view, layers, from);
  view.glance = glanceOf(view);
  view.repaint = () => repaint(view);
  view.repaintSwept = () => {
    view.glance.parts?.paintSwept?.();
    repaintDetail(view);
  };
  view.drawTools = () => drawTools(view);
  return view;
}

/**
 * A message changes what it must: the cards only for another network, the colors only for other numbers.
 *
 * @type {(view: Net.View, head: Net.Head, row: (name: string) => Float32Array, weights: Float32Array) => void}
 */
function receive(view, head, row, weights) {
  view.head = head;
  view.received = networkOf(head, row("values"), weights);
  if (head.rows.film) view.film = filmOf(head, row("film"), row("values").length, weights.length);
  const shapes = JSON.stringify(head.layers.map(({ name, shape }) => [name, shape]));
  if (shapes !== view.builtShapes) view.state = { ...view.state, opened: null, sheetOpen: false }; // they were another network's
  view.builtShapes = shapes;
  const structure = JSON.stringify([head.layers, head.classes, head.timeline?.run, head.timeline?.kept, head.timeline?.marks]);
  const rebuilt = structure !== view.builtStructure;
  receiveEpoch(view, rebuilt);
  const film = filmOn(view);
  const { epoch } = view.state;
  const network = film && epoch !== undefined ? film.network(nearest(film.epochs, epoch)) : view.received;
  receiveKernel(view, row("trained"), weights, rebuilt);
  view.network = view.editor?.drafted(network) ?? network;
  const chosen = receiveSelection(view, rebuilt);
  receiveKeras(view, row("keras"));
  if (rebuilt || head.other !== null) view.state.other = head.other ?? undefined;
  view.root.classList.toggle("follows", Boolean(head.follows));
  const dark = isDark(view.root);
  const look = `${head.drawn} ${dark} ${Boolean(film)}`;
  if (rebuilt) build(view);
  if (rebuilt || look !== view.look) {
    if (view.dark !== dark) {
      view.table = signedTable(dark ? head.palettes.dark : head.palettes.light);
      view.root.style.setProperty("--signed", gradientOf(view.table));
    }
    view.dark = dark;
    view.limits = limitsOf(film ? film.epochs.map(film.network) : [view.network]);
    repaint(view);
  } else drawReceipt(view);
  view.builtStructure = structure;
  view.look = look;
  showEpoch(view);
  showPulse(view);
  if (rebuilt) bringIntoView(view);
  // What was asked for elsewhere on the page.
  if (head.other !== null || (chosen && view.editor)) view.receipt.scrollIntoView({ block: "nearest" });
}

/**
 * Kernels that are being typed go before those of a message, which may be older.
 *
 * @type {(view: Net.View, trained: Float32Array, weights: Float32Array, rebuilt: boolean) => void}
 */
function receiveKernel(view, trained, weights, rebuilt) {
  view.trained = trained.length ? networkOf(view.head, trained, weights) : null;
  if (rebuilt) view.editor = null;
  isNewChoice(view, "kernel", null, rebuilt);
}

/** @type {(view: Net.View, numbers: Float32Array) => void} */
function receiveKeras(view, numbers) {
  const { keras, selected, layers } = view.head;
  const layer = numbers.length && selected ? layers.findIndex(({ name }) => name === selected.layer) : null;
  view.keras = keras && { fault: keras.fault, layer, numbers };
}

/**
 * Python's choice is taken up when it is a new one, which is returned, not when it echoes what was chosen here before.
 *
 * @type {(view: Net.View, rebuilt: boolean) => boolean}
 */
function receiveSelection(view, rebuilt) {
  const { selected, layers } = view.head;
  const layer = layers.findIndex(({ name }) => name === selected?.layer);
  const unit = selected && layer >= 0 ? { layer, channel: selected.channel, row: selected.row, column: selected.column } : null;
  const text = unit ? unitText(view.network.layers[layer], unit) : "none";
  const chosen = isNewChoice(view, "unit", text, rebuilt);
  if (chosen) {
    view.state.selected = unit;
    clearTimeout(view.sendTimer);
    // A choice that was not sent yet counts, unless Python has made a newer one.
    if (view.unsent && rebuilt) view.send("unit", { token: "", value: view.unsent });
    view.unsent = null;
  }
  return chosen && !rebuilt;
}

/** @type {(view: Net.View, unit: Net.Unit | null) => void} */
function select(view, unit) {
  if (sameUnit(unit, view.state.selected)) return;
  const before = view.state.selected;
  view.state.selected = unit;
  const sweptAway = view.sweep.on && (!unit || unit.layer !== before?.layer || unit.channel !== before?.channel);
  if (sweptAway) view.sweep.end();
  else if (view.sweep.on) view.repaintSwept();
  view.hovered = null;
  if (unit && isOutside(view, unit.layer)) view.openLayers(null);
  if (!unit) closeSheet(view);
  showFocus(view);
  if (unit) view.glance.parts?.reveal?.(unit);
  bringIntoView(view);
  drawReceipt(view);
  drawTools(view);
  if (!wantsChoice(view, "unit")) return;
  clearTimeout(view.sendTimer);
  view.unsent = unit ? unitText(view.network.layers[unit.layer], unit) : "none";
  view.sendTimer = setTimeout(() => {
    sendChoice(view, "unit", view.unsent);
    view.unsent = null;
  }, SEND_DELAY);
}

/** @type {(view: Net.View) => void} */
function build(view) {
  view.readout = element("div", { class: "readout", role: "status" });
  view.tools = element("div", { class: "tools" });
  view.receipt = element("div", { class: "body", tabIndex: 0, role: "region" });
  view.receipt.setAttribute("aria-label", "The arithmetic of the chosen number");
  view.fields = cellFields(view);
  buildDetail(view);
  const bar = element("div", { class: "bar" }, view.readout, view.fields.root, view.tools);
  view.dock = element("div", { class: "dock" }, bar, view.receipt);
  view.dock.classList.toggle("open", isSheetOpen(view));
  addSwipe(view, bar);
  const side = element("div", { class: "side" }, view.glance.words, view.dock);
  const timeline = buildTimeline(view);
  view.root.onkeydown = (event) => {
    if (event.key === "Escape") keyPressed(view, event);
  };
  view.glance.build();
  showDetail(view);
  view.root.replaceChildren(...(timeline ? [timeline] : []), view.glance.root, view.detail, side);
}

/** @type {(view: Net.View) => void} */
function repaint(view) {
  if (!view.glance.root.hidden) view.glance.paint();
  repaintDetail(view);
  showWords(view);
  showHeadline(view);
  showFocus(view);
  drawReceipt(view);
  drawTools(view);
}

/** @type {(view: Net.View) => void} */
function drawReceipt(view) {
  view.fields.show();
  const { selected } = view.state;
  const followed = selected && view.head.follows && Number.isInteger(view.hovered?.row);
  const unit = followed ? view.hovered : selected;
  if (view.editor && sameUnit(unit, view.editor.unit)) {
    view.editor.refresh(); // in place, for somebody may be typing
    return;
  }
  view.editor?.close();
  view.editor = null;
  view.receipt.hidden = !unit;
  // It stays scrolled as it was. To ask how far would have the browser lay out the page at once.
  view.receipt.replaceChildren(...(unit ? [receiptView(view, unit)] : []));
}

/** @type {(view: Net.View) => void} */
function drawTools(view) {
  /** @type {(text: string, label: string, act: () => void) => HTMLButtonElement} */
  const button = (text, label, act) => {
    const made = element("button", { type: "button", class: "tool", onclick: act }, text);
    made.setAttribute("aria-label", label);
    made.title = label;
    return made;
  };
  const { sweep, tools } = view;
  const parts = [];
  const closed = Boolean(view.state.selected) && hasSheet(view) && !isSheetOpen(view);
  if (closed) parts.push(button("▲ Arithmetic", "Show the arithmetic of this number", () => openSheet(view)));
  if (sweep.possible) {
    const speed = element("select", { class: "tool" }, ...Object.keys(SPEEDS).map((name) => element("option", { value: name, selected: name === sweep.speed }, name)));
    speed.setAttribute("aria-label", "Speed of the sweep");
    speed.onchange = () => sweep.setSpeed(speed.value);
    parts.push(
      button(sweep.playing ? "❚❚ Pause" : "▶ Sweep", "Move the window over the whole map (Space)", sweep.toggle),
      button("‹", "One cell back", () => sweep.step(-1)),
      button("›", "One cell on", () => sweep.step(1)),
      speed,
    );
    const whole = button("Whole map", "End the sweep", sweep.end);
    whole.classList.toggle("unused", !sweep.on); // its place is kept
    parts.push(whole);
  }
  if (view.state.selected) {
    const close = () => (isSheetOpen(view) ? closeSheet(view) : select(view, null));
    const cross = button("✕", closed ? "Choose no number (Escape)" : "Close the receipt (Escape)", close);
    cross.classList.add("close");
    parts.push(cross);
  }
  tools.replaceChildren(...parts);
}
