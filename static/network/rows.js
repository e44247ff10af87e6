// The whole network on a narrow screen: a row for each layer, which is swiped sideways, below the prediction.

import { element, svg } from "../elements.js";
import { contextOf, paint } from "../pixels.js";
import { mapColor, unitColor } from "./color.js";
import { droppedLines } from "./effect.js";
import { contributionsNow, fadedMaps, isFocused, layersInField, legend, outlines } from "./glance_focus.js";
import { classLine, fillClasses, hasHatching, hatchingNote, place, rangeOf } from "./glance_labels.js";
import { drawHatching } from "./hatching.js";
import { numbersOf, regionOf } from "./layers.js";
import { nearestUnit, regionBoxes, unitBox } from "./layout.js";
import { linkScrolling } from "./linked_views.js";
import { CAPTION, rowPicture, rowsOf, scrolledTo } from "./rows_layout.js";
import { pick } from "./sheet.js";
import { sweptOnly } from "./sweep.js";

/**
 * @typedef {import("./rows_layout.js").Row} Row
 * @typedef {import("./contributions.js").Contributions} Contributions
 *
 * The row of a layer on the page; what is traced lies over its picture.
 * @typedef {{ column: Row, card: HTMLElement, swipe: HTMLElement, drawing: HTMLElement, picture: HTMLCanvasElement,
 *   scale: HTMLElement, over: SVGElement, contributions: SVGElement, faded: SVGElement, boxes: SVGElement }} RowView
 */

const MOST_LEADING = 3; // classes that stay in view
const NUMBER_ROOM = 18; // pixels of a map's number
const BAR = 6; // pixels
const UNIT_BAR = 4;

/**
 * Lays the network out in `width` pixels.
 *
 * @type {(view: Net.View, glance: Net.Glance, width: number) => Net.GlanceParts}
 */
export function rowsParts(view, glance, width) {
  const { layers } = view.network;
  const dropped = droppedLines(view.network);
  const layout = { columns: rowsOf(layers, width) };
  view.root.style.setProperty("--header", `${headerHeight()}px`);
  const lines = view.head.classes.map(classLine);
  const leading = view.head.classes.map(classLine);
  const rows = layout.columns.map((column) => rowView(view, column, dropped[column.shown], lines));
  for (const { column, swipe } of rows) {
    if (column.width <= width) continue;
    swipe.tabIndex = 0;
    swipe.classList.add("overflows");
    const { name } = layers[column.shown];
    linkScrolling(view, swipe, (other) => other.glance.parts?.swipeOf?.(name));
  }
  const rowOf = (/** @type {number} */ layer) => rows.find(({ column }) => column.layers.includes(layer));
  /** @type {RowView | undefined} */
  let swept; // where the kernel was last
  /** @type {Net.GlanceParts} */
  const parts = {
    layout,
    legend: element("div", { class: "legend-line" }),
    measure: "longer",
    focused: null,
    pulse: svg("g", { class: "pulse" }),
    overlayOf: (layer) => rowOf(layer)?.over,
    swipeOf: (name) => rows.find(({ column }) => layers[column.shown].name === name)?.swipe,
    paint: () => {
      for (const row of rows) paintRow(view, row);
      fillClasses(view, lines);
      fillClasses(view, leading);
      showLeading(view, leading);
    },
    paintSwept: () => {
      const row = rowOf(view.state.selected?.layer ?? -1);
      for (const painted of new Set([swept, row])) if (painted) paintRow(view, painted);
      swept = row;
    },
    focus: (unit, regions) => {
      if (isFocused(view, glance, parts, unit)) return;
      const contributions = contributionsNow(view, glance, unit);
      const traced = unit ? layersInField(view, layout, unit, regions) : [];
      for (const row of rows) {
        const layer = traced.find(({ number }) => row.column.layers.includes(number));
        row.boxes.replaceChildren(...(layer ? outlines(layout, layer, regions[layer.number], layer.number === unit?.layer) : []));
        row.faded.replaceChildren(...(layer ? fadedMaps(layout, layer, regions[layer.number]) : []));
        row.contributions.replaceChildren(...(contributions ? marksOf(row.column, contributions) : []));
      }
      parts.legend.replaceChildren(...legend(view, glance, parts, unit, contributions));
    },
    reveal: (unit) => {
      const row = rowOf(unit.layer);
      const [box] = regionBoxes(layout, layers[unit.layer], regionOf(layers[unit.layer], unit));
      if (!row || !box) return;
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      row.card.scrollIntoView({ block: "nearest", behavior });
      const { scrollLeft, clientWidth } = row.swipe;
      const left = scrolledTo(box, scrollLeft, clientWidth);
      if (left !== scrollLeft) row.swipe.scrollTo({ left, behavior });
    },
    unitNear: ({ clientX, clientY }, reach) => {
      const found = rows.flatMap(({ column, drawing }) => {
        const { left, top } = drawing.getBoundingClientRect();
        return nearestUnit({ columns: [column] }, layers, clientX - left, clientY - top, reach) ?? [];
      });
      return found.sort((one, other) => one.distance - other.distance)[0]?.unit ?? null;
    },
  };
  const hint = element("p", { class: "touch-hint" }, "Tap a number for the arithmetic that made it. Hold to magnify.");
  const cards = rows.map(({ card }) => card);
  glance.root.replaceChildren(predictionBox(view, leading), hint, parts.legend, ...cards, ...hatchingNote(view, dropped));
  return parts;
}

/**
 * What Streamlit's header covers of the page.
 *
 * @type {() => number}
 */
const headerHeight = () => document.querySelector("[data-testid=stHeader]")?.clientHeight ?? 0;

/**
 * The most probable classes, which stay in view while the layers are scrolled.
 *
 * @type {(view: Net.View, leading: Net.ClassLine[]) => HTMLElement}
 */
function predictionBox(view, leading) {
  const layer = view.network.layers.length - 1;
  const buttons = leading.map(({ box }, channel) => {
    const onclick = () => pick(view, { layer, channel, row: null, column: null });
    return element("button", { type: "button", onclick }, box);
  });
  const made = element("div", { class: "prediction", role: "group" }, ...buttons);
  made.setAttribute("aria-label", "The most probable classes");
  return made;
}

/** @type {(view: Net.View, leading: Net.ClassLine[]) => void} */
function showLeading(view, leading) {
  const shown = leadingClasses(numbersOf(view.network.layers[view.network.layers.length - 1]), view.head.truth);
  leading.forEach(({ box: { parentElement } }, at) => {
    if (!parentElement) return;
    parentElement.hidden = !shown.includes(at);
    parentElement.style.order = String(shown.indexOf(at));
  });
}

/**
 * The classes with the largest probabilities, the largest first; the last is the actual class where it is not among them.
 *
 * @type {(numbers: Float32Array, truth: number | null) => number[]}
 */
export function leadingClasses(numbers, truth) {
  const order = [...numbers.keys()].sort((one, other) => numbers[other] - numbers[one] || 0); // some may not be numbers
  const shown = order.slice(0, MOST_LEADING);
  if (truth !== null && !shown.includes(truth)) shown[shown.length - 1] = truth;
  return shown;
}

/** @type {(view: Net.View, column: Row, dropped: Net.Dropped, lines: Net.ClassLine[]) => RowView} */
function rowView(view, column, dropped, lines) {
  const group = (/** @type {string} */ name) => svg("g", { class: name });
  const picture = element("canvas", { "aria-hidden": "true" });
  const [contributions, faded, boxes] = [group("contributions"), group("faded"), group("receptive-field")];
  const over = svg("svg", { width: column.width, height: column.height, "aria-hidden": "true" }, ...numbersBelow(column), faded, contributions, boxes);
  const drawing = element("div", { class: "drawing" }, picture);
  place(drawing, { width: column.width, height: column.height });
  place(picture, { width: column.width, height: column.tiles[0]?.height ?? column.height });
  picture.classList.toggle("crisp", column.type === "units" || column.tiles.some(({ crisp }) => crisp));
  if (hasHatching(dropped)) drawing.append(hatchingOver(column, dropped));
  if (column.type === "classes") {
    lines.forEach(({ box }, at) => place(box, unitBox(column, at)));
    drawing.append(...lines.map(({ box }) => box));
  }
  drawing.append(over);
  const swipe = element("div", { class: "swipe", role: "group" }, drawing);
  swipe.setAttribute("aria-label", column.title);
  const scale = element("div", { class: column.layers[0] ? "scale signed" : "scale" });
  const titles = column.layers.map((at) => view.network.layers[at].title).join(", ");
  const onclick = () => view.openLayers(column.layers, 0);
  const title = element("button", { type: "button", class: "layer-title", title: `Open large: ${titles}`, onclick }, element("b", {}, column.title), ` ${column.note}`);
  const card = element("section", { class: "row" }, element("div", { class: "row-head" }, title, scale), swipe);
  return { column, card, swipe, drawing, picture, scale, over, contributions, faded, boxes };
}

/** @type {(column: Row) => SVGElement[]} */
function numbersBelow({ tiles }) {
  if (tiles.length < 2) return [];
  return tiles.map(({ channel, x, y, height }) => {
    const label = svg("text", { class: "number", x, y: y + height + CAPTION - 4 });
    label.textContent = String(channel + 1);
    return label;
  });
}

/** @type {(column: Row, dropped: Net.Dropped) => HTMLCanvasElement} */
function hatchingOver({ tiles, width, height }, dropped) {
  const canvas = element("canvas", { width, height, "aria-hidden": "true" });
  const context = contextOf(canvas);
  for (const tile of tiles) drawHatching(context, tile, dropped);
  return canvas;
}

/** @type {(view: Net.View, row: RowView) => void} */
function paintRow(view, { column, picture, scale }) {
  const layer = view.network.layers[column.shown];
  if (column.type === "classes") return;
  if (!layer.numbers) {
    scale.replaceChildren("too many values for the browser");
    return;
  }
  scale.textContent = rangeOf(layer, layer.numbers);
  const colors = column.type === "units"
    ? [unitColor(view, layer, column.across)]
    : column.tiles.map(({ channel }) => sweptOnly(view, layer, channel, mapColor(view, layer, channel)));
  const { height, width, color } = rowPicture(column, layer.shape, colors);
  paint(picture, height, width, color);
}

/**
 * What each map or unit contributes: a bar below it.
 *
 * @type {(column: Row, contributions: Contributions) => SVGElement[]}
 */
export function marksOf(column, { target, parts }) {
  const largest = Math.max(...parts.map(({ amount }) => Math.abs(amount)));
  const single = column.tiles.length === 1; // the image
  if (!column.layers.includes(target.layer - 1) || column.layers.includes(target.layer) || single || !(largest > 0)) return [];
  return parts.map(({ channel, amount }) => {
    const share = Math.abs(amount) / largest;
    const kind = amount >= 0 ? "raises" : "lowers";
    if (column.type === "units") {
      const { x, y, width, height } = unitBox(column, channel);
      return svg("rect", { class: kind, x, y: y + height - UNIT_BAR - 1, width: Math.max(1, share * (width - 1)), height: UNIT_BAR });
    }
    const { x, y, width, height } = column.tiles[channel];
    const room = width - NUMBER_ROOM;
    return svg("rect", { class: kind, x: x + NUMBER_ROOM, y: y + height + (CAPTION - BAR) / 2, width: Math.max(1, share * room), height: BAR });
  });
}
