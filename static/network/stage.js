// A stage of the strip: the card of a layer, or of its kernels, with pictures that can be pointed at.

import { element } from "../elements.js";
import { paint } from "../pixels.js";
import { hasMaps } from "./layers.js";
import { targetUnit } from "./selection.js";
import { pick } from "./sheet.js";

export const ROWS = 8; // maps above each other before a second column begins
export const CAPTION = 15; // pixels of a map's number below it

/**
 * The stage of a layer, or of its kernels, with the head of its card.
 *
 * @type {(layer: Net.Layer, title: string, note: string, kind: string) => Net.Stage}
 */
export function stageOf(layer, title, note, kind) {
  const shown = layer.output ? "classes" : kind === "image" ? "input" : hasMaps(layer) || kind === "kernels" ? kind : "units";
  const group = hasMaps(layer) && kind !== "kernels" && kind !== "image" ? `maps ${shown}` : shown;
  const head = element("div", { class: "head" }, element("h2", {}, title), element("p", { class: "note" }, note));
  return {
    layer,
    kernels: kind === "kernels",
    card: element("section", { class: `stage ${group}` }, head),
    tiles: [],
    legend: element("div", { class: "legend" }),
    ends: element("div", { class: "ends" }),
    facts: element("p", { class: "facts" }),
    overlay: element("div", { class: "overlay", "aria-hidden": "true" }),
    boxes: [],
  };
}

/**
 * Puts the pictures of a stage on its card, its legend below them.
 *
 * @type {(stage: Net.Stage, box: HTMLElement) => void}
 */
export function addLegend(stage, box) {
  stage.card.append(box, stage.legend, stage.facts);
}

/**
 * How many pixels of the screen a cell of a layer's maps is wide.
 *
 * @type {(view: { enlarged: number }, layer: Net.Layer) => number}
 */
export function mapZoom(view, { kind, shape: [, width, maps] }) {
  return view.enlarged * Math.max(1, Math.round((kind === "image" ? 112 : maps > 16 ? 40 : 70) / width));
}

/**
 * An image with a pixel a cell. Browsers move outlines over a hundred images far more smoothly than
 * over as many canvases.
 *
 * @type {(label: string, height: number, width: number, zoom: number) => HTMLImageElement}
 */
export function pictureOf(label, height, width, zoom) {
  const picture = element("img", { alt: label, height, width, draggable: false, decoding: "sync" });
  picture.style.width = `${width * zoom}px`;
  picture.style.height = `${height * zoom}px`;
  return picture;
}

/** @type {HTMLCanvasElement | undefined} */
let scratchCanvas; // one for all pictures, made with the first

/**
 * Gives the cells of a picture their colors.
 *
 * @type {(picture: HTMLImageElement, height: number, width: number, color: Ui.ColorOf) => void}
 */
export function paintPicture(picture, height, width, color) {
  scratchCanvas ??= element("canvas");
  paint(scratchCanvas, height, width, color);
  picture.src = scratchCanvas.toDataURL();
}

/** @type {WeakMap<Element, (at: Ui.Point) => Net.Unit | null>} */
const pictures = new WeakMap();

/**
 * The unit whose picture is at a point of the window.
 *
 * @type {(view: Net.View, at: Ui.Point) => Net.Unit | null}
 */
export function unitShownAt(view, at) {
  const page = /** @type {Document | ShadowRoot} */ (view.root.getRootNode());
  const found = page.elementFromPoint(at.clientX, at.clientY);
  return (found && pictures.get(found)?.(at)) ?? null;
}

/**
 * Has a picture give the view the unit under the pointer, and select it on a click.
 *
 * @type {(view: Net.View, picture: HTMLImageElement, unitUnder: (at: Ui.Point) => Net.Unit | null) => void}
 */
export function addPointerEvents(view, picture, unitUnder) {
  pictures.set(picture, unitUnder);
  picture.onpointermove = (event) => {
    if (event.pointerType !== "touch") view.hover(targetUnit(view, unitUnder(event)));
  };
  picture.onpointerleave = () => view.hover(null);
  picture.onclick = (event) => {
    const unit = targetUnit(view, unitUnder(event));
    if (unit) pick(view, unit);
  };
}
