// Outlines of what a number depends on. They lie in a layer of their own over each card, for a
// pointer that moves must not make the browser draw all the maps again.

import { selectedColor } from "../colors.js";
import { element } from "../elements.js";

export function outline(stage, region, unit) {
  if (stage.bars) return markClass(stage, unit);
  const own = Boolean(unit) && !stage.kernels && stage.layer.number === unit.layer;
  stage.overlay.classList.toggle("own", own);
  const boxes = stage.kernels ? kernelBoxes(stage, unit) : region ? regionBoxes(stage, region) : [];
  boxes.forEach(([left, top, width, height, background = "none"], at) => {
    stage.boxes[at] ??= stage.overlay.appendChild(element("div", { class: "seen-box" }));
    const { style } = stage.boxes[at];
    style.display = "block";
    style.transform = `translate(${left}px, ${top}px)`;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.background = background;
  });
  for (const rest of stage.boxes.slice(boxes.length)) rest.style.display = "none";
  return undefined;
}

export function addOverlay(stage) {
  stage.overlay = element("div", { class: "overlay", "aria-hidden": "true" });
  stage.boxes = [];
  stage.card.append(stage.overlay);
  new ResizeObserver(() => stage.tiles.forEach((tile) => (tile.place = null))).observe(stage.card);
}

function kernelBoxes(stage, unit) {
  if (!unit || stage.layer.number !== unit.layer) return [];
  return stage.tiles.filter((tile) => tile.filter === unit.channel).map((tile) => {
    const { left, top, width, height } = placeOn(stage, tile);
    return [left, top, width, height];
  });
}

function regionBoxes(stage, region) {
  const { layer } = stage;
  const { rows, columns } = region.units ? unitArea(stage, region.units) : (stage.padding && region.window) || region;
  const only = region.units || layer.kind === "image" ? null : region.channel;
  return stage.tiles.filter((_, map) => only === null || map === only).map((tile) => {
    const { left, top, width, height } = placeOn(stage, tile);
    const [across, down] = [width / tile.width, height / tile.height];
    const box = [left + columns[0] * across, top + rows[0] * down, (columns[1] - columns[0]) * across, (rows[1] - rows[0]) * down];
    return region.read ? [...box, framed(region, across, down, selectedColor(stage.card))] : box;
  });
}

// A frame round each cell that a dilated window reads: one tile, repeated over the span.
function framed({ rows, columns, read }, across, down, color) {
  const [every, left, top] = [read.rows[1] - read.rows[0], read.columns[0] - columns[0], read.rows[0] - rows[0]];
  const frame = `<rect x="0.5" y="0.5" width="${across - 1}" height="${down - 1}" fill="none" stroke="${color}"/>`;
  const tile = `<svg xmlns="http://www.w3.org/2000/svg" width="${every * across}" height="${every * down}">${frame}</svg>`;
  return `url('data:image/svg+xml,${encodeURIComponent(tile)}') ${left * across}px ${top * down}px`;
}

function unitArea(stage, [first, end]) {
  const [tile] = stage.tiles;
  if (end - first > 1 || !tile) return { rows: [0, tile?.height ?? 0], columns: [0, tile?.width ?? 0] };
  const row = Math.floor(first / stage.columns);
  const column = first % stage.columns;
  return { rows: [row, row + 1], columns: [column, column + 1] };
}

// Where a tile lies on its card; measured once, and again when the card has changed its size.
function placeOn(stage, tile) {
  if (!tile.place) {
    const [own, card] = [tile.picture.getBoundingClientRect(), stage.card.getBoundingClientRect()];
    tile.place = { left: own.left - card.left, top: own.top - card.top, width: own.width, height: own.height };
  }
  return tile.place;
}

function markClass(stage, unit) {
  const last = stage.layer.number;
  const chosen = unit && (unit.layer === last || unit.layer === last - 1) ? unit.channel : null;
  Array.from(stage.bars.tBodies[0].rows).forEach((row, at) => row.classList.toggle("chosen", at === chosen));
}
