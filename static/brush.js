// What the tools of the drawing pad do to its pixels.

/**
 * The pixels before a stroke, how much of each cell it covers (0 to 1), the last point, and the pointer that draws it.
 *
 * @typedef {{
 *   before: Uint8Array,
 *   coverage: Float32Array,
 *   color: number[],
 *   last?: Ui.Cell,
 *   pointer?: number,
 * }} Stroke
 * @typedef {{
 *   height: number,
 *   width: number,
 *   channels: number,
 *   pixels: Uint8Array,
 *   size: number,
 *   color: number[],
 *   cell: Ui.Cell,
 * }} Canvas
 */

/**
 * A stroke covers each cell once, as much as its nearest point does, so that its edges stay soft.
 *
 * @type {(pad: Canvas, stroke: Stroke, from: Ui.Cell, to: Ui.Cell) => void}
 */
export function drawLine(pad, stroke, from, to) {
  const { before, coverage, color } = stroke;
  const thin = pad.size === 1; // from the middle of a cell to the middle of a cell
  const [start, end] = [from, to].map((at) => (thin ? { row: Math.round(at.row), column: Math.round(at.column) } : at));
  const [down, right] = [end.row - start.row, end.column - start.column];
  const length = down * down + right * right;
  for (let cell = 0; cell < coverage.length; cell++) {
    const [row, column] = [Math.floor(cell / pad.width) - start.row, (cell % pad.width) - start.column];
    const along = length ? Math.max(0, Math.min(1, (row * down + column * right) / length)) : 0;
    const distance = Math.hypot(row - along * down, column - along * right);
    const share = Math.max(0, Math.min(1, pad.size / 2 + 0.5 - distance));
    if (share <= coverage[cell]) continue;
    coverage[cell] = share;
    const mixed = color.map((value, part) => Math.round(before[cell * pad.channels + part] * (1 - share) + value * share));
    setCell(pad, cell, mixed);
  }
}

/**
 * Fills the cell and all that are connected with it by their sides and differ from it by less than half the range.
 *
 * @type {(pad: Canvas) => void}
 */
export function floodFill(pad) {
  const first = pad.cell.row * pad.width + pad.cell.column;
  const values = (/** @type {number} */ cell) => Array.from(pad.pixels.subarray(cell * pad.channels, (cell + 1) * pad.channels));
  const color = values(first);
  const isAlike = (/** @type {number} */ cell) => values(cell).every((value, part) => Math.abs(value - color[part]) < 128);
  const filled = new Set([first]);
  for (const cell of filled) {
    const [row, column] = [Math.floor(cell / pad.width), cell % pad.width];
    const neighbors = [row > 0 && cell - pad.width, row < pad.height - 1 && cell + pad.width, column > 0 && cell - 1, column < pad.width - 1 && cell + 1];
    for (const neighbor of neighbors) if (neighbor !== false && isAlike(neighbor)) filled.add(neighbor);
  }
  for (const cell of filled) setCell(pad, cell, pad.color);
}

/**
 * Gives a cell, by its number, a color.
 *
 * @type {(pad: Canvas, cell: number, color: ArrayLike<number>) => void}
 */
export function setCell(pad, cell, color) {
  pad.pixels.set(color, cell * pad.channels);
}
