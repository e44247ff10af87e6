// One image, cell by cell: its colors with a readout, or the number in every cell.

import { element, rootOf } from "./elements.js";
import { unpack } from "./message.js";
import { cellUnder, paint } from "./pixels.js";
import { numberTable } from "./tables.js";

/**
 * @typedef {{
 *   shape: [number, number, number],
 *   label: string,
 *   numbers: boolean,
 *   width: number,
 *   of: 255 | 1,
 *   channel: number | null,
 *   top: number,
 *   left: number,
 *   box: [number, number, number] | null,
 *   chooses: boolean,
 *   hint: string,
 * }} Head
 */

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data, setTriggerValue } = component;
  const root = rootOf(component, "pixel-view");
  /** @type {{ head: Head, body: Uint8Array }} */
  const { head, body } = unpack(data);
  const [height, width, channels] = head.shape;
  const parts = head.channel === null ? Array.from({ length: channels }, (_, part) => part) : [head.channel];
  /** @type {(row: number, column: number) => number[]} */
  const value = (row, column) => parts.map((part) => body[(row * width + column) * channels + part]);
  const textOf = (/** @type {number} */ level) => (head.of === 255 ? `${level}` : level % 255 ? (level / 255).toFixed(2) : `${level / 255}`);
  /** @type {(row: number, column: number) => Ui.Rgb} */
  const color = (row, column) => {
    const values = value(row, column);
    if (head.channel !== null) return [0, 1, 2].map((part) => (part === head.channel ? values[0] : 0));
    return channels === 3 ? values : Array(3).fill(values[0]);
  };
  if (head.numbers) {
    const table = numberTable(height, width, value, color, (levels) => levels.map(textOf).join("\n"));
    table.setAttribute("aria-label", head.label);
    table.style.setProperty("--cell", `${Math.floor(head.width / width)}px`);
    root.replaceChildren(element("div", { class: "scroll", tabIndex: 0 }, table));
    return;
  }
  const canvas = element("canvas", { role: "img" });
  canvas.setAttribute("aria-label", head.label);
  paint(canvas, height, width, color);
  canvas.style.width = `${width * Math.max(1, Math.round(head.width / width))}px`;
  const readout = element("p", { class: "readout", role: "status" }, head.hint);
  canvas.onpointermove = (event) => {
    const cell = cellUnder(event, canvas);
    if (!cell) return;
    const text = value(cell.row, cell.column).map(textOf).join(", ");
    readout.textContent = `Row ${head.top + cell.row + 1}, column ${head.left + cell.column + 1}: ${text} of ${head.of}`;
  };
  canvas.onpointerleave = () => (readout.textContent = head.hint);
  canvas.onclick = (event) => {
    const cell = cellUnder(event, canvas);
    if (cell && head.chooses) setTriggerValue("cell", [cell.row, cell.column]);
  };
  const frame = element("div", { class: "frame" }, canvas);
  if (head.box) frame.append(boxOver(head.box, height, width));
  root.replaceChildren(frame, readout);
}

/** @type {(box: [number, number, number], height: number, width: number) => HTMLElement} */
function boxOver([top, left, side], height, width) {
  const box = element("div", { class: "box" });
  box.style.top = `${(100 * top) / height}%`;
  box.style.left = `${(100 * left) / width}%`;
  box.style.height = `${(100 * side) / height}%`;
  box.style.width = `${(100 * side) / width}%`;
  return box;
}
