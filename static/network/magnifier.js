// A finger hides what it points at: when it rests on a number, this shows the number enlarged above it.

import { element } from "../elements.js";
import { paint } from "../pixels.js";
import { mapColor, unitColor } from "./color.js";
import { place } from "./glance_labels.js";
import { hasMaps } from "./layers.js";
import { columnsOf, targetUnit, valueInWords } from "./selection.js";

const REST = 220; // milliseconds until a touch is no tap or swipe any more
const SLOP = 9; // pixels that a resting finger may move
const REACH = 40; // pixels to the nearest number
const CELLS = 9; // shown along a side
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
    if (!unit || !paintCrop(view, picture, unit)) return;
    words.textContent = valueInWords(view, unit);
    view.root.append(lens);
    putAbove(view.root, lens, touch);
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
 * Paints the cells around a unit; false where it is a class, or the browser was not given the numbers.
 *
 * @type {(view: Net.View, picture: HTMLCanvasElement, unit: Net.Unit) => boolean}
 */
function paintCrop(view, picture, unit) {
  const layer = view.network.layers[unit.layer];
  if (!layer.numbers || layer.output || (hasMaps(layer) && unit.row === null)) return false;
  const across = columnsOf(view, layer);
  const [rows, columns] = hasMaps(layer) ? layer.shape : [Math.ceil(layer.length / across), across];
  const color = hasMaps(layer) ? mapColor(view, layer, unit.channel) : unitColor(view, layer, across);
  const [row, column] = hasMaps(layer) ? [unit.row ?? 0, unit.column ?? 0] : [Math.floor(unit.channel / across), unit.channel % across];
  const [top, left] = [row, column].map((at) => at - Math.floor(CELLS / 2));
  paint(picture, CELLS, CELLS, (down, right) => {
    const [y, x] = [top + down, left + right];
    return y >= 0 && x >= 0 && y < rows && x < columns ? color(y, x) : null;
  });
  return true;
}

/**
 * Above the finger, or beside it where there is no room.
 *
 * @type {(root: HTMLElement, lens: HTMLElement, touch: Touch) => void}
 */
function putAbove(root, lens, { clientX, clientY }) {
  const { left, top, width } = root.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = lens;
  const above = clientY - ABOVE - offsetHeight;
  const beside = clientX > left + width / 2 ? clientX - ABOVE - offsetWidth : clientX + ABOVE;
  const x = above < TOP_ROOM ? beside : clientX - offsetWidth / 2;
  place(lens, { x: Math.max(0, Math.min(width - offsetWidth, x - left)), y: Math.max(above, TOP_ROOM) - top });
}
