// Diagonal lines over the rows and columns of a map that have no effect.

import { linesWithout } from "./effect.js";

const PITCH = 4; // pixels from one line to the next
const COLOR = "#888";

/**
 * Draws the hatching of a map that lies in `box` on a canvas.
 *
 * @type {(context: CanvasRenderingContext2D, box: import("./layout.js").Box, dropped: Net.Dropped) => void}
 */
export function drawHatching(context, { x, y, width, height }, { rows, columns }) {
  const [down, across] = [height / rows.length, width / columns.length];
  context.save();
  context.beginPath();
  for (const row of linesWithout(rows)) context.rect(x, y + row * down, width, down);
  for (const column of linesWithout(columns)) context.rect(x + column * across, y, across, height);
  context.clip();
  context.strokeStyle = COLOR;
  context.beginPath();
  for (let at = -height; at < width; at += PITCH) {
    context.moveTo(x + at, y + height);
    context.lineTo(x + at + height, y);
  }
  context.stroke();
  context.restore();
}
