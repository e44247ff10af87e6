// The whole network on one screen: every layer as a column, and what made the number that is looked at.

import { element } from "../elements.js";
import { number, percent } from "../numbers.js";
import { paint } from "../pixels.js";
import { kernelColor, mapColor, unitColor } from "./color.js";
import { hasMaps, sameUnit, unitName, valueAt } from "./layers.js";
import { layoutOf, regionBoxes, unitAt, unitBox } from "./layout.js";
import { keyPressed } from "./selection.js";
import { differenceOf, predictedUnit, storyOf, strongestMaps } from "./story.js";
import { predictionInWords, runnerUp } from "./words.js";

/** @typedef {import("./layout.js").Box} Box */
/** @typedef {import("./layout.js").Column} Column */
/** @typedef {import("./layout.js").Layout} Layout */
/** @typedef {import("./layout.js").Tile} Tile */
/** @typedef {import("./story.js").Unit} Unit */

const NARROWEST = 440; // pixels; on less the layers below each other are the only view
const MOST_LINES = 128; // between two layers; more are drawn as one band
const SHOWN = 8;
const EASEL = document.createElement("canvas");

/**
 * The part of the view that shows all layers at once. `build` lays it out, `paint` draws the numbers, `focus`
 * traces one of them; where there is no room it is empty.
 * @param {any} view
 */
export function glanceOf(view) {
  const root = element("div", { class: "glance", tabIndex: 0, role: "group" });
  root.setAttribute("aria-label", "The whole network. Arrows move the chosen cell, Page Up and Page Down change the map, Shift with left and right the layer, Escape closes the receipt.");
  const glance = {
    root,
    /** @type {Layout | null} */
    layout: null,
    build: () => build(view, glance),
    paint: () => glance.layout && paintAll(view, glance),
    /** @param {Unit | null} unit @param {any[]} regions @param {string} text */
    focus: (unit, regions, text) => glance.layout && focus(view, glance, unit, regions, text),
  };
  root.onkeydown = (event) => keyPressed(view, event);
  react(view, glance);
  new ResizeObserver(() => {
    const width = root.parentElement?.clientWidth;
    if (!width || width === glance.builtFor) return;
    build(view, glance);
    glance.paint();
    view.point(null);
  }).observe(view.root);
  return glance;
}

function build(view, glance) {
  const width = view.root.clientWidth;
  glance.builtFor = width;
  const shown = width >= NARROWEST && isWholeNetwork(view);
  glance.root.hidden = !shown;
  view.root.classList.toggle("surveyed", shown);
  if (!shown && view.large) view.large.open = true; // they are all there is to see
  glance.layout = shown ? layoutFor(view, width) : null;
  if (!glance.layout) return glance.root.replaceChildren();
  const { layout } = glance;
  glance.focused = null;
  glance.canvas = element("canvas", { "aria-hidden": "true" });
  glance.links = svg("g", { class: "links" });
  glance.story = svg("g", { class: "story" });
  glance.veil = svg("g", { class: "veil" });
  glance.boxes = svg("g", { class: "seen" });
  glance.pulse = svg("g", { class: "pulse" });
  const lines = svg("svg", { width: layout.width, height: layout.height, class: "behind", "aria-hidden": "true" }, glance.links, glance.story);
  const above = svg("svg", { width: layout.width, height: layout.height, "aria-hidden": "true" }, glance.veil, glance.boxes, glance.pulse);
  drawLinks(layout, glance.links);
  const drawing = element("div", { class: "drawing" }, lines, glance.canvas, above, ...layout.columns.flatMap((column) => labels(view, glance, column)));
  drawing.style.width = `${layout.width}px`;
  drawing.style.height = `${layout.height}px`;
  glance.classes = layout.columns.filter((column) => column.type === "classes").map((column) => classLines(view, column));
  drawing.append(...glance.classes.flatMap((lines) => lines.map((line) => line.box)));
  glance.tip = element("div", { class: "tip", hidden: true });
  glance.legend = element("div", { class: "legend-line" });
  glance.words = element("p", { class: "words" });
  drawing.append(glance.tip);
  glance.root.replaceChildren(drawing, glance.legend, glance.words);
  return undefined;
}

// A part of a network, enlarged or with a receipt that follows the pointer, has layers to read, not to survey.
function isWholeNetwork({ head, network: { layers } }) {
  return head.enlarged === 1 && !head.follows && layers[layers.length - 1].output && !layers.some((layer) => layer.hidden);
}

function layoutFor(view, width) {
  const { layers } = view.network;
  const height = Math.round(Math.max(280, Math.min(480, 0.52 * window.innerHeight)));
  const chosen = new Map();
  // By the numbers that Python told, not by those of an epoch that plays: no map changes its place.
  const strongest = (layer) => {
    if (!chosen.has(layer)) chosen.set(layer, strongestMaps(view.told.layers[layer], SHOWN));
    return chosen.get(layer);
  };
  return layoutOf(layers, { width, height, open: view.state.open ?? null, strongest });
}

function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

// From left to right, level at both ends.
function curve(x1, y1, x2, y2) {
  const middle = (x1 + x2) / 2;
  return `M${x1},${y1}C${middle},${y1} ${middle},${y2} ${x2},${y2}`;
}

const middleOf = (box) => box.y + box.height / 2;
const extent = (column) => {
  if (column.type === "units") return [column.y, column.y + column.height];
  if (column.type === "classes") {
    const last = unitBox(column, column.rows - 1);
    return [unitBox(column, 0).y, last.y + last.height];
  }
  return [Math.min(...column.tiles.map((tile) => tile.y)), Math.max(...column.tiles.map((tile) => tile.y + tile.height))];
};
const leftOf = (tile) => (tile.kernels[0] ?? tile).x;

function drawLinks(layout, group) {
  for (const { from, to, kind } of layout.links) {
    const [left, right] = [layout.columns[from], layout.columns[to]];
    if (kind === "each" && left.across === 1) {
      for (const tile of right.tiles) {
        const before = left.tiles.find((one) => one.channel === tile.channel);
        if (before) group.append(svg("path", { d: `M${before.x + before.width + 2},${middleOf(before)}H${tile.x - 2}` }));
      }
    } else if (kind === "all" && left.across === 1 && right.across === 1 && left.tiles.length * right.tiles.length <= MOST_LINES) {
      for (const tile of right.tiles) {
        for (const before of left.tiles) {
          group.append(svg("path", { class: "many", d: curve(before.x + before.width + 2, middleOf(before), leftOf(tile) - 3, middleOf(tile)) }));
        }
      }
    } else group.append(band(left, right));
    for (const tile of right.tiles.filter((one) => one.kernels.length)) {
      const last = tile.kernels[tile.kernels.length - 1];
      group.append(svg("path", { d: `M${last.x + last.width + 1},${middleOf(tile)}H${tile.x - 1}` }));
    }
  }
}

// Everything before with everything after: one translucent band, never a sample of lines.
function band(left, right) {
  const [x1, x2] = [left.x + left.width + 2, right.x - 3];
  const [[top1, bottom1], [top2, bottom2]] = [extent(left), extent(right)];
  const middle = (x1 + x2) / 2;
  const d = `M${x1},${top1}C${middle},${top1} ${middle},${top2} ${x2},${top2}L${x2},${bottom2}C${middle},${bottom2} ${middle},${bottom1} ${x1},${bottom1}Z`;
  return svg("path", { class: "band", d });
}

// The title of a column, its scale, the numbers of its maps, and how many maps are not shown.
function labels(view, glance, column) {
  const layer = view.network.layers[column.shown];
  const names = column.layers.map((at) => view.network.layers[at].title);
  const block = blockOf(view, column);
  const opens = column.type === "maps" && (column.layers.length > 1 || block === view.state.open);
  const title = element(opens ? "button" : "div", { class: "title", title: names.join(", ") }, element("b", {}, column.title), ...(glance.layout.scales ? [element("span", {}, column.note)] : []));
  if (opens) {
    title.type = "button";
    title.setAttribute("aria-expanded", String(block === view.state.open));
    title.onclick = () => {
      view.state.open = block === view.state.open ? null : block;
      glance.build();
      glance.paint();
      view.point(null);
    };
  }
  title.style.left = `${column.center}px`;
  const made = [title];
  if (column.type !== "classes" && glance.layout.scales) {
    column.scale = element("div", { class: "scale" });
    column.scale.style.left = `${column.center}px`;
    column.scale.style.top = `${glance.layout.bottom + 6}px`;
    made.push(column.scale);
  }
  if (column.type === "maps" && layer.kind !== "image" && (column.convolution !== null || column.hiddenTiles)) {
    for (const tile of column.tiles) {
      const label = element("div", { class: "map-number" }, String(tile.channel + 1));
      label.style.left = `${tile.x - 3}px`;
      label.style.top = `${tile.y - 3}px`;
      made.push(label);
    }
  }
  if (column.more) {
    const more = element("div", { class: "others" }, `${column.hiddenTiles} more`);
    Object.assign(more.style, { left: `${column.more.x}px`, top: `${column.more.y}px`, width: `${column.more.width}px`, height: `${column.more.height}px` });
    made.push(more);
  }
  return made;
}

// The number of the block that a column belongs to, from 0; null before the first convolution.
function blockOf(view, column) {
  const before = view.network.layers.slice(0, column.layers[0] + 1).filter((layer) => layer.kind === "convolution");
  return before.length ? before.length - 1 : null;
}

function classLines(view, column) {
  return view.head.classes.map((name, at) => {
    const place = unitBox(column, at);
    const value = element("span", { class: "amount" });
    const bar = element("div", { class: "fill" });
    const box = element("div", { class: "class-line", title: name }, element("div", { class: "line" }, element("span", {}, name), value), element("div", { class: "track" }, bar));
    Object.assign(box.style, { left: `${place.x}px`, top: `${place.y}px`, width: `${place.width}px`, height: `${place.height}px` });
    return { box, value, bar };
  });
}

function paintAll(view, glance) {
  const { layout, canvas } = glance;
  const sharp = window.devicePixelRatio || 1;
  canvas.width = Math.round(layout.width * sharp);
  canvas.height = Math.round(layout.height * sharp);
  canvas.style.width = `${layout.width}px`;
  canvas.style.height = `${layout.height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(sharp, 0, 0, sharp, 0, 0);
  for (const column of layout.columns) {
    const layer = view.network.layers[column.shown];
    if (!layer.numbers) continue;
    if (column.type === "maps") paintMaps(view, pen, column, layer);
    else if (column.type === "units") draw(pen, column, column.rows, column.across, unitColor(view, layer, column.across), true);
    if (column.scale) fillScale(view, column, layer);
  }
  glance.classes.forEach((lines) => fillClasses(view, lines));
  glance.words.replaceChildren(...predictionInWords(view.network).flatMap((pieces) => [...pieces.map((piece) => wordsOf(view, piece)), " "]));
}

// The cell that a visitor is asked to click.
export function showPulse(view) {
  const { layout, pulse } = view.glance;
  if (!layout) return;
  const unit = view.head.pulse;
  const layer = unit && view.network.layers.find((one) => one.name === unit.layer);
  const region = layer && { rows: [unit.row, unit.row + 1], columns: [unit.column, unit.column + 1], channel: unit.channel };
  const boxes = region ? regionBoxes(layout, layer, region) : [];
  pulse.replaceChildren(...boxes.map(({ x, y, width, height }) => svg("rect", { x: x - 4, y: y - 4, width: width + 8, height: height + 8, rx: 2 })));
}

function wordsOf(view, piece) {
  if (typeof piece === "string") return piece;
  return element("button", { type: "button", class: "named", onclick: () => view.select(piece.unit) }, piece.text);
}

function paintMaps(view, pen, column, layer) {
  const [height, width] = layer.shape;
  for (const tile of column.tiles) {
    draw(pen, tile, height, width, mapColor(view, layer, tile.channel), tile.crisp);
    const convolution = view.network.layers[column.convolution];
    if (!convolution?.kernel) continue;
    const [side] = convolution.weights.kernel.shape;
    for (const kernel of tile.kernels) draw(pen, kernel, side, side, kernelColor(view, convolution, tile.channel, kernel.channel), true);
  }
}

function draw(pen, box, height, width, color, crisp) {
  paint(EASEL, height, width, color);
  pen.imageSmoothingEnabled = !crisp;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(EASEL, box.x, box.y, box.width, box.height);
}

function fillScale(view, column, layer) {
  if (layer.kind === "image") return column.scale.replaceChildren("0 to 1");
  const finite = layer.numbers.filter(Number.isFinite);
  const [low, high] = [finite.reduce((a, b) => Math.min(a, b), Infinity), finite.reduce((a, b) => Math.max(a, b), -Infinity)];
  const bar = element("div", { class: "bar" });
  bar.style.background = `linear-gradient(to right, ${view.table.filter((_, at) => at % 34 === 0).map((rgb) => `rgb(${rgb})`).join(", ")})`;
  column.scale.replaceChildren(bar, low <= high ? `${short(low)} to ${short(high)}` : "no number");
  return undefined;
}

function fillClasses(view, lines) {
  const values = view.network.layers[view.network.layers.length - 1].numbers;
  const predicted = predictedUnit(view.network)?.channel;
  lines.forEach(({ box, value, bar }, at) => {
    const tag = tagOf(at === predicted, at === view.head.truth);
    value.replaceChildren(Number.isFinite(values[at]) ? percent(values[at]) : "not a number", ...(tag ? [element("span", { class: `tag ${tag}` }, tag)] : []));
    bar.style.width = `${100 * Math.max(0, Math.min(1, values[at] || 0))}%`;
    box.classList.toggle("predicted", at === predicted);
  });
}

function tagOf(predicted, actual) {
  if (predicted) return actual ? "correct" : "predicted";
  return actual ? "actual" : "";
}

// The number that is looked at: what it is made of, in outlines and curves; without one, the prediction.
function focus(view, glance, unit, regions, text) {
  showTip(glance, view.pointed && unit, view.pointed ? text : "");
  const { layout, compares, focused } = glance;
  // A pointer that moves within a cell changes nothing, above all not the button that it is about to press.
  if (focused && sameUnit(unit, focused.unit) && focused.network === view.network && focused.compares === compares) return;
  glance.focused = { unit, network: view.network, compares };
  const story = unit ? storyOf(view.network, unit) : predictedStory(view, glance);
  glance.story.replaceChildren(...(story ? storyCurves(view, layout, story) : []));
  const outlines = unit ? outlinesOf(view, layout, unit, regions) : [];
  glance.boxes.replaceChildren(...outlines.map((box) => svg("rect", { ...box, class: box.own ? "own" : "" })));
  glance.veil.replaceChildren(...(unit ? veiled(view, layout, unit, regions).map((box) => svg("rect", { x: box.x, y: box.y, width: box.width, height: box.height })) : []));
  glance.root.classList.toggle("traced", Boolean(unit));
  glance.legend.replaceChildren(...legend(view, glance, unit, story));
}

function predictedStory(view, glance) {
  const unit = predictedUnit(view.network);
  if (!unit) return null;
  const difference = glance.compares && differenceOf(view.network, unit, runnerUp(view.network, unit));
  return difference || storyOf(view.network, unit);
}

// The question that the curves answer while nothing is pointed at: why this class, or why not the second.
function question(view, glance, story) {
  const predicted = predictedUnit(view.network);
  const names = view.head.classes;
  const why = ["Why ", element("b", {}, names[predicted.channel])];
  if (view.network.layers[predicted.layer].kind !== "softmax") return [element("span", {}, ...why, "?")];
  const second = names[runnerUp(view.network, predicted).channel];
  const toggle = element("button", { type: "button", class: "named" }, glance.compares ? `Why ${names[predicted.channel]}?` : `Why not ${second}?`);
  toggle.onclick = () => {
    glance.compares = !glance.compares;
    view.point(null);
    focus(view, glance, null, [], "");
    glance.legend.querySelector("button")?.focus({ preventScroll: true });
  };
  const asked = glance.compares ? element("span", {}, ...why, " and not ", element("b", {}, second), `? Logits apart by ${digits(story.difference)}`) : element("span", {}, ...why, "?");
  return [asked, toggle];
}

function storyCurves(view, layout, story) {
  const from = layout.columns.find((column) => column.layers.includes(story.of.layer - 1));
  const to = layout.columns.find((column) => column.layers.includes(story.of.layer));
  if (!from || !to || from === to) return [];
  const largest = Math.max(...story.parts.map((part) => Math.abs(part.amount)));
  if (!(largest > 0)) return [];
  const target = entry(to, story.path[0], story.of);
  return story.parts
    .map((part) => ({ part, place: exit(from, part.channel) }))
    .filter(({ place }) => place && target)
    .reverse() // the largest on top
    .map(({ part, place }) =>
      svg("path", {
        class: part.amount >= 0 ? "raises" : "lowers",
        d: curve(place.x, place.y, target.x, target.y),
        "stroke-width": (0.7 + 3.8 * (Math.abs(part.amount) / largest)).toFixed(2),
      }));
}

function exit(column, channel) {
  if (column.type !== "maps") {
    const box = unitBox(column, channel);
    return { x: column.x + column.width + 1, y: middleOf(box) };
  }
  const tile = column.tiles.length === 1 && !column.hiddenTiles ? column.tiles[0] : column.tiles.find((one) => one.channel === channel);
  return tile && { x: tile.x + tile.width + 2, y: middleOf(tile) };
}

function entry(column, asked, of) {
  if (column.type !== "maps") {
    const unit = column.type === "classes" ? asked : of;
    return { x: column.x - 3, y: middleOf(unitBox(column, unit.channel)) };
  }
  const tile = column.tiles.find((one) => one.channel === of.channel);
  return tile && { x: leftOf(tile) - 3, y: middleOf(tile) };
}

const isWhole = (layer, region) => (region.units ? region.units[1] - region.units[0] > 1 : region.rows[0] === 0 && region.columns[0] === 0 && region.rows[1] === layer.shape[0] && region.columns[1] === layer.shape[1] && region.channel === null);

// The last layer of each column that the number depends on.
function seenIn(view, layout, unit, regions) {
  return layout.columns
    .map((column) => column.layers.filter((at) => at <= unit.layer && regions[at]).pop())
    .filter((at) => at !== undefined)
    .map((at) => view.network.layers[at]);
}

function outlinesOf(view, layout, unit, regions) {
  return seenIn(view, layout, unit, regions)
    .filter((layer) => !isWhole(layer, regions[layer.number]))
    .flatMap((layer) => regionBoxes(layout, layer, regions[layer.number]).map((box) => ({ ...box, own: layer.number === unit.layer })));
}

// Maps that have no part in the number.
function veiled(view, layout, unit, regions) {
  return seenIn(view, layout, unit, regions).flatMap((layer) => {
    const { channel } = regions[layer.number];
    if (layer.kind === "image" || channel === null || channel === undefined) return [];
    const column = layout.columns.find((one) => one.layers.includes(layer.number));
    return column.tiles.filter((tile) => tile.channel !== channel);
  });
}

function legend(view, glance, unit, story) {
  const parts = [];
  const asked = unit ?? predictedUnit(view.network);
  if (!asked) return [];
  const layer = view.network.layers[asked.layer];
  const value = valueAt(layer, asked);
  const name = layer.output ? view.head.classes[asked.channel] : unitName(layer, asked, view.head.classes);
  if (!unit) parts.push(...question(view, glance, story));
  else if (layer.output) parts.push(element("span", {}, "Why ", element("b", {}, name), "?"));
  else parts.push(element("span", {}, name, value === undefined ? "" : " = ", element("b", {}, value === undefined ? "" : digits(value))));
  if (story) {
    parts.push(element("span", {}, element("i", { class: "raises" }), "raises it", element("i", { class: "lowers" }), "lowers it; the wider, the more"));
    if (story.rest.count) parts.push(element("span", {}, `${story.parts.length} strongest of ${story.parts.length + story.rest.count} drawn; the other ${story.rest.count} together: ${signed(story.rest.amount)}`));
  }
  if (unit && hasMaps(layer)) parts.push(element("span", {}, element("i", { class: "box" }), "what it is made of"));
  return parts;
}

// Two digits: 5.0, −0.012.
const short = (value) => (value === 0 || Math.abs(value) >= 10 || Math.abs(value) < 0.01 ? number(value) : value.toPrecision(2).replace("-", "−"));

// Four digits: 5.031, 0.0123.
const digits = (value) => (Number.isFinite(value) && value !== 0 && Math.abs(value) < 1e6 && Math.abs(value) >= 1e-3 ? String(Number(value.toPrecision(4))).replace("-", "−") : number(value));
const signed = (value) => `${value >= 0 ? "+" : ""}${digits(value)}`;

function showTip(glance, unit, text) {
  glance.tip.hidden = !unit || !glance.at;
  if (glance.tip.hidden) return;
  glance.tip.textContent = text;
  const right = glance.at.x > glance.layout.width / 2;
  glance.tip.style.left = right ? "auto" : `${glance.at.x + 14}px`;
  glance.tip.style.right = right ? `${glance.layout.width - glance.at.x + 14}px` : "auto";
  glance.tip.style.top = `${glance.at.y + 14}px`;
}

function react(view, glance) {
  const under = (event) => {
    if (!glance.layout) return null;
    const box = glance.canvas.getBoundingClientRect();
    glance.at = { x: event.clientX - box.left, y: event.clientY - box.top };
    return unitAt(glance.layout, view.network.layers, glance.at.x, glance.at.y);
  };
  glance.root.onpointermove = (event) => {
    const unit = under(event);
    glance.root.style.cursor = unit ? "pointer" : "";
    view.point(unit);
  };
  glance.root.onpointerleave = () => {
    glance.at = null;
    view.point(null);
  };
  glance.root.onclick = (event) => {
    if (event.target.closest("button")) return;
    const unit = under(event);
    if (unit) view.select(unit);
  };
}
