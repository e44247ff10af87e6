// What the number that is looked at is made of, in curves, outlines and words; without one, the prediction.

import { element, svg } from "../elements.js";
import { number } from "../numbers.js";
import { contributionsTo, differenceOf, predictedUnit } from "./contributions.js";
import { curve, entryOf, exitOf, middleOf } from "./glance_lines.js";
import { hasMaps, knownValue, sameUnit, unitName } from "./layers.js";
import { regionBoxes, unitBox } from "./layout.js";
import { runnerUp } from "./words.js";

/**
 * @typedef {import("./layout.js").Box} Box
 * @typedef {import("./layout.js").Column} Column
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {{ columns: Column[] }} Columns
 * @typedef {import("./glance_lines.js").Point} Point
 * @typedef {import("./contributions.js").Contributions & { difference?: number }} Contributions
 */

const THINNEST = 0.7;
const THICKEST = 4.5; // pixels, of the largest contribution

/**
 * `regions` are what the unit depends on, layer by layer; `text` is its value in words.
 *
 * @type {(view: Net.View, glance: Net.Glance, parts: Net.OverviewParts, unit: Net.Unit | null, regions: Net.Region[], text: string) => void}
 */
export function focus(view, glance, parts, unit, regions, text) {
  showTip(glance, parts, view.hovered ? text : "");
  if (isFocused(view, glance, parts, unit)) return;
  const { layout } = parts;
  const contributions = contributionsNow(view, glance, unit);
  parts.curves.replaceChildren(...(contributions ? contributionCurves(layout, contributions) : []));
  const layers = unit ? layersInField(view, layout, unit, regions) : [];
  parts.boxes.replaceChildren(...layers.flatMap((layer) => outlines(layout, layer, regions[layer.number], layer.number === unit?.layer)));
  parts.faded.replaceChildren(...layers.flatMap((layer) => fadedMaps(layout, layer, regions[layer.number])));
  parts.legend.replaceChildren(...legend(view, glance, parts, unit, contributions));
}

/**
 * Whether the unit is traced already; if not, it is remembered as the one that is traced from now on. A pointer that
 * moves within a cell changes nothing, above all not the button that it is about to press.
 *
 * @type {(view: Net.View, glance: Net.Glance, parts: Net.GlanceParts, unit: Net.Unit | null) => boolean}
 */
export function isFocused({ network }, { compares }, parts, unit) {
  const { focused } = parts;
  if (focused && sameUnit(unit, focused.unit) && focused.network === network && focused.compares === compares) return true;
  parts.focused = { unit, network, compares };
  return false;
}

/**
 * The contributions to a unit; without one, those to the prediction.
 *
 * @type {(view: Net.View, glance: Net.Glance, traced: Net.Unit | null) => Contributions | null}
 */
export function contributionsNow({ network }, { compares }, traced) {
  if (traced) return contributionsTo(network, traced);
  const unit = predictedUnit(network);
  if (!unit) return null;
  return (compares && differenceOf(network, unit, runnerUp(network, unit))) || contributionsTo(network, unit);
}

/** @type {(layout: Layout, contributions: Contributions) => SVGElement[]} */
function contributionCurves(layout, contributions) {
  const from = layout.columns.find((column) => column.layers.includes(contributions.target.layer - 1));
  const to = layout.columns.find((column) => column.layers.includes(contributions.target.layer));
  const largest = Math.max(...contributions.parts.map((part) => Math.abs(part.amount)));
  const end = to && endOf(to, contributions);
  if (!from || !end || from === to || !(largest > 0)) return [];
  // The largest comes last, on top of the others.
  return contributions.parts.reduceRight((made, { channel, amount }) => {
    const start = startOf(from, channel);
    if (!start) return made;
    const width = THINNEST + (THICKEST - THINNEST) * (Math.abs(amount) / largest);
    return [...made, svg("path", { class: amount >= 0 ? "raises" : "lowers", d: curve(start, end), "stroke-width": width.toFixed(2) })];
  }, /** @type {SVGElement[]} */ ([]));
}

/** @type {(column: Column, channel: number) => Point | null} */
function startOf(column, channel) {
  if (column.type !== "maps") return { x: column.x + column.width + 1, y: middleOf(unitBox(column, channel)) };
  const single = column.tiles.length === 1 && !column.hiddenTiles; // the image, whatever its colors
  const tile = single ? column.tiles[0] : column.tiles.find((map) => map.channel === channel);
  return tile ? exitOf(tile) : null;
}

/** @type {(column: Column, contributions: Contributions) => Point | null} */
function endOf(column, { target, path: [asked] }) {
  if (column.type !== "maps") {
    const { channel } = column.type === "classes" ? asked : target;
    return { x: column.x - 3, y: middleOf(unitBox(column, channel)) };
  }
  const tile = column.tiles.find((map) => map.channel === target.channel);
  return tile ? entryOf(tile) : null;
}

/**
 * Of each column the last layer that the number depends on.
 *
 * @type {(view: Net.View, layout: Columns, unit: Net.Unit, regions: Net.Region[]) => Net.Layer[]}
 */
export function layersInField(view, layout, unit, regions) {
  return layout.columns.flatMap((column) => {
    const last = column.layers.filter((at) => at <= unit.layer && regions[at]).pop();
    return last === undefined ? [] : [view.network.layers[last]];
  });
}

/**
 * The outlines of a region, as far as it is not a whole layer; `own` is whether it is the unit itself.
 *
 * @type {(layout: Columns, layer: Net.Layer, region: Net.Region, own: boolean) => SVGElement[]}
 */
export function outlines(layout, layer, region, own) {
  if (isWhole(layer, region)) return [];
  return cellsOf(layer, region).flatMap((part) => regionBoxes(layout, layer, part)).map(({ x, y, width, height }) => svg("rect", { x, y, width, height, class: own ? "own" : "" }));
}

/**
 * A dilated window is outlined cell by cell, for it passes over those between.
 *
 * @type {(layer: Net.Layer, region: Net.Region) => Net.Region[]}
 */
function cellsOf({ shape }, region) {
  if (!("read" in region) || !region.read) return [region];
  const { read: { rows, columns }, channel } = region;
  const inside = (/** @type {number[]} */ cells, /** @type {number} */ size) => cells.filter((at) => at >= 0 && at < size);
  return inside(rows, shape[0]).flatMap((row) =>
    inside(columns, shape[1]).map((column) => ({ rows: /** @type {Net.Span} */ ([row, row + 1]), columns: /** @type {Net.Span} */ ([column, column + 1]), channel })));
}

/** @type {(layer: Net.Layer, region: Net.Region) => boolean} */
function isWhole(layer, region) {
  if ("units" in region) return region.units[1] - region.units[0] > 1;
  const { rows, columns, channel } = region;
  return channel === null && rows[1] - rows[0] === layer.shape[0] && columns[1] - columns[0] === layer.shape[1];
}

/**
 * Maps that have no part in the number fade.
 *
 * @type {(layout: Columns, layer: Net.Layer, region: Net.Region) => SVGElement[]}
 */
export function fadedMaps(layout, layer, region) {
  if (layer.kind === "image" || "units" in region || region.channel === null) return [];
  const column = layout.columns.find(({ layers }) => layers.includes(layer.number));
  const others = column?.tiles.filter((tile) => tile.channel !== region.channel) ?? [];
  return others.map(({ x, y, width, height }) => svg("rect", { x, y, width, height }));
}

/**
 * What the colors and outlines are of, in words.
 *
 * @type {(view: Net.View, glance: Net.Glance, parts: Net.GlanceParts, unit: Net.Unit | null, contributions: Contributions | null) => HTMLElement[]}
 */
export function legend(view, glance, parts, unit, contributions) {
  const asked = unit ?? predictedUnit(view.network);
  if (!asked) return [];
  const made = unit ? [unitLabel(view, unit)] : question(view, glance, parts, asked, contributions);
  if (contributions) {
    const raises = [element("i", { class: "raises" }), "raises it"];
    made.push(element("span", {}, ...raises, element("i", { class: "lowers" }), `lowers it; the ${parts.measure}, the more`));
    const { parts: drawn, rest } = contributions;
    if (rest.count) {
      const all = drawn.length + rest.count;
      made.push(element("span", {}, `${drawn.length} strongest of ${all} drawn; the other ${rest.count} together: ${signed(rest.amount)}`));
    }
  }
  if (unit && hasMaps(view.network.layers[unit.layer])) {
    made.push(element("span", {}, element("i", { class: "box" }), "what it is made of"));
  }
  return made;
}

/** @type {(view: Net.View, unit: Net.Unit) => HTMLElement} */
function unitLabel(view, unit) {
  const layer = view.network.layers[unit.layer];
  const { classes } = view.head;
  if (layer.output) return element("span", {}, "Why ", element("b", {}, classes[unit.channel]), "?");
  const name = unitName(layer, unit, classes);
  const value = knownValue(layer, unit);
  return value === undefined ? element("span", {}, name) : element("span", {}, `${name} = `, element("b", {}, digits(value)));
}

/**
 * The question that the curves answer while nothing is chosen: why this class, or why not the second.
 *
 * @type {(view: Net.View, glance: Net.Glance, parts: Net.GlanceParts, predicted: Net.Unit, contributions: Contributions | null) => HTMLElement[]}
 */
function question(view, glance, parts, predicted, contributions) {
  const { classes } = view.head;
  const first = classes[predicted.channel];
  const why = ["Why ", element("b", {}, first)];
  if (view.network.layers[predicted.layer].kind !== "softmax") return [element("span", {}, ...why, "?")];
  const second = classes[runnerUp(view.network, predicted).channel];
  const other = glance.compares ? `Why ${first}?` : `Why not ${second}?`;
  const toggle = element("button", { type: "button", class: "named" }, other);
  toggle.onclick = () => {
    glance.compares = !glance.compares;
    glance.focus(null, [], "");
    parts.legend.querySelector("button")?.focus({ preventScroll: true });
  };
  if (!glance.compares || contributions?.difference === undefined) return [element("span", {}, ...why, "?"), toggle];
  const asked = [...why, " and not ", element("b", {}, second), `? Logits apart by ${digits(contributions.difference)}`];
  const sum = element("button", { type: "button", class: "named" }, "Show the sum");
  sum.onclick = () => {
    view.state.other = runnerUp(view.network, predicted).channel;
    view.select(predicted);
  };
  return [element("span", {}, ...asked), toggle, sum];
}

/**
 * Four digits: 5.031, 0.0123.
 *
 * @type {(value: number) => string}
 */
function digits(value) {
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(4))).replace("-", "−") : number(value);
}

/** @type {(value: number) => string} */
const signed = (value) => `${value >= 0 ? "+" : ""}${digits(value)}`;

/** @type {(glance: Net.Glance, parts: Net.OverviewParts, text: string) => void} */
function showTip({ pointer }, { tip, layout }, text) {
  tip.hidden = !text || !pointer;
  if (!pointer || tip.hidden) return;
  const right = pointer.x > layout.width / 2; // it opens towards the middle
  tip.textContent = text;
  tip.style.left = right ? "auto" : `${pointer.x + 14}px`;
  tip.style.right = right ? `${layout.width - pointer.x + 14}px` : "auto";
  tip.style.top = `${pointer.y + 14}px`;
}
