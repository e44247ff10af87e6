// The layers large: those opened from the overview, or all of them where there is no overview.

import { element } from "../elements.js";
import { kernelsWidth } from "./kernels.js";
import { hasMaps } from "./layers.js";
import { linkedViews } from "./linked_views.js";
import { addMagnifier } from "./magnifier.js";
import { keyPressed } from "./selection.js";
import { hasSheet, pick } from "./sheet.js";
import { CAPTION, mapZoom, ROWS, unitShownAt } from "./stage.js";
import { buildStrip, repaintStrip } from "./strip.js";

const LABEL =
  "The layers. Arrows move the chosen cell, Page Up and Page Down change the map, Shift with left and right the layer, Space plays the sweep, Escape closes.";
const NARROW = 480; // pixels in which nothing is enlarged
const LARGEST = 4; // times as large as a map of the strip
const TALLEST = 600; // pixels of a column of enlarged maps
const CARD = 28; // pixels around the maps of a card
const UNITS = 150;
const DURATION = 220; // milliseconds

/**
 * Makes the empty box of the layers; `showDetail` fills it.
 *
 * @type {(view: Net.View) => void}
 */
export function buildDetail(view) {
  view.strip = element("div", { class: "strip", tabIndex: 0, role: "group" });
  view.strip.setAttribute("aria-label", LABEL);
  view.strip.onkeydown = (event) => keyPressed(view, event);
  addMagnifier(view, view.strip, (touch) => unitShownAt(view, touch), (unit) => pick(view, unit));
  view.detail = element("section", { class: "detail" }, element("div", { class: "detail-bar" }), view.strip);
  view.detail.setAttribute("aria-label", "Layers, large");
}

/**
 * The numbers of the layers that are shown large, null for the overview.
 *
 * @type {(view: Net.View) => number[] | null}
 */
function openedLayers(view) {
  return view.glance.parts ? (view.state.opened ?? null) : drawn(view);
}

/** @type {(view: Net.View) => number[]} */
function drawn({ network: { layers } }) {
  return layers
    .filter((layer) => !layer.hidden && !(layer.name === "logits" && layers[layer.number + 1]?.kind === "softmax"))
    .map((layer) => layer.number);
}

/**
 * Shows the overview or the layers that are opened, whose cards are made anew and not painted yet.
 *
 * @type {(view: Net.View) => void}
 */
export function showDetail(view) {
  const opened = openedLayers(view);
  const all = drawn(view);
  view.glance.root.hidden = opened !== null;
  view.detail.hidden = opened === null;
  view.stages = [];
  if (!opened) {
    view.strip.replaceChildren();
    return;
  }
  const before = opened.length < all.length ? all[all.indexOf(opened[0]) - 1] : undefined;
  const shown = before === undefined ? opened : [before, ...opened];
  const { times, rows } = arrangement(view, shown, opened.length < all.length);
  view.enlarged = times;
  view.rows = rows;
  view.stages = buildStrip(view, shown, opened);
  view.strip.replaceChildren(element("div", { class: "stages" }, ...view.stages.map((stage) => stage.card)));
  view.detail.classList.toggle("some", opened.length < all.length);
  const bar = /** @type {HTMLElement} */ (view.detail.firstElementChild);
  bar.hidden = !view.glance.parts;
  bar.replaceChildren(...buttons(view, opened, all));
}

/** @type {(view: Net.View, opened: number[], all: number[]) => HTMLElement[]} */
function buttons(view, opened, all) {
  const button = (/** @type {string} */ text, /** @type {() => void} */ onclick) => element("button", { type: "button", class: "tool", onclick }, text);
  const titles = opened.map((at) => view.network.layers[at].title).join(", ");
  const back = button("← Whole network", () => view.openLayers(null));
  if (opened.length === all.length) return [back];
  if (hasSheet(view)) return [back, element("b", {}, titles)];
  return [back, element("b", {}, titles), button("Every layer", () => view.openLayers([]))];
}

/**
 * Opens layers by their numbers, an empty list for every layer, or goes back to the overview; `from` is
 * where in the overview they are, in pixels from the left.
 *
 * @type {(view: Net.View, layers: number[] | null, from?: number) => void}
 */
export function openLayers(view, layers, from) {
  open(view, layers, from);
  (layers ? view.strip : view.glance.root).focus({ preventScroll: true });
  for (const other of linkedViews(view)) if (!layers || hasLayers(other, view, layers)) open(other, layers, from);
}

/**
 * Whether some layers are shown large and this one is not among them.
 *
 * @type {(view: Net.View, layer: number) => boolean}
 */
export const isOutside = (view, layer) => Boolean(view.state.opened && view.glance.parts) && !view.stages.some((stage) => stage.layer.number === layer);

/**
 * Whether a view has the layers of another one.
 *
 * @type {(view: Net.View, other: Net.View, layers: number[]) => boolean}
 */
const hasLayers = (view, other, layers) => layers.every((at) => view.network.layers[at]?.title === other.network.layers[at].title);

/** @type {(view: Net.View, layers: number[] | null, from?: number) => void} */
function open(view, layers, from) {
  const origin = from ?? view.state.openedFrom ?? 0;
  view.state.opened = layers && (layers.length ? layers : drawn(view));
  view.state.openedFrom = origin;
  showDetail(view);
  view.repaint();
  const entered = layers ? view.detail : view.glance.root;
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  entered.style.transformOrigin = `${origin}px 0`;
  entered.animate([{ opacity: 0, transform: `scale(${layers ? 0.4 : 1.6})` }, { opacity: 1, transform: "none" }], { duration: DURATION, easing: "ease-out" });
}

/**
 * How many times larger than in a strip of all layers the maps are drawn, and how many are above each other.
 *
 * @type {(view: Pick<Net.View, "network" | "glance" | "head">, shown: number[], opened: boolean) => { times: number, rows: number }}
 */
export function arrangement(view, shown, opened) {
  const { room } = view.glance;
  if (!opened) return { times: room && room < NARROW ? 1 : view.head.enlarged, rows: ROWS };
  const layers = shown.map((at) => view.network.layers[at]);
  for (let times = LARGEST; times > 1; times--) {
    for (let rows = ROWS; rows > 0; rows--) if (fits(layers, times, rows, room)) return { times, rows };
  }
  return { times: 1, rows: ROWS };
}

/**
 * Whether there is room for layers whose maps are drawn so many `times` larger, so many `rows` of them.
 *
 * @type {(layers: Net.Layer[], times: number, rows: number, width: number) => boolean}
 */
function fits(layers, times, rows, width) {
  let taken = 0;
  for (const layer of layers) {
    if (!hasMaps(layer)) {
      taken += layer.output ? 2 * UNITS : UNITS;
      continue;
    }
    const [height, across, channels] = layer.shape;
    const count = layer.kind === "image" ? 1 : channels;
    const zoom = mapZoom({ enlarged: times }, layer);
    if (Math.min(rows, count) * (zoom * height + CAPTION) > TALLEST) return false;
    taken += Math.ceil(count / rows) * (zoom * across + 3) + CARD;
    if (layer.kind === "convolution") taken += kernelsWidth(layer, times) + CARD;
  }
  return taken <= width;
}

/**
 * Gives the large layers their colors, where there are any.
 *
 * @type {(view: Net.View) => void}
 */
export function repaintDetail(view) {
  if (view.stages.length) repaintStrip(view);
}

/**
 * Scrolls the strip sideways until the chosen layer stands between the input and the output.
 *
 * @type {(view: Net.View) => void}
 */
export function bringIntoView(view) {
  const unit = view.state.selected;
  const stage = unit && view.stages.find(({ layer, kernels }) => layer.number === unit.layer && !kernels);
  if (!stage || view.strip.scrollWidth <= view.strip.clientWidth) return;
  const [first, last] = [view.stages[0].card, view.stages[view.stages.length - 1].card];
  const pinned = (/** @type {Element} */ card) => getComputedStyle(card).position === "sticky";
  if (pinned(stage.card)) return;
  const left = stage.card.offsetLeft - (pinned(first) ? first.offsetWidth : 0) - 16;
  const right = stage.card.offsetLeft + stage.card.offsetWidth + (pinned(last) ? last.offsetWidth : 0) + 16;
  const { scrollLeft, clientWidth } = view.strip;
  if (left < scrollLeft) view.strip.scrollLeft = left;
  else if (right > scrollLeft + clientWidth) view.strip.scrollLeft = right - clientWidth;
}
