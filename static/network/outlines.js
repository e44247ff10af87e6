// Outlines of what a number depends on. They lie in a layer of their own over each card, for a
// pointer that moves must not make the browser draw all the maps again.

import { selectedColor } from "../colors.js";
import { element } from "../elements.js";

/**
 * Outlines on a stage what a unit depends on, or the unit itself; nothing without a unit.
 *
 * @type {(stage: Net.Stage, region: Net.Region | undefined, unit: Net.Unit | null) => void}
 */
export function outline(stage, region, unit) {
  if (stage.bars) {
    markClass(stage, stage.bars, unit);
    return;
  }
  const own = !stage.kernels && stage.layer.number === unit?.layer;
  stage.overlay.classList.toggle("own", own);
  const boxes = stage.kernels ? kernelBoxes(stage, unit) : region ? regionBoxes(stage, region) : [];
  boxes.forEach(([left, top, width, height, background = "none"], at) => {
    stage.boxes[at] ??= stage.overlay.appendChild(element("div", { class: "receptive-field-box" }));
    const { style } = stage.boxes[at];
    style.display = "block";
    style.transform = `translate(${left}px, ${top}px)`;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.background = background;
  });
  for (const rest of stage.boxes.slice(boxes.length)) rest.style.display = "none";
}

/**
 * Puts the layer of outlines over a stage's card.
 *
 * @type {(stage: Net.Stage) => void}
 */
export function addOverlay(stage) {
  stage.card.append(stage.overlay);
  new ResizeObserver(() => stage.tiles.forEach((tile) => (tile.place = null))).observe(stage.card);
}

/**
 * Left, top, width and height in pixels, and what is drawn within.
 *
 * @typedef {[left: number, top: number, width: number, height: number, background?: string]} Box
 */

/** @type {(stage: Net.Stage, unit: Net.Unit | null) => Box[]} */
function kernelBoxes(stage, unit) {
  if (!unit || stage.layer.number !== unit.layer) return [];
  return stage.tiles.filter((tile) => tile.filter === unit.channel).map((tile) => {
    const { left, top, width, height } = placeOn(stage, tile);
    return [left, top, width, height];
  });
}

/** @type {(stage: Net.Stage, region: Net.Region) => Box[]} */
function regionBoxes(stage, region) {
  const { layer } = stage;
  const units = "units" in region;
  const { rows, columns } = units ? unitArea(stage, region.units) : (stage.padding && region.window) || region;
  const only = units || layer.kind === "image" ? null : region.channel;
  const read = units ? null : region.read;
  return stage.tiles.filter((_, map) => only === null || map === only).map((tile) => {
    const { left, top, width, height } = placeOn(stage, tile);
    const [across, down] = [width / tile.width, height / tile.height];
    /** @type {Box} */
    const box = [left + columns[0] * across, top + rows[0] * down, (columns[1] - columns[0]) * across, (rows[1] - rows[0]) * down];
    if (read) box[4] = framed({ rows, columns }, read, across, down, selectedColor(stage.card));
    return box;
  });
}

/**
 * A frame round each cell that a dilated window reads: one tile, repeated over the span.
 *
 * @type {(area: Net.Area, read: NonNullable<Net.MapRegion["read"]>, across: number, down: number, color: string) => string}
 */
function framed({ rows, columns }, read, across, down, color) {
  const [every, left, top] = [read.rows[1] - read.rows[0], read.columns[0] - columns[0], read.rows[0] - rows[0]];
  const frame = `<rect x="0.5" y="0.5" width="${across - 1}" height="${down - 1}" fill="none" stroke="${color}"/>`;
  const tile = `<svg xmlns="http://www.w3.org/2000/svg" width="${every * across}" height="${every * down}">${frame}</svg>`;
  return `url('data:image/svg+xml,${encodeURIComponent(tile)}') ${left * across}px ${top * down}px`;
}

/** @type {(stage: Net.Stage, units: Net.Span) => Net.Area} */
function unitArea(stage, [first, end]) {
  const [tile] = stage.tiles;
  if (end - first > 1 || !tile) return { rows: [0, tile?.height ?? 0], columns: [0, tile?.width ?? 0] };
  const across = stage.columns ?? 1;
  const row = Math.floor(first / across);
  const column = first % across;
  return { rows: [row, row + 1], columns: [column, column + 1] };
}

/**
 * Where a tile lies on its card; measured once, and again when the card has changed its size.
 *
 * @type {(stage: Net.Stage, tile: Net.Tile) => NonNullable<Net.Tile["place"]>}
 */
function placeOn(stage, tile) {
  if (!tile.place) {
    const [own, card] = [tile.picture.getBoundingClientRect(), stage.card.getBoundingClientRect()];
    tile.place = { left: own.left - card.left, top: own.top - card.top, width: own.width, height: own.height };
  }
  return tile.place;
}

/** @type {(stage: Net.Stage, bars: HTMLTableElement, unit: Net.Unit | null) => void} */
function markClass(stage, bars, unit) {
  const last = stage.layer.number;
  const chosen = unit && (unit.layer === last || unit.layer === last - 1) ? unit.channel : null;
  Array.from(bars.tBodies[0].rows).forEach((row, at) => row.classList.toggle("chosen", at === chosen));
}
