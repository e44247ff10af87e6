// Which rows and columns of a layer have no effect on what the network gives in the end: those that no
// window reads, and those that only numbers read which have no effect themselves.

import { cellOf, cellsAlong, hasMaps, hasWindow } from "./layers.js";

/**
 * For each row and each column of every layer the number of the layer that nothing that depends on it gets past; null
 * where it has an effect on the last layer. Empty for layers without maps.
 *
 * @type {(network: Net.Network) => Net.Dropped[]}
 */
export function droppedLines({ layers }) {
  /** @type {Net.Dropped[]} */
  const found = [];
  for (let number = layers.length - 1; number >= 0; number--) {
    const [layer, next, after] = [layers[number], layers[number + 1], found[number + 1]];
    found[number] = { rows: along(layer, 0, next, after?.rows), columns: along(layer, 1, next, after?.columns) };
  }
  return found;
}

/** @type {(layer: Net.Layer, side: 0 | 1, next: Net.Layer | undefined, after: (number | null)[]) => (number | null)[]} */
function along(layer, side, next, after) {
  if (!hasMaps(layer)) return [];
  const lines = Array.from({ length: layer.shape[side] }, (_, at) => at);
  if (!next || !hasMaps(next)) return lines.map(() => null);
  if (!hasWindow(next)) return after;
  /** @type {(number | null)[][]} */
  const read = lines.map(() => []);
  after.forEach((dropped, cell) => {
    for (const at of cellsAlong(next, cell)) read[at]?.push(dropped);
  });
  return read.map((readers) => {
    const numbers = numbersIn(readers);
    return numbers.length < readers.length ? null : Math.max(next.number, ...numbers);
  });
}

/** @type {(lines: (number | null)[]) => number[]} */
const numbersIn = (lines) => lines.flatMap((layer) => layer ?? []);

/**
 * The rows or columns that have no effect.
 *
 * @type {(lines: (number | null)[]) => number[]}
 */
export const linesWithout = (lines) => lines.flatMap((layer, at) => (layer === null ? [] : [at]));

/**
 * What a number has an effect on, or not.
 *
 * @type {(network: Net.Network) => string}
 */
export const aimOf = ({ layers }) => (layers[layers.length - 1].output ? "the prediction" : "the last layer shown");

/**
 * The layer that nothing that depends on a cell gets past, null where the cell has an effect.
 *
 * @type {(network: Net.Network, unit: Net.Unit) => Net.Layer | null}
 */
export function droppingLayer(network, unit) {
  if (!hasMaps(network.layers[unit.layer])) return null;
  const { rows, columns } = droppedLines(network)[unit.layer];
  const { row, column } = cellOf(unit);
  const numbers = numbersIn([rows[row], columns[column]]);
  return numbers.length ? network.layers[Math.min(...numbers)] : null;
}

/**
 * What the hatching on the maps of a layer means, "" where there is none. Maps are square, so the numbers of
 * their rows are those of their columns.
 *
 * @type {(network: Net.Network, layer: Net.Layer) => string}
 */
export function hatchedNote(network, layer) {
  const { rows } = droppedLines(network)[layer.number];
  const without = linesWithout(rows);
  if (!without.length) return "";
  const lines = without.length > 1 ? "rows and columns" : "row and column";
  const numbers = [...new Set(numbersIn(rows))].sort((one, other) => one - other);
  const titles = numbers.map((number) => network.layers[number].title).join(" or ");
  const direct = numbers.every((number) => number === layer.number + 1);
  const why = direct ? `no window of ${titles} reads them` : `nothing that depends on them gets past ${titles}`;
  return `Hatched: ${lines} ${without.map((at) => at + 1).join(", ")} have no effect on ${aimOf(network)}: ${why}`;
}
