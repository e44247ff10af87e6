// Maps of one image side by side. Pointing at a place in one shows its value and outlines it in all.

import { isDark, signedColor, signedTable } from "./colors.js";
import { element, query, rootOf, svg } from "./elements.js";
import { arrowOf } from "./keys.js";
import { unpack } from "./message.js";
import { number } from "./numbers.js";
import { cellUnder, paint } from "./pixels.js";
import { scaleBar } from "./tables.js";

const HINT = "Point at a place, or press an arrow key on a map.";

/**
 * See HeatMap of heat_map.py. `values`, `marks` and the second of `details` are where numbers start; of
 * each row and column of cells `centers` is its middle in the image and `spans` what it sees; `nearest`
 * is the cell that each row and column of the image belongs to, -1 for none.
 *
 * @typedef {{
 *   title: string,
 *   what: string,
 *   limit: string,
 *   facts: string[],
 *   values: number,
 *   largest: number,
 *   centers: number[],
 *   spans: [number, number][],
 *   nearest: number[],
 *   measure: string,
 *   ends: string[],
 *   details: [string, number][],
 *   marks: number | null,
 *   marked: string,
 *   grid: string | null,
 *   overlaid: boolean,
 * }} HeatMap
 * @typedef {Pick<HeatMap, "title" | "what" | "limit" | "facts">} Words
 * @typedef {{
 *   maps: (HeatMap | Words)[],
 *   floats: number,
 *   shape: [number, number, number],
 *   classes: string[],
 *   palettes: Ui.Palettes,
 * }} Head
 *
 * A card with a map: its readout, what draws the outline in each picture, and the cell it is at.
 *
 * @typedef {{
 *   map: HeatMap,
 *   readout: HTMLElement,
 *   outlines: ((at: Ui.Cell | null) => void)[],
 *   at: Ui.Cell | null,
 * }} Card
 * @typedef {{
 *   head: Head,
 *   numbers: Float32Array,
 *   image: Uint8Array,
 *   table: Ui.Rgb[],
 *   cards: Card[],
 * }} View
 *
 * What is pointed at: a pixel of the image, or a cell of the map.
 *
 * @typedef {{ pixel: Ui.Cell, cell?: undefined } | { cell: Ui.Cell, pixel?: undefined }} Place
 */

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data } = component;
  const root = rootOf(component, "heat-map");
  /** @type {{ head: Head, body: Uint8Array }} */
  const { head, body } = unpack(data);
  /** @type {View} */
  const view = {
    head,
    numbers: new Float32Array(body.buffer, 0, head.floats),
    image: body.subarray(4 * head.floats),
    table: signedTable(isDark(root) ? head.palettes.dark : head.palettes.light),
    cards: [],
  };
  root.replaceChildren(element("div", { class: "cards" }, ...head.maps.map((map) => cardOf(view, map))));
}

/** @type {(view: View, map: HeatMap | Words) => HTMLElement} */
function cardOf(view, map) {
  const head = element("div", {}, element("h3", {}, map.title), element("p", {}, map.what));
  const rest = element("div");
  if ("values" in map) {
    const readout = element("p", { class: "readout" }, HINT);
    /** @type {Card} */
    const made = { map, readout, outlines: [], at: null };
    view.cards.push(made);
    rest.append(pictures(view, made), legend(view, map), readout);
  }
  const facts = map.facts.map((fact) => element("li", {}, fact));
  rest.append(element("ul", { class: "facts" }, ...facts), element("p", { class: "limit" }, map.limit));
  return element("section", { class: "card" }, head, rest);
}

/** @type {(view: View, card: Card) => HTMLElement} */
function pictures(view, card) {
  const { map } = card;
  const [height, width, channels] = view.head.shape;
  const cells = map.spans.length;
  /** @type {Ui.ColorOf} */
  const pixels = (row, column) => {
    const at = (row * width + column) * channels;
    return [0, 1, 2].map((part) => view.image[at + (channels === 3 ? part : 0)]);
  };
  /** @type {Ui.ColorOf} */
  const color = (row, column) => signedColor(view.table, view.numbers[map.values + row * cells + column], map.largest);
  /** @type {Ui.ColorOf} */
  const overlaid = (row, column) => {
    const [down, across] = [map.nearest[row], map.nearest[column]];
    return down < 0 || across < 0 ? null : color(down, across);
  };
  /** @type {(row: number, column: number) => Place} */
  const pixel = (row, column) => ({ pixel: { row, column } });
  /** @type {(row: number, column: number) => Place} */
  const cell = (row, column) => ({ cell: { row, column } });
  const dots = map.grid && map.overlaid ? map.centers.flatMap((y) => map.centers.map((x) => circle("dot", x + 0.5, y + 0.5, width / 100))) : [];
  const box = element("div", { class: "pictures" });
  box.append(picture(view, card, "The image", height, pixels, pixel, dots, spanBox(map)));
  const caption = map.grid ? "Laid on the image" : "The map";
  if (map.overlaid) box.append(picture(view, card, caption, height, overlaid, pixel, marks(view, map), spanBox(map)));
  if (map.grid) box.append(picture(view, card, map.grid, cells, color, cell, [], (at) => [at.column, at.row, 1, 1]));
  const frame = query(box, "figure:last-child .frame");
  frame.tabIndex = 0;
  frame.setAttribute("aria-label", `${map.title}: ${map.facts.join(" ")}`);
  frame.onkeydown = (event) => step(view, card, event);
  return box;
}

/**
 * One square picture: what it shows, what a place in it stands for, what is drawn over it.
 *
 * @type {(view: View, card: Card, caption: string, side: number, color: Ui.ColorOf, place: (row: number, column: number) => Place, over: Element[], outlined: (at: Ui.Cell) => number[]) => HTMLElement}
 */
function picture(view, card, caption, side, color, place, over, outlined) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  paint(canvas, side, side, color);
  const drawing = svg("svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" });
  const outline = svg("rect", { class: "outline", visibility: "hidden" });
  drawing.append(...over, outline);
  card.outlines.push((at) => {
    outline.setAttribute("visibility", at ? "visible" : "hidden");
    if (!at) return;
    const [x, y, wide, tall] = outlined(at);
    for (const [name, value] of Object.entries({ x, y, width: wide, height: tall })) outline.setAttribute(name, String(value));
  });
  const gaps = card.map.nearest.includes(-1) ? " gaps" : "";
  const frame = element("div", { class: `frame${gaps}`, role: "img" }, canvas, drawing);
  frame.setAttribute("aria-label", `${card.map.title}: ${caption}`);
  frame.onpointermove = frame.onpointerdown = (event) => {
    const found = cellUnder(event, canvas);
    if (found) show(view, card, place(found.row, found.column));
  };
  frame.onpointerleave = (event) => {
    if (event.pointerType === "mouse") show(view, card, null); // a finger leaves when it is lifted
  };
  return element("figure", {}, frame, element("figcaption", {}, caption));
}

/** @type {(map: HeatMap) => (at: Ui.Cell) => number[]} */
function spanBox(map) {
  return ({ row, column }) => {
    const [[top, bottom], [left, right]] = [map.spans[row], map.spans[column]];
    return [left, top, right - left, bottom - top];
  };
}

/** @type {(view: View, map: HeatMap) => Element[]} */
function marks(view, map) {
  if (map.marks === null) return [];
  const size = map.spans.length;
  const radius = Math.max(0.15, Math.min(0.45, (map.centers[1] - map.centers[0]) / 4 || 0.45));
  /** @type {Element[]} */
  const found = [];
  for (let at = 0; at < size * size; at++) {
    const [row, column] = [Math.floor(at / size), at % size];
    if (view.numbers[map.marks + at] >= 0) found.push(circle("mark", map.centers[column] + 0.5, map.centers[row] + 0.5, radius));
  }
  return found;
}

/** @type {(view: View, map: HeatMap) => HTMLElement} */
function legend(view, map) {
  const scale = scaleBar(view.table, map.largest, map.ends.length > 0);
  const ends = map.ends.map((end) => element("span", {}, end));
  return element("div", { class: "legend" }, ...scale, element("div", { class: "ends" }, ...ends), element("div", { class: "measure" }, map.measure));
}

/**
 * Show the value of a place, given as a pixel of the image or a cell of the active card's map, in every card.
 *
 * @type {(view: View, active: Card, place: Place | null) => void}
 */
function show(view, active, place) {
  const pixel = place?.pixel ?? (place && middle(active.map, place.cell));
  for (const card of view.cards) {
    const { nearest } = card.map;
    const at = pixel && ((card === active && place?.cell) || { row: nearest[pixel.row], column: nearest[pixel.column] });
    card.at = at && at.row >= 0 && at.column >= 0 ? at : null;
    for (const outline of card.outlines) outline(card.at);
    if (card === active) card.readout.setAttribute("role", "status");
    else card.readout.removeAttribute("role");
    card.readout.textContent = card.at ? sentence(view, card.map, card.at) : pixel ? "No cell that is centered near this pixel sees it." : HINT;
  }
}

/** @type {(map: HeatMap, cell: Ui.Cell) => Ui.Cell} */
function middle(map, cell) {
  const [row, column] = [cell.row, cell.column].map((at) => Math.floor((map.spans[at][0] + map.spans[at][1] - 1) / 2));
  return { row, column };
}

/** @type {(view: View, map: HeatMap, at: Ui.Cell) => string} */
function sentence(view, map, { row, column }) {
  const at = row * map.spans.length + column;
  /** @type {(span: [number, number], word: string) => string} */
  const range = ([first, after], word) => (after - first === 1 ? `${word} ${after}` : `${word}s ${first + 1}–${after}`);
  const where = `${range(map.spans[row], "row")}, ${range(map.spans[column], "column")}`;
  const cell = map.grid ? `Cell ${row + 1}, ${column + 1} sees ${where}` : where[0].toUpperCase() + where.slice(1);
  /** @type {[string, number][]} */
  const readings = [[map.measure, map.values], ...map.details];
  const values = readings.map(([label, start]) => `${label} ${number(view.numbers[start + at])}`);
  const mark = map.marks === null ? -1 : view.numbers[map.marks + at];
  if (mark >= 0) values.push(`${map.marked} ${view.head.classes[mark]}`);
  return `${cell}: ${values.join(" · ")}`;
}

/** @type {(view: View, card: Card, event: KeyboardEvent) => void} */
function step(view, card, event) {
  const move = arrowOf(event);
  if (!move) return;
  event.preventDefault();
  const last = card.map.spans.length - 1;
  const from = card.at ?? { row: Math.floor(last / 2), column: Math.floor(last / 2) };
  const [row, column] = [from.row + move[0], from.column + move[1]].map((at) => Math.max(0, Math.min(last, at)));
  show(view, card, { cell: { row, column } });
}

/** @type {(kind: string, cx: number, cy: number, r: number) => SVGElement} */
function circle(kind, cx, cy, r) {
  return svg("circle", { class: kind, cx, cy, r });
}
