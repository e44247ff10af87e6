// A pad to draw on, one cell a pixel of the network's input. The drawing is sent to Python while one draws.
//
// The drawing is held here and in Python. Here it is changed, which is counted in `version`; Python
// only puts another in its place, which it counts in `start`. The larger (start, version) is the
// newer drawing, and each side takes over what is newer than its own: see Drawing in drawing.py.

import { drawLine, floodFill, setCell } from "./brush.js";
import { element, rootOf } from "./elements.js";
import { arrowOf } from "./keys.js";
import { unpack } from "./message.js";
import { paint } from "./pixels.js";

const SHORTEST_PAUSE = 150; // milliseconds at least from Python's answer to the next message
const LONGEST_PAUSE = 1000; // milliseconds at most, however long Python takes
const RESEND_AFTER = 4000; // milliseconds after which a message without an answer is sent again, then twice as many
const MOST_UNDO = 50;
const TOOLS = ["Draw", "Erase", "Fill"];
const SIZES = [1, 2, 3];
const KEYS = "Arrow keys move the cell, Space uses the tool there, Delete erases it, Ctrl and Z undo.";
/** @type {Map<string, Pad>} */
const pads = new Map(); // by name: a pad that has left the page comes back with what was drawn on it

/**
 * @typedef {import("./brush.js").Stroke} Stroke
 * @typedef {{ start: number, version: number }} DrawingVersion
 * @typedef {DrawingVersion & { name: string, shape: [number, number, number] }} Head
 *
 * `confirmed` is the drawing that Python has, `pending` the message that it has not confirmed yet.
 *
 * @typedef {import("./brush.js").Canvas & DrawingVersion & {
 *   undo: Uint8Array[],
 *   stroke: Stroke | null,
 *   tool: string,
 *   confirmed: DrawingVersion,
 *   pending: (DrawingVersion & { sentAt: number, timeout: number }) | null,
 *   pausedUntil: number,
 *   timer: ReturnType<typeof setTimeout> | undefined,
 *   send(drawing: unknown): void,
 *   root: HTMLElement,
 *   canvas: HTMLCanvasElement,
 *   average: HTMLCanvasElement,
 *   cursor: HTMLElement,
 *   status: HTMLElement,
 * }} Pad
 */

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data, parentElement, setStateValue } = component;
  if (!parentElement.isConnected) return; // it has left the page meanwhile
  /** @type {{ head: Head, body: Uint8Array }} */
  const { head, body } = unpack(data);
  const cells = head.shape.reduce((product, side) => product * side);
  const pixels = body.slice(0, cells);
  const pad = pads.get(head.name) ?? newPad(head, pixels);
  pads.set(head.name, pad);
  if (isNewer(head, pad)) {
    saveForUndo(pad);
    pad.stroke = null;
    Object.assign(pad, { pixels, start: head.start, version: head.version });
  }
  const root = rootOf(component, "drawing-pad");
  if (pad.root !== root) build(pad, root);
  const average = body.subarray(cells);
  paint(pad.average, pad.height, pad.width, (row, column) => colorAt(pad, average, row, column));
  pad.send = (drawing) => setStateValue("drawing", drawing);
  confirm(pad, head);
  show(pad);
}

/** @type {(drawing: DrawingVersion, other: DrawingVersion) => boolean} */
const isNewer = (drawing, other) => drawing.start > other.start || (drawing.start === other.start && drawing.version > other.version);

/** @type {(head: Head, pixels: Uint8Array) => Pad} */
function newPad(head, pixels) {
  const [height, width, channels] = head.shape;
  const cell = { row: Math.floor(height / 2), column: Math.floor(width / 2) };
  /** @type {Omit<Pad, "send" | "root" | "canvas" | "average" | "cursor" | "status">} */
  const pad = {
    height, width, channels, pixels, cell, start: head.start, version: head.version, undo: [], stroke: null,
    tool: "Draw", size: 2, color: Array(channels).fill(255), confirmed: head, pending: null, pausedUntil: 0, timer: undefined,
  };
  return /** @type {Pad} */ (pad); // `build` makes the rest
}

/** @type {(pad: Pad, root: HTMLElement) => void} */
function build(pad, root) {
  pad.root = root;
  pad.stroke = null;
  pad.canvas = element("canvas", { tabIndex: 0, role: "application" });
  pad.canvas.setAttribute("aria-label", `Drawing pad, ${pad.height} × ${pad.width} cells. ${KEYS}`);
  pad.average = element("canvas", { class: "average", "aria-hidden": "true" });
  pad.cursor = element("div", { class: "cursor" });
  pad.status = element("p", { class: "status", role: "status" });
  const frame = element("div", { class: "frame" }, pad.canvas, pad.average, pad.cursor);
  frame.style.width = `${pad.width * Math.max(1, Math.floor(240 / pad.width))}px`;
  root.replaceChildren(frame, element("div", { class: "side" }, ...tools(pad), pad.status));
  addPointerEvents(pad);
  pad.canvas.onkeydown = (event) => keyPressed(pad, event);
}

/** @type {(pad: Pad) => HTMLElement[]} */
function tools(pad) {
  const undo = element("button", { type: "button", onclick: () => undoLast(pad) }, "Undo");
  const clear = element("button", { type: "button", onclick: () => clearAll(pad) }, "Clear");
  return [
    choice("Tool", TOOLS, pad.tool, (tool) => (pad.tool = tool)),
    choice("Brush, in cells", SIZES, pad.size, (size) => (pad.size = size)),
    element("label", { class: "group" }, element("span", {}, pad.channels === 3 ? "Color" : "Brightness"), colorInput(pad)),
    element("div", { class: "group" }, element("div", { class: "buttons" }, undo, clear)),
  ];
}

/** @type {(pad: Pad) => HTMLElement} */
function colorInput(pad) {
  if (pad.channels === 3) {
    const hex = pad.color.map((value) => value.toString(16).padStart(2, "0")).join("");
    const input = element("input", { type: "color", value: `#${hex}` });
    input.oninput = () => (pad.color = [1, 3, 5].map((at) => parseInt(input.value.slice(at, at + 2), 16)));
    return input;
  }
  const value = element("output", {}, String(pad.color[0]));
  const input = element("input", { type: "range", min: 0, max: 255, value: pad.color[0] });
  input.oninput = () => {
    pad.color = [Number(input.value)];
    value.textContent = input.value;
  };
  return element("span", { class: "range" }, input, value);
}

/**
 * Buttons of which one is pressed; `onPress` is called with the option of another.
 *
 * @template Option
 * @param {string} label
 * @param {Option[]} options
 * @param {Option} pressed
 * @param {(option: Option) => void} onPress
 * @returns {HTMLElement}
 */
function choice(label, options, pressed, onPress) {
  const buttons = options.map((option) => {
    const button = element("button", { type: "button" }, `${option}`);
    button.onclick = () => {
      onPress(option);
      mark(option);
    };
    return button;
  });
  const mark = (/** @type {Option} */ option) =>
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(option === options[at])));
  mark(pressed);
  const group = element("div", { class: "buttons", role: "group" }, ...buttons);
  group.setAttribute("aria-label", label);
  return element("div", { class: "group" }, element("span", { "aria-hidden": "true" }, label), group);
}

/** @type {(pad: Pad) => void} */
function addPointerEvents(pad) {
  const { canvas } = pad;
  const place = (/** @type {PointerEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return {
      row: ((event.clientY - box.top) / box.height) * pad.height - 0.5,
      column: ((event.clientX - box.left) / box.width) * pad.width - 0.5,
    };
  };
  canvas.onpointerdown = (event) => {
    if (event.button !== 0 || pad.stroke) return;
    canvas.setPointerCapture(event.pointerId);
    const at = place(event);
    pad.cell = inside(pad, Math.round(at.row), Math.round(at.column));
    useTool(pad, at);
    if (pad.stroke) Object.assign(pad.stroke, { last: at, pointer: event.pointerId });
  };
  canvas.onpointermove = (event) => {
    const { stroke } = pad;
    if (!stroke || stroke.pointer !== event.pointerId) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) {
      const at = place(step);
      pad.cell = inside(pad, Math.round(at.row), Math.round(at.column));
      drawLine(pad, stroke, stroke.last ?? at, at);
      stroke.last = at;
    }
    changed(pad);
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => {
    if (pad.stroke?.pointer === event.pointerId) pad.stroke = null;
  };
}

/** @type {(pad: Pad, event: KeyboardEvent) => void} */
function keyPressed(pad, event) {
  const move = arrowOf(event);
  if (move) {
    pad.cell = inside(pad, pad.cell.row + move[0], pad.cell.column + move[1]);
    show(pad);
  } else if (event.key === " " || event.key === "Enter") {
    useTool(pad, pad.cell);
    pad.stroke = null;
  } else if (event.key === "Delete" || event.key === "Backspace") {
    saveForUndo(pad);
    setCell(pad, pad.cell.row * pad.width + pad.cell.column, Array(pad.channels).fill(0));
    changed(pad);
  } else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
    undoLast(pad);
  } else return;
  event.preventDefault();
  event.stopPropagation(); // Streamlit has keys of its own
}

/** @type {(pad: Pad, row: number, column: number) => Ui.Cell} */
function inside(pad, row, column) {
  const within = (/** @type {number} */ at, /** @type {number} */ size) => Math.max(0, Math.min(size - 1, at));
  return { row: within(row, pad.height), column: within(column, pad.width) };
}

/**
 * Begins a stroke with the brush, or fills.
 *
 * @type {(pad: Pad, at: Ui.Cell) => void}
 */
function useTool(pad, at) {
  saveForUndo(pad);
  if (pad.tool === "Fill") floodFill(pad);
  else {
    const color = pad.tool === "Erase" ? Array(pad.channels).fill(0) : pad.color;
    pad.stroke = { before: pad.pixels.slice(), coverage: new Float32Array(pad.height * pad.width), color };
    drawLine(pad, pad.stroke, at, at);
  }
  changed(pad);
}

/** @type {(pad: Pad) => void} */
function saveForUndo(pad) {
  pad.undo = [...pad.undo.slice(1 - MOST_UNDO), pad.pixels.slice()];
}

/** @type {(pad: Pad) => void} */
function undoLast(pad) {
  const before = pad.undo.pop();
  if (!before) return;
  pad.stroke = null;
  pad.pixels = before;
  changed(pad);
}

/** @type {(pad: Pad) => void} */
function clearAll(pad) {
  saveForUndo(pad);
  pad.pixels.fill(0);
  changed(pad);
}

/** @type {(pad: Pad, pixels: Uint8Array, row: number, column: number) => Ui.Rgb} */
function colorAt(pad, pixels, row, column) {
  const at = (row * pad.width + column) * pad.channels;
  return [0, 1, 2].map((part) => pixels[at + (pad.channels === 3 ? part : 0)]);
}

/** @type {(pad: Pad) => void} */
function show(pad) {
  paint(pad.canvas, pad.height, pad.width, (row, column) => colorAt(pad, pad.pixels, row, column));
  const all = pad.height * pad.width;
  let lit = 0;
  for (let cell = 0; cell < all; cell++) {
    if (pad.pixels.subarray(cell * pad.channels, (cell + 1) * pad.channels).some((value) => value > 0)) lit++;
  }
  pad.average.hidden = lit > 0;
  const { row, column } = pad.cell;
  Object.assign(pad.cursor.style, {
    top: `${(100 * row) / pad.height}%`, left: `${(100 * column) / pad.width}%`,
    height: `${100 / pad.height}%`, width: `${100 / pad.width}%`,
  });
  const at = (row * pad.width + column) * pad.channels;
  const value = Array.from(pad.pixels.subarray(at, at + pad.channels)).join(", ");
  const hint = lit ? "" : " The pale shape is the average test image, as a hint of size and place; it is not on the pad.";
  pad.status.textContent = `${lit} of ${all} cells are not black. Row ${row + 1}, column ${column + 1}: ${value}.${hint}`;
}

/** @type {(pad: Pad) => void} */
function changed(pad) {
  pad.version += 1;
  show(pad);
  schedule(pad);
}

/**
 * Takes note of the drawing that Python has, which a message brought.
 *
 * @type {(pad: Pad, head: Head) => void}
 */
function confirm(pad, head) {
  if (isNewer(pad.confirmed, head)) pad.pending = null; // the server was started again and knows nothing
  pad.confirmed = head;
  if (pad.pending && !isNewer(pad.pending, head)) {
    // A message stops what Python still computes: it gets as long again to draw what it received.
    const now = Date.now();
    pad.pausedUntil = now + Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, now - pad.pending.sentAt));
    pad.pending = null;
  }
  schedule(pad);
}

/**
 * One message is under way at a time, and the last one always has the whole drawing.
 *
 * @type {(pad: Pad) => void}
 */
function schedule(pad) {
  clearTimeout(pad.timer);
  if (!isNewer(pad, pad.confirmed)) return;
  const from = pad.pending ? pad.pending.sentAt + pad.pending.timeout : pad.pausedUntil;
  pad.timer = setTimeout(() => sendDrawing(pad), Math.max(0, from - Date.now()));
}

/** @type {(pad: Pad) => void} */
function sendDrawing(pad) {
  if (!pad.root.isConnected) return; // it is sent when the pad is on the page again
  const { start, version } = pad;
  // Had Python only been slow, the message that is sent again would stop it: the next time it gets longer.
  pad.pending = { start, version, sentAt: Date.now(), timeout: pad.pending ? 2 * pad.pending.timeout : RESEND_AFTER };
  pad.send({ start, version, pixels: btoa(String.fromCharCode(...pad.pixels)) });
  schedule(pad);
}
