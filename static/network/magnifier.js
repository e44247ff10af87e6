// A finger hides what it points at: when it rests on a number, this shows the number enlarged above it.

import { element } from "../elements.js";
import { paint } from "../pixels.js";
import { mapColor, unitColor } from "./color.js";
import { place } from "./glance_labels.js";
import { hasMaps, isFilter } from "./layers.js";
import { columnsOf, targetUnit, valueInWords } from "./selection.js";

const REST = 220; // milliseconds until a touch is no tap or swipe any more
const SLOP = 9; // pixels that a resting finger may move
const REACH = 40; // pixels to the nearest number
export const CELLS = 9; // shown along a side
const ABOVE = 34; // pixels between the finger and the picture
const TOP_ROOM = 64; // pixels that a page's header may cover

/**
 * Magnifies what a resting finger points at within an element; where the finger is lifted, `choose` is called.
 *
 * @type {(view: Net.View, root: HTMLElement, unitNear: (at: Ui.Point, reach: number) => Net.Unit | null, choose: (unit: Net.Unit) => void) => void}
 */
export function addMagnifier(view, root, unitNear, choose) {
  const picture = element("canvas");
  const cell = element("div", { class: "cell" });
  const words = element("div");
  const lens = element("div", { class: "lens", "aria-hidden": "true" }, element("div", { class: "crop" }, picture, cell), words);
  /** @type {Touch | null} */
  let start = null;
  /** @type {Net.Unit | null} */
  let unit = null;
  /** @type {Net.Timer} */
  let timer;
  const end = () => {
    clearTimeout(timer);
    start = null;
    unit = null;
    if (!lens.isConnected) return;
    lens.remove();
    view.hover(null);
  };
  const show = (/** @type {Touch} */ touch) => {
    unit = unitNear(touch, REACH) ?? unit;
    const color = unit && cropOf(view, unit);
    if (!unit || !color) return;
    paint(picture, CELLS, CELLS, color);
    words.textContent = valueInWords(view, unit);
    view.root.append(lens);
    place(lens, placeAbove(view.root.getBoundingClientRect(), { width: lens.offsetWidth, height: lens.offsetHeight }, touch));
    view.hover(targetUnit(view, unit));
  };
  root.addEventListener("touchstart", (event) => {
    end();
    const [touch] = event.touches;
    if (event.touches.length > 1 || /** @type {Element} */ (event.target).closest("button")) return;
    start = touch;
    timer = setTimeout(() => show(touch), REST);
  }, { passive: true });
  root.addEventListener("touchmove", (event) => {
    const [touch] = event.touches;
    if (lens.isConnected) {
      event.preventDefault(); // the page stays where it is
      show(touch);
    } else if (start && Math.hypot(touch.clientX - start.clientX, touch.clientY - start.clientY) > SLOP) end();
  }, { passive: false });
  root.addEventListener("touchend", (event) => {
    const chosen = lens.isConnected ? targetUnit(view, unit) : null;
    end();
    if (!chosen) return;
    event.preventDefault(); // or it would be a click, too
    choose(chosen);
  });
  root.addEventListener("touchcancel", end);
  root.addEventListener("contextmenu", (event) => {
    if (start) event.preventDefault();
  });
}

/**
 * The colors of the cells around a unit; null where it is a class, or the browser was not given the numbers.
 *
 * @type {(view: Net.View, unit: Net.Unit) => Ui.ColorOf | null}
 */
export function cropOf(view, unit) {
  const layer = view.network.layers[unit.layer];
  if (!layer.numbers || layer.output || isFilter(layer, unit)) return null;
  const across = columnsOf(view, layer);
  const [rows, columns] = hasMaps(layer) ? layer.shape : [Math.ceil(layer.length / across), across];
  const color = hasMaps(layer) ? mapColor(view, layer, unit.channel) : unitColor(view, layer, across);
  const [row, column] = hasMaps(layer) ? [unit.row ?? 0, unit.column ?? 0] : [Math.floor(unit.channel / across), unit.channel % across];
  const [top, left] = [row, column].map((at) => at - Math.floor(CELLS / 2));
  return (down, right) => {
    const [y, x] = [top + down, left + right];
    return y >= 0 && x >= 0 && y < rows && x < columns ? color(y, x) : null;
  };
}

/**
 * Where the picture is put within `root`: above the finger, or beside it where there is no room.
 *
 * @type {(root: Pick<DOMRect, "left" | "top" | "width">, size: { width: number, height: number }, finger: Ui.Point) => { x: number, y: number }}
 */
export function placeAbove(root, { width, height }, { clientX, clientY }) {
  const above = clientY - ABOVE - height;
  const beside = clientX > root.left + root.width / 2 ? clientX - ABOVE - width : clientX + ABOVE;
  const x = above < TOP_ROOM ? beside : clientX - width / 2;
  return { x: Math.max(0, Math.min(root.width - width, x - root.left)), y: Math.max(above, TOP_ROOM) - root.top };
}
