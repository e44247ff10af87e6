// Parts of images, all enlarged alike; what lies outside of an image lets the hatching through.

import { element, replaceContent, rootOf } from "./elements.js";
import { unpack } from "./message.js";
import { paint } from "./pixels.js";

/**
 * @typedef {{
 *   shape: [number, number],
 *   value: string,
 *   number: string,
 *   caption: string,
 *   label: string,
 *   selected: boolean,
 * }} Patch
 * @typedef {{ patches: Patch[], choosable: boolean, zoom: number }} Head
 */

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data, setTriggerValue } = component;
  const root = rootOf(component, "patches");
  /** @type {{ head: Head, body: Uint8Array }} */
  const { head, body } = unpack(data);
  let start = 0;
  const made = head.patches.map((patch, place) => {
    const [height, width] = patch.shape;
    const canvas = element("canvas");
    canvas.style.width = `${width * head.zoom}px`;
    const from = start;
    start += height * width * 4;
    paint(canvas, height, width, (row, column) => {
      const at = from + (row * width + column) * 4;
      return body[at + 3] ? body.subarray(at, at + 3) : null;
    });
    const lines = [
      element("span", { class: "value" }, patch.value),
      element("span", { class: "number" }, patch.number),
      element("span", { class: "caption" }, patch.caption),
    ];
    if (!head.choosable) {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", patch.label);
      return element("figure", { class: "patch" }, canvas, ...lines);
    }
    canvas.setAttribute("aria-hidden", "true");
    const button = element("button", { type: "button", class: "patch" }, canvas, ...lines);
    button.classList.toggle("selected", patch.selected);
    button.setAttribute("aria-label", patch.label);
    button.setAttribute("aria-pressed", String(patch.selected));
    button.title = patch.label;
    button.onclick = () => setTriggerValue("chosen", place);
    return button;
  });
  replaceContent(root, element("div", { class: "row" }, ...made));
}
