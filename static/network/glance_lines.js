// The lines between the columns of the network at a glance.

/**
 * @typedef {import("./layout.js").Box} Box
 * @typedef {import("./layout.js").Column} Column
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {import("./layout.js").Tile} Tile
 * @typedef {{ x: number, y: number }} Point
 */

import { svg } from "../elements.js";
import { unitBox } from "./layout.js";

const MOST_LINES = 128; // between two layers; more are drawn as one band

/**
 * A path from left to right that is level at both ends.
 *
 * @type {(from: Point, to: Point) => string}
 */
export function curve(from, to) {
  const middle = (from.x + to.x) / 2;
  return `M${from.x},${from.y}C${middle},${from.y} ${middle},${to.y} ${to.x},${to.y}`;
}

/** @type {(box: Box) => number} */
export const middleOf = (box) => box.y + box.height / 2;

/**
 * Where what a tile is made of arrives: at its kernels, or at itself.
 *
 * @type {(tile: Tile) => Point}
 */
export const entryOf = (tile) => ({ x: (tile.kernels[0] ?? tile).x - 3, y: middleOf(tile) });

/** @type {(tile: Tile) => Point} */
export const exitOf = (tile) => ({ x: tile.x + tile.width + 2, y: middleOf(tile) });

/**
 * How the layers hang together.
 *
 * @type {(layout: Layout) => SVGElement[]}
 */
export function linksOf(layout) {
  return layout.links.flatMap(({ from, to, kind }) => {
    const [left, right] = [layout.columns[from], layout.columns[to]];
    const kernels = right.tiles.filter((tile) => tile.kernels.length).map(kernelLine);
    return [...linkLines(left, right, kind), ...kernels];
  });
}

/** @type {(left: Column, right: Column, kind: string) => SVGElement[]} */
function linkLines(left, right, kind) {
  if (kind === "each" && left.across === 1) {
    return right.tiles.flatMap((tile) => {
      const before = left.tiles.find(({ channel }) => channel === tile.channel);
      return before ? [svg("path", { d: `M${before.x + before.width + 2},${middleOf(before)}H${tile.x - 2}` })] : [];
    });
  }
  const few = left.across === 1 && right.across === 1 && left.tiles.length * right.tiles.length <= MOST_LINES;
  if (kind !== "all" || !few) return [band(left, right)];
  return right.tiles.flatMap((tile) =>
    left.tiles.map((before) => svg("path", { class: "many", d: curve(exitOf(before), entryOf(tile)) })));
}

/** @type {(tile: Tile) => SVGElement} */
function kernelLine(tile) {
  const last = tile.kernels[tile.kernels.length - 1];
  return svg("path", { d: `M${last.x + last.width + 1},${middleOf(tile)}H${tile.x - 1}` });
}

/**
 * Everything before with everything after: one translucent band, never a sample of lines.
 *
 * @type {(left: Column, right: Column) => SVGElement}
 */
function band(left, right) {
  const [x1, x2] = [left.x + left.width + 2, right.x - 3];
  const [[top1, bottom1], [top2, bottom2]] = [extent(left), extent(right)];
  const back = curve({ x: x2, y: bottom2 }, { x: x1, y: bottom1 }).replace("M", "L");
  return svg("path", { class: "band", d: `${curve({ x: x1, y: top1 }, { x: x2, y: top2 })}${back}Z` });
}

/**
 * From its first tile, unit or class to its last.
 *
 * @type {(column: Column) => [number, number]}
 */
function extent(column) {
  if (column.type === "units") return [column.y, column.y + column.height];
  if (column.type === "classes") {
    const last = unitBox(column, column.rows - 1);
    return [unitBox(column, 0).y, last.y + last.height];
  }
  const bottoms = column.tiles.map((tile) => tile.y + tile.height);
  return [Math.min(...column.tiles.map((tile) => tile.y)), Math.max(...bottoms)];
}
