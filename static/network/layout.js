// Where everything of the network at a glance lies: a pure function from layers and room to boxes.

/**
 * What the layout needs to know of a layer.
 * @typedef {object} LayoutLayer
 * @property {number} number - its position in the network, 0 for the image
 * @property {string} name
 * @property {string} kind - image, convolution, normalization, activation, pooling, flatten, average, dense or softmax
 * @property {string} title
 * @property {number[]} shape - (height, width, channels) or (units)
 * @property {boolean} [hidden]
 * @property {boolean} [output] - whether it has the probabilities
 * @property {{ kernel?: { shape: number[] } }} [weights]
 */

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * A map (or the image) on screen; `kernels` are those of its filter, one for each channel that is shown.
 * @typedef {Box & { channel: number, crisp: boolean, kernels: (Box & { channel: number })[] }} Tile
 */

/**
 * One column: one layer, or several that are drawn as one. `shown` is the layer whose numbers are drawn.
 * @typedef {Box & {
 *   type: "maps" | "units" | "classes", layers: number[], shown: number, title: string, note: string, tiles: Tile[],
 *   hiddenTiles: number, more: Box | null, rows: number, across: number, center: number, convolution: number | null
 * }} Column
 */

/**
 * How a column hangs together with the one before: map by map, every map with every filter, or as a whole.
 * @typedef {{ from: number, to: number, kind: "each" | "all" | "band" }} Link
 */

/**
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} top - where the drawing begins, below the titles
 * @property {number} bottom - where it ends, above the scales
 * @property {Column[]} columns
 * @property {Link[]} links
 * @property {boolean} fits - whether it is no wider than the room there is
 * @property {boolean} scales - whether there is room for the shape and the scale of every column
 */

const TITLE_ROOM = 44;
const SCALE_ROOM = 34;
const MARGIN = 12;
const TILE_GAP = 8;
const GRID_GAP = 22; // between two columns of maps, with their numbers
const SMALLEST_TILE = 24;
const MOST_SHOWN = 8;
const UNIT_WIDTH = 14;
const LETTER = 7.2; // pixels, of the titles
const SMALL_LETTER = 6.2; // of the shapes below them
const SCALE_WIDTH = 58;
const CLASS_ROOM = { terse: 122, narrow: 140, wide: 174 };
const NARROW_CLASSES = 600; // pixels of the network; on less the predicted class is not marked by a word
const NARROW = 700; // pixels; on less everything moves closer

/** How much room each kind of link needs, and its share of the room that is left. */
const LINKS = {
  each: { least: 10, narrow: 8, share: 0.8 },
  all: { least: 28, narrow: 16, share: 2.2 },
  band: { least: 18, narrow: 14, share: 1.8 },
  last: { least: 56, narrow: 36, share: 2.6 },
};

const SHORT = { convolution: "Conv", normalization: "Norm", pooling: "Pool", average: "Average" };

/**
 * The ways to lay a network out, from the most detailed one to the tersest. `merge` 1 draws a convolution
 * and its activation as one column, 2 a whole block; a `terse` layout has no shapes, no scales and a small image.
 * @param {number} width
 */
const attempts = (width) => {
  const large = width >= 1400 ? 96 : 64;
  return [
    { merge: 0, short: false, kernels: true, tile: large },
    { merge: 0, short: true, kernels: true, tile: large },
    { merge: 0, short: true, kernels: true, tile: 48 },
    { merge: 1, short: true, kernels: true, tile: 64 },
    { merge: 2, short: true, kernels: true, tile: 64 },
    { merge: 2, short: true, kernels: true, tile: 36 },
    { merge: 2, short: true, kernels: false, tile: 36 },
    { merge: 2, short: true, kernels: false, tile: 32, terse: true },
  ];
};

/**
 * Lay a network out in a room of `width` pixels, with a drawing `height` pixels high between titles and scales.
 * @param {LayoutLayer[]} layers
 * @param {{ width: number, height: number, strongest?: (layer: number) => number[] }} room
 *   `strongest` gives the maps to show where there is no room for all of a layer, in their order
 * @returns {Layout}
 */
export function layoutOf(layers, { width, height, strongest = firstMaps }) {
  /** @type {Layout | null} */
  let layout = null;
  for (const attempt of attempts(width)) {
    layout = arrange(layers, { ...attempt, width, height, strongest });
    if (layout.fits) return layout;
  }
  return /** @type {Layout} */ (layout);
}

const firstMaps = () => Array.from({ length: MOST_SHOWN }, (_, at) => at);

/**
 * @typedef {{ merge: number, short: boolean, kernels: boolean, tile: number, terse?: boolean, width: number, height: number,
 *   strongest: (layer: number) => number[] }} Attempt
 */

/**
 * @param {LayoutLayer[]} layers
 * @param {Attempt} attempt
 * @returns {Layout}
 */
function arrange(layers, attempt) {
  const columns = groupLayers(layers, attempt).map((group) => columnOf(layers, group, attempt));
  const links = columns.slice(1).map((column, at) => linkInto(layers, column, at));
  const titles = columns.map((column) => titleWidth(column, attempt));
  const gaps = gapsOf(columns, links, titles, attempt.width);
  let x = MARGIN + Math.max(0, (titles[0] - columns[0].width) / 2);
  columns.forEach((column, at) => {
    x += at ? gaps.each[at - 1] : 0;
    moveRight(column, x);
    x += column.width;
  });
  return {
    width: Math.max(attempt.width, x + MARGIN),
    height: TITLE_ROOM + attempt.height + SCALE_ROOM,
    top: TITLE_ROOM,
    bottom: TITLE_ROOM + attempt.height,
    columns,
    links,
    fits: gaps.fit,
    scales: !attempt.terse,
  };
}

/**
 * Which layers are drawn as one column, each with the layer whose numbers it shows last.
 * @param {LayoutLayer[]} layers
 * @param {{ merge: number }} attempt
 * @returns {number[][]}
 */
export function groupLayers(layers, { merge }) {
  /** @type {number[][]} */
  const groups = [];
  let convolved = false;
  for (const layer of layers) {
    convolved ||= layer.kind === "convolution";
    if (layer.hidden) continue;
    const before = layers[layer.number - 1];
    const merged = merge > 0 && isMap(layer);
    const joins =
      (merged && (layer.kind === "activation" || layer.kind === "normalization")) ||
      (merged && merge > 1 && layer.kind === "pooling" && convolved) ||
      (layer.kind === "activation" && !isMap(layer) && before?.kind === "dense") ||
      (layer.kind === "softmax" && before?.kind === "dense");
    if (joins && groups.length && !before.hidden) groups[groups.length - 1].push(layer.number);
    else groups.push([layer.number]);
  }
  return groups;
}

/** @param {LayoutLayer} layer */
const isMap = (layer) => layer.shape.length === 3;

/**
 * @param {LayoutLayer[]} layers
 * @param {number[]} group
 * @param {Attempt} attempt
 * @returns {Column}
 */
function columnOf(layers, group, attempt) {
  const shown = layers[group[group.length - 1]];
  const first = layers[group[0]];
  const named = shown.output ? shown : first;
  /** @type {Column} */
  const column = {
    type: shown.output ? "classes" : isMap(shown) ? "maps" : "units",
    layers: group,
    shown: shown.number,
    title: attempt.short ? shortened(named) : named.title,
    note: shown.shape.join("×"),
    tiles: [],
    hiddenTiles: 0,
    more: null,
    rows: 0,
    across: 1,
    center: 0,
    convolution: first.kind === "convolution" ? first.number : null,
    x: 0,
    y: TITLE_ROOM,
    width: 0,
    height: attempt.height,
  };
  if (column.type === "classes") return { ...column, width: classRoom(attempt), rows: shown.shape[0] };
  if (column.type === "units") return withUnits(column, shown, attempt);
  return withTiles(column, layers, shown, attempt);
}

/** @param {Attempt} attempt */
const classRoom = ({ width, terse }) => (terse ? CLASS_ROOM.terse : width < NARROW_CLASSES ? CLASS_ROOM.narrow : CLASS_ROOM.wide);

/** @param {LayoutLayer} layer */
function shortened(layer) {
  const name = SHORT[/** @type {keyof typeof SHORT} */ (layer.kind)];
  const number = layer.title.match(/\d+$/)?.[0];
  return name ? [name, number].filter(Boolean).join(" ") : layer.title;
}

/**
 * A strip of cells; where one would be less than 2 pixels high, several strips side by side.
 * @param {Column} column
 * @param {LayoutLayer} layer
 * @param {Attempt} attempt
 * @returns {Column}
 */
function withUnits(column, layer, { height }) {
  const count = layer.shape[0];
  const across = Math.ceil(count / Math.floor(height / 2));
  const rows = Math.ceil(count / across);
  const cell = Math.min(24, height / rows);
  const drawn = cell * rows;
  const width = Math.min(64, Math.max(UNIT_WIDTH, 2 * across));
  return { ...column, across, rows, width, height: drawn, y: TITLE_ROOM + (height - drawn) / 2 };
}

/**
 * @param {Column} column
 * @param {LayoutLayer[]} layers
 * @param {LayoutLayer} layer
 * @param {Attempt} attempt
 * @returns {Column}
 */
function withTiles(column, layers, layer, attempt) {
  const [rowsOfCells, columnsOfCells, channels] = layer.shape;
  const count = layer.kind === "image" ? 1 : channels;
  const { across, rows, tile } = gridOf(count, attempt);
  const shown = count > across * rows ? attempt.strongest(layer.number).slice(0, MOST_SHOWN) : range(count);
  const side = Math.max(rowsOfCells, columnsOfCells);
  const room = layer.kind === "image" ? Math.max(tile, Math.min(attempt.terse ? 56 : 84, attempt.height)) : tile;
  const zoom = Math.floor(room / side);
  const crisp = zoom >= 2;
  const scale = crisp ? zoom : room / side;
  const [width, height] = [columnsOfCells * scale, rowsOfCells * scale];
  const kernels = kernelRow(column, layers, attempt, room);
  const lines = shown.length < count ? rows : Math.ceil(count / across);
  const pitch = Math.min(attempt.height / lines, 1.5 * height + TILE_GAP);
  const middle = TITLE_ROOM + attempt.height / 2;
  const each = (kernels.width ? kernels.width + 6 : 0) + width;
  const top = (/** @type {number} */ row) => middle + (row - (lines - 1) / 2) * pitch - height / 2;
  const tiles = shown.map((channel, at) => {
    const x = Math.floor(at / lines) * (each + GRID_GAP) + (each - width);
    const y = top(at % lines);
    return { channel, x, y, width, height, crisp, kernels: kernelsAt(kernels, x, y + height / 2) };
  });
  const hiddenTiles = count - shown.length;
  const more = hiddenTiles ? { x: each - width, y: top(lines - 1), width, height } : null;
  return { ...column, tiles, hiddenTiles, more, across, rows: lines, width: across * each + (across - 1) * GRID_GAP };
}

/** @param {number} count */
const range = (count) => Array.from({ length: count }, (_, at) => at);

/**
 * One column of maps, two where that gets too small, or the strongest few.
 * @param {number} count
 * @param {Attempt} attempt
 */
function gridOf(count, { height, tile: largest }) {
  for (const across of [1, 2]) {
    const rows = Math.ceil(count / across);
    const tile = Math.min(largest, Math.floor(height / rows) - TILE_GAP);
    if (tile >= Math.min(SMALLEST_TILE, largest)) return { across, rows, tile };
  }
  const rows = MOST_SHOWN + 1;
  return { across: 1, rows, tile: Math.max(8, Math.min(largest, Math.floor(height / rows) - TILE_GAP)) };
}

/**
 * The row of kernels of one filter: how many are shown, how large each is.
 * @param {Column} column
 * @param {LayoutLayer[]} layers
 * @param {Attempt} attempt
 * @param {number} room
 */
function kernelRow(column, layers, attempt, room) {
  const shape = column.convolution === null || !attempt.kernels ? null : layers[column.convolution].weights?.kernel?.shape;
  if (!shape) return { width: 0, side: 0, shown: [] };
  const [side, , channels] = shape;
  const before = layers[/** @type {number} */ (column.convolution) - 1];
  const shown = channels > MOST_SHOWN ? attempt.strongest(before.number).slice(0, MOST_SHOWN) : range(channels);
  const zoom = Math.max(1, Math.min(9, Math.floor((Math.min(64, room) - 2 * (shown.length - 1)) / shown.length / side)));
  return { width: shown.length * (zoom * side + 2) - 2, side: zoom * side, shown };
}

/**
 * @param {{ width: number, side: number, shown: number[] }} row
 * @param {number} right
 * @param {number} middle
 */
function kernelsAt({ width, side, shown }, right, middle) {
  return shown.map((channel, at) => ({
    channel,
    x: right - 6 - width + at * (side + 2),
    y: middle - side / 2,
    width: side,
    height: side,
  }));
}

/**
 * @param {LayoutLayer[]} layers
 * @param {Column} column
 * @param {number} before - the number of the column before
 * @returns {Link}
 */
function linkInto(layers, column, before) {
  const { kind } = layers[column.layers[0]];
  const whole = column.type !== "maps";
  return { from: before, to: before + 1, kind: whole ? "band" : kind === "convolution" ? "all" : "each" };
}

/**
 * @param {Column} column
 * @param {Attempt} attempt
 */
function titleWidth(column, { terse }) {
  if (column.type === "classes") return 0;
  return Math.max(terse ? 0 : Math.max(SCALE_WIDTH, column.note.length * SMALL_LETTER), column.title.length * LETTER);
}

/**
 * How far apart neighbors are: what their link and their titles need, and a share of the room that is left.
 * @param {Column[]} columns
 * @param {Link[]} links
 * @param {number[]} titles - how wide each column's title is
 * @param {number} width
 */
function gapsOf(columns, links, titles, width) {
  const least = links.map((link, at) => {
    const [left, right] = [columns[at], columns[at + 1]];
    const forTitles = (titles[at] + titles[at + 1] + 12 - left.width - right.width) / 2;
    const rule = ruleOf(link, right);
    return Math.max(forTitles, width < NARROW ? rule.narrow : rule.least);
  });
  const shares = links.map((link, at) => ruleOf(link, columns[at + 1]).share);
  const start = Math.max(0, (titles[0] - columns[0].width) / 2);
  const taken = 2 * MARGIN + start + total(columns.map((column) => column.width)) + total(least);
  const left = width - taken;
  const share = Math.max(0, left) / total(shares);
  return { fit: left >= 0, each: least.map((gap, at) => gap + shares[at] * share) };
}

/**
 * @param {Link} link
 * @param {Column} column
 */
const ruleOf = (link, column) => LINKS[column.type === "classes" ? "last" : link.kind];

/** @param {number[]} numbers */
const total = (numbers) => numbers.reduce((sum, value) => sum + value, 0);

/**
 * @param {Column} column
 * @param {number} by
 */
function moveRight(column, by) {
  column.x += by;
  column.center = column.x + column.width / 2;
  if (column.more) column.more.x += by;
  for (const tile of column.tiles) {
    tile.x += by;
    for (const kernel of tile.kernels) kernel.x += by;
  }
}

/**
 * Where a unit's cell of a column lies; a class is a line of the column.
 * @param {Column} column
 * @param {number} unit
 * @returns {Box}
 */
export function unitBox(column, unit) {
  const height = column.height / column.rows;
  const width = column.width / column.across;
  if (column.type === "classes") return { x: column.x, y: classTop(column, unit), width: column.width, height: classPitch(column) };
  // Row by row, as the picture of the numbers is painted.
  const [row, across] = [Math.floor(unit / column.across), unit % column.across];
  return { x: column.x + across * width, y: column.y + row * height, width, height };
}

/** @param {Column} column */
const classPitch = (column) => Math.min(34, column.height / column.rows);

/**
 * @param {Column} column
 * @param {number} unit
 */
const classTop = (column, unit) =>
  column.y + column.height / 2 + (unit - column.rows / 2) * classPitch(column);

/**
 * The boxes of a region of a layer, one for each map that is shown; none if no column shows the layer.
 * @param {{ columns: Column[] }} layout
 * @param {LayoutLayer} layer
 * @param {{ rows?: number[], columns?: number[], channel?: number | null, units?: number[] }} region
 * @returns {Box[]}
 */
export function regionBoxes(layout, layer, region) {
  const column = layout.columns.find(({ layers }) => layers.includes(layer.number));
  if (!column) return [];
  if (region.units) {
    const [first, end] = region.units;
    if (end - first === 1) return [unitBox(column, first)];
    return column.type === "units" ? [{ x: column.x, y: column.y, width: column.width, height: column.height }] : [];
  }
  const { rows = [0, 0], columns = [0, 0], channel = null } = region;
  return column.tiles
    .filter((tile) => channel === null || layer.kind === "image" || tile.channel === channel)
    .map((tile) => {
      const [down, right] = [tile.height / layer.shape[0], tile.width / layer.shape[1]];
      return {
        x: tile.x + columns[0] * right,
        y: tile.y + rows[0] * down,
        width: (columns[1] - columns[0]) * right,
        height: (rows[1] - rows[0]) * down,
      };
    });
}

/**
 * What lies under a point: a cell of a map, a unit or a filter's kernels; null where nothing does.
 * @param {{ columns: Column[] }} layout
 * @param {LayoutLayer[]} layers
 * @param {number} x
 * @param {number} y
 * @returns {Place | null}
 */
export const unitAt = (layout, layers, x, y) => nearestUnit(layout, layers, x, y, 0)?.unit ?? null;

/**
 * What is nearest to a point, as far as `reach` pixels from it: a finger is less exact than a mouse.
 * @param {{ columns: Column[] }} layout
 * @param {LayoutLayer[]} layers
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @returns {{ unit: Place, distance: number } | null} also how far away its box is
 */
export function nearestUnit({ columns }, layers, x, y, reach) {
  /** @type {{ unit: Place, distance: number } | null} */
  let nearest = null;
  /** @type {(box: Box, unitIn: () => Place) => void} */
  const look = (box, unitIn) => {
    const distance = distanceTo(box, x, y);
    if (distance <= (nearest?.distance ?? reach)) nearest = { unit: unitIn(), distance };
  };
  for (const column of columns) {
    const { number: layer, shape } = layers[column.shown];
    const count = column.type === "maps" ? 0 : shape[0];
    for (let channel = 0; channel < count; channel++) look(unitBox(column, channel), () => ({ layer, channel, row: null, column: null }));
    for (const tile of column.tiles) {
      look(tile, () => ({ layer, channel: tile.channel, row: cellAt(y - tile.y, tile.height, shape[0]), column: cellAt(x - tile.x, tile.width, shape[1]) }));
      for (const kernel of tile.kernels) {
        look(kernel, () => ({ layer: /** @type {number} */ (column.convolution), channel: tile.channel, row: null, column: null }));
      }
    }
  }
  return nearest;
}

/** @typedef {{ layer: number, channel: number, row: number | null, column: number | null }} Place */

/**
 * @param {Box} box
 * @param {number} x
 * @param {number} y
 */
function distanceTo(box, x, y) {
  const across = Math.max(box.x - x, 0, x - box.x - box.width);
  const down = Math.max(box.y - y, 0, y - box.y - box.height);
  return Math.hypot(across, down);
}

/**
 * The cell of `count` that lie in `room` pixels, the first or the last for a place outside.
 * @param {number} at
 * @param {number} room
 * @param {number} count
 */
const cellAt = (at, room, count) => Math.max(0, Math.min(count - 1, Math.floor((at / room) * count)));
