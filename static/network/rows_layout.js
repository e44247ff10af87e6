// Where everything lies on a narrow screen, where every layer is a row: a pure function from layers and width to boxes.

import { hasMaps } from "./layers.js";
import { groupLayers } from "./layout.js";

/** @typedef {import("./layout.js").LayoutLayer} LayoutLayer */

/**
 * The row of a layer, whose boxes are in pixels from the row's own corner; it may be wider than the screen, and is
 * swiped then. Its maps or units are one picture: a cell is `grain` of its pixels wide, a map begins every `pitch` of
 * them, and so does a line of units.
 * @typedef {import("./layout.js").Column & { grain: number, pitch: number }} Row
 */

const TILE = 56; // pixels of a map, or a little less
const IMAGE = 84;
const GAP = 8; // between two maps, or a little more
export const CAPTION = 16; // below a map, for its number and what it contributes
const UNIT = { least: 14, most: 28 }; // pixels
const UNIT_LINES = 4;
const PIXEL = 2; // of a picture of units
const BELOW_UNIT = 3; // of these pixels, for what it contributes
const BESIDE = 40; // pixels that stay in view next to a cell that is swiped to
const CLASS = 32; // pixels of a line that a finger hits

/**
 * One row for each layer, or for those that are drawn as one.
 * @param {LayoutLayer[]} layers
 * @param {number} width
 * @returns {Row[]}
 */
export function rowsOf(layers, width) {
  return groupLayers(layers, { merge: 0 }).map((group) => rowOf(layers, group, width));
}

/**
 * @param {LayoutLayer[]} layers
 * @param {number[]} group
 * @param {number} width
 * @returns {Row}
 */
function rowOf(layers, group, width) {
  const [first, shown] = [layers[group[0]], layers[group[group.length - 1]]];
  /** @type {Row} */
  const row = {
    type: shown.output ? "classes" : hasMaps(shown) ? "maps" : "units",
    layers: group,
    shown: shown.number,
    title: (shown.output ? shown : first).title,
    note: shown.shape.join("×"),
    tiles: [],
    hiddenTiles: 0,
    more: null,
    rows: 1,
    across: 1,
    center: 0,
    convolution: null,
    x: 0,
    y: 0,
    width,
    height: 0,
    grain: 1,
    pitch: 0,
  };
  if (row.type === "classes") return { ...row, rows: shown.shape[0], height: CLASS * shown.shape[0] };
  return row.type === "units" ? withUnits(row, shown.shape[0], width) : withMaps(row, shown);
}

/**
 * A few lines of cells, no more of them than the width asks for.
 * @param {Row} row
 * @param {number} count
 * @param {number} width
 * @returns {Row}
 */
function withUnits(row, count, width) {
  const rows = Math.min(UNIT_LINES, Math.ceil(count / Math.floor(width / UNIT.least)));
  const across = Math.ceil(count / rows);
  const grain = Math.floor((rows > 1 ? UNIT.least : Math.min(UNIT.most, width / across)) / PIXEL);
  const pitch = grain + BELOW_UNIT;
  return { ...row, rows, across, grain, pitch, width: across * grain * PIXEL, height: rows * pitch * PIXEL };
}

/**
 * @param {Row} row
 * @param {LayoutLayer} layer
 * @returns {Row}
 */
function withMaps(row, { kind, shape: [lines, across, channels] }) {
  const room = kind === "image" ? IMAGE : TILE;
  const zoom = Math.floor(room / Math.max(lines, across));
  const crisp = zoom >= 2;
  const scale = crisp ? zoom : room / Math.max(lines, across); // pixels of a cell
  const grain = Math.max(1, Math.round(scale / GAP));
  const pixel = scale / grain;
  const pitch = across * grain + Math.max(1, Math.round(GAP / pixel));
  const count = kind === "image" ? 1 : channels;
  const [width, height] = [across * scale, lines * scale];
  const tiles = Array.from({ length: count }, (_, channel) => ({ channel, x: channel * pitch * pixel, y: 0, width, height, crisp, kernels: [] }));
  const caption = kind === "image" ? 0 : CAPTION;
  return { ...row, tiles, grain, pitch, across: count, width: tiles[count - 1].x + width, height: height + caption };
}

/**
 * How far a row is to be swiped for a box to be in view, no farther than it must be.
 * @param {import("./layout.js").Box} box
 * @param {number} left - how far it is now
 * @param {number} width - that can be seen of it
 * @returns {number}
 */
export function scrolledTo(box, left, width) {
  return Math.min(box.x - BESIDE, Math.max(left, box.x + box.width + BESIDE - width));
}

/**
 * The picture of a row's maps or units, whose `colors` are by map; the units are one map.
 * @param {Pick<Row, "type" | "rows" | "across" | "tiles" | "grain" | "pitch">} row
 * @param {number[]} shape - of the layer
 * @param {Ui.ColorOf[]} colors
 * @returns {{ height: number, width: number, color: Ui.ColorOf }}
 */
export function rowPicture({ type, rows, across, tiles, grain, pitch }, [lines, columns], colors) {
  if (type === "units") {
    const color = (/** @type {number} */ y, /** @type {number} */ x) => (y % pitch < grain ? colors[0](Math.floor(y / pitch), Math.floor(x / grain)) : null);
    return { height: rows * pitch, width: across * grain, color };
  }
  const color = (/** @type {number} */ y, /** @type {number} */ x) => {
    const cell = Math.floor((x % pitch) / grain);
    return cell < columns ? colors[Math.floor(x / pitch)](Math.floor(y / grain), cell) : null;
  };
  return { height: lines * grain, width: pitch * (tiles.length - 1) + columns * grain, color };
}
