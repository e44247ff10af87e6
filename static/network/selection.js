// What is pointed at and what is chosen: in words, and moved by keys.

import { number } from "../numbers.js";
import { cellOf, hasMaps, isFilter, readersOf, receptiveFields, unflatten, unitName, valueAt, windowAlong } from "./layers.js";
import { outline } from "./outlines.js";
import { closeSheet, isSheetOpen } from "./sheet.js";

/**
 * The unit whose receptive field is outlined: under the pointer, else the chosen one.
 *
 * @type {(view: Net.View) => void}
 */
export function showFocus(view) {
  const unit = view.hovered ?? view.state.selected;
  const regions = unit ? receptiveFields(view.network, unit) : [];
  for (const stage of view.stages) outline(stage, regions[stage.layer.number], unit);
  const text = unit ? readout(view, unit, regions[0]) : view.head.hint;
  view.readout.textContent = text;
  view.glance.focus(unit, regions, text);
}

/**
 * Where the receipt follows the pointer, a pixel stands for the window around it.
 *
 * @type {(view: Net.View, unit: Net.Unit | null) => Net.Unit | null}
 */
export function targetUnit(view, unit) {
  const next = view.network.layers[1];
  if (!view.head.follows || unit?.layer !== 0 || next?.kind !== "convolution") return unit;
  const [first, end] = windowAlong(next, 0);
  const middle = Math.floor((first + end - 1) / 2);
  /** @type {(at: number, cells: number) => number} */
  const along = (at, cells) => clamp(0, Math.round((at - middle) / next.stride), cells - 1);
  const { selected } = view.state;
  const channel = selected?.layer === 1 ? selected.channel : 0;
  const { row, column } = cellOf(unit);
  return { layer: 1, channel, row: along(row, next.shape[0]), column: along(column, next.shape[1]) };
}

/** @type {(view: Net.View, unit: Net.Unit, field: Net.Region) => string} */
function readout(view, unit, field) {
  const layer = view.network.layers[unit.layer];
  const value = valueInWords(view, unit);
  if (layer.kind === "image" || !hasMaps(layer) || isFilter(layer, unit) || !layer.numbers || !("rows" in field)) return value;
  /** @type {(span: Net.Span) => string} */
  const lines = ([first, end]) => `${first + 1}–${end}`;
  return `${value} · sees rows ${lines(field.rows)}, columns ${lines(field.columns)} of the image`;
}

/**
 * The name of a unit and its value.
 *
 * @type {(view: Net.View, unit: Net.Unit) => string}
 */
export function valueInWords(view, unit) {
  const layer = view.network.layers[unit.layer];
  const name = unitName(layer, unit, view.head.classes);
  if (isFilter(layer, unit)) return name;
  if (!layer.numbers) return `${name}: too many values for the browser; this one is not in it`;
  const colors = layer.kind === "image" && layer.shape[2] === 3;
  const channels = colors ? [0, 1, 2] : [unit.channel];
  const values = channels.map((channel) => number(valueAt(layer, { ...unit, channel }))).join(", ");
  const place = colors ? name.replace(/ (red|green|blue),/, "") : name;
  return `${place}: ${values}`;
}

/**
 * Arrows move the cell; Page Up and Down the map; Shift with left and right the layer.
 *
 * @type {(view: Net.View, event: KeyboardEvent) => void}
 */
export function keyPressed(view, event) {
  const move = MOVES[(event.shiftKey ? "Shift " : "") + event.key];
  const at = view.state.selected;
  if (event.key === "Escape" && isSheetOpen(view)) closeSheet(view);
  else if (event.key === "Escape" && !at && view.state.opened) view.openLayers(null);
  else if (event.key === "Escape") view.select(null);
  else if (event.key === " ") view.sweep.toggle();
  else if (move && at) view.select(move(view, at));
  else if (move) view.select(firstUnit(view));
  else return;
  event.preventDefault();
  event.stopPropagation(); // Streamlit has letters and arrows of its own
}

/** @type {Record<string, undefined | ((view: Net.View, unit: Net.Unit) => Net.Unit)>} */
const MOVES = {
  ArrowUp: (view, unit) => moved(view, unit, -1, 0),
  ArrowDown: (view, unit) => moved(view, unit, 1, 0),
  ArrowLeft: (view, unit) => moved(view, unit, 0, -1),
  ArrowRight: (view, unit) => moved(view, unit, 0, 1),
  PageUp: (view, unit) => otherMap(view, unit, -1),
  PageDown: (view, unit) => otherMap(view, unit, 1),
  "[": (view, unit) => otherMap(view, unit, -1),
  "]": (view, unit) => otherMap(view, unit, 1),
  "Shift ArrowLeft": (view, unit) => otherLayer(view, unit, -1),
  "Shift ArrowRight": (view, unit) => otherLayer(view, unit, 1),
};

/** @type {(low: number, value: number, high: number) => number} */
const clamp = (low, value, high) => Math.max(low, Math.min(high, value));

/** @type {(view: Net.View, unit: Net.Unit, down: number, right: number) => Net.Unit} */
function moved(view, unit, down, right) {
  const layer = view.network.layers[unit.layer];
  if (hasMaps(layer)) {
    const row = clamp(0, (unit.row ?? 0) + down, layer.shape[0] - 1);
    return { ...unit, row, column: clamp(0, (unit.column ?? 0) + right, layer.shape[1] - 1) };
  }
  const columns = columnsOf(view, layer);
  return { ...unit, channel: clamp(0, unit.channel + down * columns + right, layer.shape[0] - 1) };
}

/**
 * How many units of a layer without maps are side by side, as they are shown now.
 *
 * @type {(view: Net.View, layer: Net.Layer) => number}
 */
export function columnsOf({ stages, glance }, { number: wanted }) {
  const stage = stages.find(({ layer }) => layer.number === wanted);
  const column = glance.parts?.layout.columns.find(({ layers }) => layers.includes(wanted));
  return stage?.columns ?? column?.across ?? 1;
}

/**
 * Maps, or units of a layer without maps.
 *
 * @type {(layer: Net.Layer) => number}
 */
const channelsOf = ({ shape }) => shape[shape.length - 1];

/** @type {(view: Net.View, unit: Net.Unit, step: number) => Net.Unit} */
function otherMap(view, unit, step) {
  const layer = view.network.layers[unit.layer];
  const count = channelsOf(layer);
  return { ...unit, channel: (unit.channel + step + count) % count };
}

/**
 * The same place, as far as there is one, in the layer before or after.
 *
 * @type {(view: Net.View, unit: Net.Unit, step: number) => Net.Unit}
 */
function otherLayer(view, unit, step) {
  const from = view.network.layers[unit.layer];
  const to = view.network.layers[clamp(0, unit.layer + step, view.network.layers.length - 1)];
  const channel = clamp(0, unit.channel, channelsOf(to) - 1);
  if (to.kind === "flatten" && step > 0 && unit.row !== null) return readersOf(view.network, unit).units[0];
  if (from.kind === "flatten" && step < 0) return unflatten(to, unit.channel);
  if (!hasMaps(to)) return { layer: to.number, channel, row: null, column: null };
  if (!hasMaps(from) || unit.row === null) {
    return { layer: to.number, channel, row: Math.floor(to.shape[0] / 2), column: Math.floor(to.shape[1] / 2) };
  }
  /** @type {(at: number, side: number) => number} */
  const along = (at, side) => clamp(0, Math.floor(((at + 0.5) * to.shape[side]) / from.shape[side]), to.shape[side] - 1);
  return { layer: to.number, channel, row: along(cellOf(unit).row, 0), column: along(cellOf(unit).column, 1) };
}

/** @type {(view: Net.View) => Net.Unit} */
function firstUnit(view) {
  const layer = view.network.layers[1];
  const cell = hasMaps(layer) ? { row: 0, column: 0 } : { row: null, column: null };
  return { layer: 1, channel: 0, ...cell };
}
