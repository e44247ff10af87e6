// Maps of one image side by side. Pointing at a place in one tells and outlines it in all.

import { isDark, signedColor, signedTable } from "./colors.js";
import { element } from "./elements.js";
import { unpack } from "./message.js";
import { number } from "./numbers.js";
import { cellUnder, paint } from "./pixels.js";
import { scaleBar } from "./tables.js";

const HINT = "Point at a place, or press an arrow key on a map.";

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".heat-map");
  const { head, body } = unpack(data);
  const view = {
    head,
    numbers: new Float32Array(body.buffer, 0, head.floats),
    image: body.subarray(4 * head.floats),
    table: signedTable(isDark(root) ? head.palettes.dark : head.palettes.light),
  };
  view.cards = head.maps.map((map) => card(view, map));
  root.replaceChildren(element("div", { class: "cards" }, ...view.cards.map((one) => one.node)));
}

function card(view, map) {
  const made = { map, readout: null, outlines: [], at: null };
  const head = element("div", {}, element("h4", {}, map.title), element("p", {}, map.what));
  const rest = element("div");
  if (map.values !== undefined) {
    made.readout = element("p", { class: "readout" }, HINT);
    rest.append(pictures(view, made), legend(view, map), made.readout);
  }
  const facts = map.facts.map((fact) => element("li", {}, fact));
  rest.append(element("ul", { class: "facts" }, ...facts), element("p", { class: "limit" }, map.limit));
  made.node = element("section", { class: "card" }, head, rest);
  return made;
}

function pictures(view, card) {
  const { map } = card;
  const [height, width, channels] = view.head.shape;
  const cells = map.spans.length;
  const pixels = (row, column) => {
    const at = (row * width + column) * channels;
    return [0, 1, 2].map((part) => view.image[at + (channels === 3 ? part : 0)]);
  };
  const color = (row, column) => signedColor(view.table, view.numbers[map.values + row * cells + column], map.largest);
  const laid = (row, column) => {
    const [down, across] = [map.nearest[row], map.nearest[column]];
    return down < 0 || across < 0 ? null : color(down, across);
  };
  const pixel = (row, column) => ({ pixel: { row, column } });
  const cell = (row, column) => ({ cell: { row, column } });
  const dots = map.grid && map.laid ? map.centers.flatMap((y) => map.centers.map((x) => circle("dot", x + 0.5, y + 0.5, width / 100))) : [];
  const box = element("div", { class: "pictures" });
  box.append(picture(view, card, "The image", height, pixels, pixel, dots, spanBox(map)));
  const caption = map.grid ? "Laid on the image" : "The map";
  if (map.laid) box.append(picture(view, card, caption, height, laid, pixel, marks(view, map), spanBox(map)));
  if (map.grid) box.append(picture(view, card, map.grid, cells, color, cell, [], (at) => [at.column, at.row, 1, 1]));
  const frame = box.lastChild.querySelector(".frame");
  frame.tabIndex = 0;
  frame.setAttribute("aria-label", `${map.title}: ${map.facts.join(" ")}`);
  frame.onkeydown = (event) => step(view, card, event);
  return box;
}

// One square picture: what it shows, what a place in it stands for, what is drawn over it.
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
    for (const [name, value] of Object.entries({ x, y, width: wide, height: tall })) outline.setAttribute(name, value);
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

function spanBox(map) {
  return ({ row, column }) => {
    const [[top, bottom], [left, right]] = [map.spans[row], map.spans[column]];
    return [left, top, right - left, bottom - top];
  };
}

function marks(view, map) {
  if (map.marks === null) return [];
  const size = map.spans.length;
  const radius = Math.max(0.15, Math.min(0.45, (map.centers[1] - map.centers[0]) / 4 || 0.45));
  const found = [];
  for (let at = 0; at < size * size; at++) {
    const [row, column] = [Math.floor(at / size), at % size];
    if (view.numbers[map.marks + at] >= 0) found.push(circle("mark", map.centers[column] + 0.5, map.centers[row] + 0.5, radius));
  }
  return found;
}

function legend(view, map) {
  const scale = scaleBar(view.table, map.largest, map.signed);
  return element("div", { class: "legend" }, ...scale, element("div", { class: "measure" }, map.measure));
}

// Tell a place, given as a pixel of the image or a cell of the active card's map, in every card.
function show(view, active, place) {
  const pixel = place?.pixel ?? (place && middle(active.map, place.cell));
  for (const card of view.cards) {
    if (!card.readout) continue;
    const { nearest } = card.map;
    const at = pixel && ((card === active && place.cell) || { row: nearest[pixel.row], column: nearest[pixel.column] });
    card.at = at && at.row >= 0 && at.column >= 0 ? at : null;
    for (const outline of card.outlines) outline(card.at);
    if (card === active) card.readout.setAttribute("role", "status");
    else card.readout.removeAttribute("role");
    card.readout.textContent = card.at ? told(view, card.map, card.at) : pixel ? "No cell that is centered near this pixel sees it." : HINT;
  }
}

function middle(map, cell) {
  const [row, column] = [cell.row, cell.column].map((at) => Math.floor((map.spans[at][0] + map.spans[at][1] - 1) / 2));
  return { row, column };
}

function told(view, map, { row, column }) {
  const at = row * map.spans.length + column;
  const range = ([first, after], word) => (after - first === 1 ? `${word} ${after}` : `${word}s ${first + 1}–${after}`);
  const where = `${range(map.spans[row], "row")}, ${range(map.spans[column], "column")}`;
  const cell = map.grid ? `Cell ${row + 1}, ${column + 1} sees ${where}` : where[0].toUpperCase() + where.slice(1);
  const values = [[map.measure, map.values], ...map.details].map(([label, start]) => `${label} ${number(view.numbers[start + at])}`);
  const mark = map.marks === null ? -1 : view.numbers[map.marks + at];
  if (mark >= 0) values.push(`${map.marked} ${view.head.classes[mark]}`);
  return `${cell}: ${values.join(" · ")}`;
}

function step(view, card, event) {
  const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!move) return;
  event.preventDefault();
  const last = card.map.spans.length - 1;
  const from = card.at ?? { row: Math.floor(last / 2), column: Math.floor(last / 2) };
  const [row, column] = [from.row + move[0], from.column + move[1]].map((at) => Math.max(0, Math.min(last, at)));
  show(view, card, { cell: { row, column } });
}

function circle(kind, cx, cy, r) {
  return svg("circle", { class: kind, cx, cy, r });
}

function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
