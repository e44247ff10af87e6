// Images to choose from: a grid of small pictures; a click (or Enter) sends its number to Python.

import { element, replaceContent, rootOf } from "./elements.js";
import { unpack } from "./message.js";
import { paint } from "./pixels.js";

/**
 * @typedef {{
 *   shape: [number, number, number],
 *   images: { number: number, caption: string, selected: boolean }[],
 *   zoom: number,
 *   terse: boolean,
 * }} Head
 */

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data, setTriggerValue } = component;
  const root = rootOf(component, "image-grid");
  /** @type {{ head: Head, body: Uint8Array }} */
  const { head, body } = unpack(data);
  const [height, width, channels] = head.shape;
  const grid = element("div", { class: "grid" });
  head.images.forEach((image, place) => {
    const canvas = element("canvas", { "aria-hidden": "true" });
    canvas.style.width = `${width * head.zoom}px`;
    const start = place * height * width * channels;
    paint(canvas, height, width, (row, column) => {
      const at = start + (row * width + column) * channels;
      return [0, 1, 2].map((part) => body[at + (channels === 3 ? part : 0)]);
    });
    const button = element("button", { type: "button", class: image.selected ? "selected" : "" }, canvas);
    button.setAttribute("aria-label", `Image ${image.number}, ${image.caption}`);
    button.setAttribute("aria-pressed", String(image.selected));
    if (head.terse) button.title = `Image ${image.number}, ${image.caption}`;
    else button.append(element("span", { class: "number" }, `${image.number}`), element("span", { class: "caption" }, image.caption));
    button.onclick = () => setTriggerValue("chosen", image.number);
    grid.append(button);
  });
  replaceContent(root, grid);
}
