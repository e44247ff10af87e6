// A dot on each cell that max pooling passes on: the largest of a window, the first of equals.

import { element } from "../elements.js";
import { paint } from "../pixels.js";
import { poolingReceipt } from "./receipt.js";

const DOT = 3; // pixels of a cell; the one in the middle is the dot
const DOT_COLOR = [255, 45, 117];

/**
 * The cells of a map that win a window, by number; null where no max pooling reads it. A window whose
 * cells are all the same has no winner.
 *
 * @type {(network: Net.Network, layer: Net.Layer, map: number) => Set<number> | null}
 */
export function winnersOf(network, layer, map) {
  const next = network.layers[layer.number + 1];
  if (next?.kind !== "pooling" || next.pooling !== "max" || !layer.numbers) return null;
  const won = new Set();
  for (let row = 0; row < next.shape[0]; row++) {
    for (let column = 0; column < next.shape[1]; column++) {
      const { cells, winner = 0 } = poolingReceipt(next, layer, { row, column, channel: map });
      const { row: at, column: across, value } = cells[winner];
      if (cells.some((cell) => cell.value !== value)) won.add(at * layer.shape[1] + across);
    }
  }
  return won;
}

/**
 * Puts the dots on a map, or takes them off.
 *
 * @type {(view: Net.View, stage: Net.Stage, map: number) => void}
 */
export function markWinners(view, stage, map) {
  const tile = stage.tiles[map];
  tile.dots?.remove();
  const won = view.head.winners ? winnersOf(view.network, stage.layer, map) : null;
  if (!won) return;
  tile.dots = element("canvas", { class: "winners", "aria-hidden": "true" });
  const middle = (/** @type {number} */ at) => at % DOT === 1;
  paint(tile.dots, tile.height * DOT, tile.width * DOT, (row, column) => {
    const cell = Math.floor(row / DOT) * tile.width + Math.floor(column / DOT);
    return middle(row) && middle(column) && won.has(cell) ? DOT_COLOR : null;
  });
  tile.frame?.append(tile.dots);
}
