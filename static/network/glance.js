// The whole network on one screen: every layer as a column, painted on one canvas.

import { element, svg } from "../elements.js";
import { paint, sharpContext } from "../pixels.js";
import { kernelColor, mapColor, unitColor } from "./color.js";
import { strongestMaps } from "./contributions.js";
import { showDetail } from "./detail.js";
import { droppedLines } from "./effect.js";
import { focus } from "./glance_focus.js";
import { classLine, fillClasses, hatchingNote, place, rangeOf } from "./glance_labels.js";
import { linksOf } from "./glance_lines.js";
import { drawHatching } from "./hatching.js";
import { isFilter } from "./layers.js";
import { layoutOf, nearestUnit, regionBoxes, unitBox } from "./layout.js";
import { addMagnifier } from "./magnifier.js";
import { rowsParts } from "./rows.js";
import { keyPressed } from "./selection.js";
import { pick } from "./sheet.js";

/**
 * @typedef {import("./layout.js").Box} Box
 * @typedef {import("./layout.js").Column} Column
 * @typedef {import("./layout.js").Layout} Layout
 */

const NARROWEST = 440; // pixels; on less the layers stand below each other
const WIDE = 1500; // pixels from which the receipt is beside the network
const SIDE = 490; // pixels of the receipt then
const TOUCH_REACH = 12; // pixels from a finger to the nearest number
const MOST_SHOWN = 8; // maps of a layer that has too many
const HEIGHT = { least: 280, most: 480, share: 0.52, small: 0.34 }; // pixels, and of the window
const SCRATCH_CANVAS = document.createElement("canvas");
const LABEL =
  "The whole network. Arrows move the chosen cell, Page Up and Page Down change the map, Shift with left and right the layer, Escape closes the receipt.";

/**
 * The part of the view that shows all layers at once. `build` lays it out, `paint` draws the numbers, `focus`
 * traces one of them.
 *
 * @type {(view: Net.View) => Net.Glance}
 */
export function glanceOf(view) {
  const root = element("div", { class: "glance", tabIndex: 0, role: "group" });
  root.setAttribute("aria-label", LABEL);
  /** @type {Net.Glance} */
  const glance = {
    root,
    parts: null,
    builtFor: 0,
    room: 0,
    words: element("p", { class: "words" }),
    compares: false,
    pointer: null,
    build: () => build(view, glance),
    paint: () => glance.parts?.paint(),
    focus: (unit, regions, text) => glance.parts?.focus(unit, regions, text),
  };
  root.onkeydown = (event) => keyPressed(view, event);
  addPointerEvents(view, glance);
  new ResizeObserver(() => {
    const width = view.root.clientWidth;
    if (!width || width === glance.builtFor || !view.network) return;
    rebuild(view, glance);
  }).observe(view.root);
  return glance;
}

/** @type {(view: Net.View, glance: Net.Glance) => void} */
function rebuild(view, glance) {
  glance.build();
  showDetail(view);
  view.repaint();
}

/** @type {(view: Net.View, glance: Net.Glance) => void} */
function build(view, glance) {
  const { root } = view;
  const width = root.clientWidth;
  const shown = width > 0 && isWholeNetwork(view);
  const narrow = width < NARROWEST;
  const wide = shown && width >= WIDE;
  glance.builtFor = width;
  glance.room = wide ? width - SIDE : width;
  root.classList.toggle("has-overview", shown && !narrow);
  root.classList.toggle("has-rows", shown && narrow);
  root.classList.toggle("wide", wide);
  root.style.gridTemplateColumns = `${glance.room}px minmax(0, 1fr)`;
  const parts = narrow ? rowsParts : overviewParts;
  glance.parts = shown ? parts(view, glance, glance.room) : null;
}

/**
 * A part of a network, enlarged or with a receipt that follows the pointer, is not shown as an overview.
 *
 * @type {(view: Pick<Net.View, "head" | "network">) => boolean}
 */
export function isWholeNetwork({ head, network: { layers } }) {
  const whole = layers[layers.length - 1].output && !layers.some((layer) => layer.hidden);
  return Boolean(head.enlarged === 1 && !head.follows && whole);
}

/** @type {(view: Net.View, width: number) => Layout} */
function layoutFor(view, width) {
  const share = view.head.small ? HEIGHT.small : HEIGHT.share;
  const height = Math.round(Math.max(HEIGHT.least, Math.min(HEIGHT.most, share * window.innerHeight)));
  // By the numbers that Python sent, not by those of an epoch that plays: no map changes its place.
  const strongest = (/** @type {number} */ layer) => strongestMaps(view.received.layers[layer], MOST_SHOWN);
  return layoutOf(view.network.layers, { width, height, strongest });
}

/** @type {(view: Net.View, glance: Net.Glance, width: number) => Net.OverviewParts} */
function overviewParts(view, glance, width) {
  const layout = layoutFor(view, width);
  const group = (/** @type {string} */ name) => svg("g", { class: name });
  const canvas = element("canvas", { "aria-hidden": "true" });
  /** @type {Net.OverviewParts} */
  const parts = {
    layout,
    measure: "wider",
    dropped: droppedLines(view.network),
    canvas,
    curves: group("contributions"),
    faded: group("faded"),
    boxes: group("receptive-field"),
    pulse: group("pulse"),
    scales: new Map(),
    classes: [],
    tip: element("div", { class: "tip", hidden: true }),
    legend: element("div", { class: "legend-line" }),
    focused: null,
    overlayOf: () => above,
    paint: () => paintAll(view, parts),
    focus: (unit, regions, text) => focus(view, glance, parts, unit, regions, text),
    unitNear: ({ clientX, clientY }, reach) => {
      const { left, top } = canvas.getBoundingClientRect();
      return nearestUnit(layout, view.network.layers, clientX - left, clientY - top, reach)?.unit ?? null;
    },
  };
  const size = { width: layout.width, height: layout.height, "aria-hidden": "true" };
  const below = svg("svg", size, svg("g", { class: "links" }, ...linksOf(layout)), parts.curves);
  const above = svg("svg", size, parts.faded, parts.boxes);
  const labels = layout.columns.flatMap((column) => labelsOf(view, parts, column));
  const drawing = element("div", { class: "drawing" }, below, parts.canvas, above, ...labels, parts.tip);
  place(drawing, { width: layout.width, height: layout.height });
  const every = element("button", { type: "button", class: "link", onclick: () => view.openLayers([]) }, "Every layer, large");
  const hatched = hatchingNote(view, layout.columns.map(({ shown }) => parts.dropped[shown]));
  glance.root.replaceChildren(drawing, parts.legend, every, ...hatched);
  return parts;
}

/**
 * The title of a column, its scale, the numbers of its maps, how many of them are not shown, or its classes.
 *
 * @type {(view: Net.View, parts: Net.OverviewParts, column: Column) => HTMLElement[]}
 */
function labelsOf(view, parts, column) {
  const { layout } = parts;
  const made = [titleOf(view, column, layout.scales)];
  if (column.type === "classes") {
    parts.classes = view.head.classes.map(classLine);
    parts.classes.forEach(({ box }, at) => place(box, unitBox(column, at)));
    return [...made, ...parts.classes.map((line) => line.box)];
  }
  if (layout.scales) {
    const scale = element("div", { class: column.layers[0] ? "scale signed" : "scale" });
    place(scale, { x: column.center, y: layout.bottom + 6 });
    parts.scales.set(column.shown, scale);
    made.push(scale);
  }
  const numbered = column.layers[0] > 0 && (column.convolution !== null || column.hiddenTiles > 0);
  for (const tile of numbered ? column.tiles : []) {
    const label = element("div", { class: "map-number" }, String(tile.channel + 1));
    place(label, { x: tile.x - 3, y: tile.y - 3 });
    made.push(label);
  }
  if (column.more) {
    const others = element("button", { type: "button", class: "others", onclick: () => openColumn(view, column) }, `${column.hiddenTiles} more`);
    place(others, column.more);
    made.push(others);
  }
  return made;
}

/** @type {(view: Net.View, column: Column, shape: boolean) => HTMLElement} */
function titleOf(view, column, shape) {
  const name = element("b", {}, column.title);
  const content = shape ? [name, element("span", {}, column.note)] : [name];
  const titles = column.layers.map((at) => view.network.layers[at].title).join(", ");
  const onclick = () => openColumn(view, column);
  const button = element("button", { type: "button", class: "title", title: `Open large: ${titles}`, onclick }, ...content);
  place(button, { x: column.center });
  return button;
}

/** @type {(view: Net.View, column: Column) => void} */
const openColumn = (view, column) => view.openLayers(column.layers, column.center);

/** @type {(view: Net.View, parts: Net.OverviewParts) => void} */
function paintAll(view, parts) {
  const { layout, canvas } = parts;
  place(canvas, { width: layout.width, height: layout.height });
  const context = sharpContext(canvas, layout.width, layout.height, window.devicePixelRatio || 1);
  drawPictures(context, layout.columns.flatMap((column) => picturesOf(view, column)));
  for (const column of layout.columns) {
    const layer = view.network.layers[column.shown];
    if (!layer.numbers) continue;
    for (const tile of column.tiles) drawHatching(context, tile, parts.dropped[layer.number]);
    const scale = parts.scales.get(column.shown);
    if (scale) scale.textContent = rangeOf(layer, layer.numbers);
  }
  fillClasses(view, parts.classes);
}

/**
 * Cells to be drawn in a box; they are `crisp` where each is at least two pixels wide.
 *
 * @typedef {{ box: Box, shape: number[], color: Ui.ColorOf, crisp: boolean }} Picture
 */

/** @type {(view: Net.View, column: Column) => Picture[]} */
function picturesOf(view, column) {
  const layer = view.network.layers[column.shown];
  if (!layer.numbers || column.type === "classes") return [];
  if (column.type === "units") {
    return [{ box: column, shape: [column.rows, column.across], color: unitColor(view, layer, column.across), crisp: true }];
  }
  const convolution = column.convolution === null ? null : view.network.layers[column.convolution];
  return column.tiles.flatMap((tile) => {
    const map = { box: tile, shape: layer.shape, color: mapColor(view, layer, tile.channel), crisp: tile.crisp };
    if (convolution?.kind !== "convolution" || !convolution.kernel) return [map];
    const { shape } = convolution.weights.kernel;
    const kernels = tile.kernels.map((kernel) => ({ box: kernel, shape, color: kernelColor(view, convolution, tile.channel, kernel.channel), crisp: true }));
    return [map, ...kernels];
  });
}

/** @type {(context: CanvasRenderingContext2D, pictures: Picture[]) => void} */
function drawPictures(context, pictures) {
  // Many small canvases take longer than one. But smoothing would mix what is on it.
  drawTogether(context, pictures.filter(({ crisp }) => crisp));
  for (const picture of pictures.filter(({ crisp }) => !crisp)) drawTogether(context, [picture]);
}

/**
 * Draws pictures from one canvas that has them below each other.
 *
 * @type {(context: CanvasRenderingContext2D, pictures: Picture[]) => void}
 */
function drawTogether(context, pictures) {
  if (!pictures.length) return;
  /** @type {({ picture: Picture, row: number } | null)[]} */
  const rows = [];
  const tops = pictures.map((picture) => {
    if (rows.length) rows.push(null); // a gap
    for (let row = 0; row < picture.shape[0]; row++) rows.push({ picture, row });
    return rows.length - picture.shape[0];
  });
  paint(SCRATCH_CANVAS, rows.length, Math.max(...pictures.map(({ shape }) => shape[1])), (at, column) => {
    const line = rows[at];
    return line && column < line.picture.shape[1] ? line.picture.color(line.row, column) : null;
  });
  context.imageSmoothingQuality = "high";
  pictures.forEach(({ box, shape: [height, width], crisp }, at) => {
    context.imageSmoothingEnabled = !crisp;
    context.drawImage(SCRATCH_CANVAS, 0, tops[at], width, height, box.x, box.y, box.width, box.height);
  });
}

/**
 * Mark the cell that a visitor is asked to click.
 *
 * @type {(view: Net.View) => void}
 */
export function showPulse({ glance: { parts }, head, network }) {
  if (!parts) return;
  const { pulse } = head;
  const layer = network.layers.find(({ name }) => name === pulse?.layer);
  parts.pulse.replaceChildren();
  parts.pulse.remove();
  if (!pulse || !layer || pulse.row === null || pulse.column === null) return;
  const region = { rows: [pulse.row, pulse.row + 1], columns: [pulse.column, pulse.column + 1], channel: pulse.channel };
  for (const { x, y, width, height } of regionBoxes(parts.layout, layer, region)) {
    parts.pulse.append(svg("rect", { x: x - 4, y: y - 4, width: width + 8, height: height + 8, rx: 2 }));
  }
  parts.overlayOf(layer.number)?.append(parts.pulse);
}

/** @type {(view: Net.View, glance: Net.Glance) => void} */
function addPointerEvents(view, glance) {
  const { root } = glance;
  let reach = 0;
  /** @type {(unit: Net.Unit) => void} */
  const choose = (unit) => {
    const column = glance.parts?.layout.columns.find(({ convolution }) => convolution === unit.layer);
    pick(view, unit);
    if (column && isFilter(view.network.layers[unit.layer], unit)) openColumn(view, column);
  };
  root.onpointerdown = ({ pointerType }) => (reach = pointerType === "touch" ? TOUCH_REACH : 0);
  root.onpointermove = (event) => {
    if (!glance.parts || event.pointerType === "touch") return;
    const { left, top } = root.getBoundingClientRect();
    glance.pointer = { x: event.clientX - left + root.scrollLeft, y: event.clientY - top };
    const unit = glance.parts.unitNear(event, 0);
    root.style.cursor = unit ? "pointer" : "";
    view.hover(unit);
  };
  root.onpointerleave = () => {
    glance.pointer = null;
    view.hover(null);
  };
  root.onclick = (event) => {
    const unit = /** @type {Element} */ (event.target).closest("button") ? null : glance.parts?.unitNear(event, reach);
    if (unit) choose(unit);
  };
  addMagnifier(view, root, (touch, within) => glance.parts?.unitNear(touch, within) ?? null, choose);
}
