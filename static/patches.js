// Parts of images, all enlarged alike; what lies outside of an image lets the hatching through.

import { element, putInside } from "./elements.js";
import { unpack } from "./message.js";
import { paint } from "./pixels.js";

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".patches");
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
    const told = ["value", "number", "caption"].map((part) => element("span", { class: part }, patch[part]));
    if (!head.choosable) {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", patch.label);
      return element("figure", { class: "patch" }, canvas, ...told);
    }
    canvas.setAttribute("aria-hidden", "true");
    const button = element("button", { type: "button", class: "patch" }, canvas, ...told);
    button.classList.toggle("selected", patch.selected);
    button.setAttribute("aria-label", patch.label);
    button.setAttribute("aria-pressed", String(patch.selected));
    button.title = patch.label;
    button.onclick = () => setTriggerValue("chosen", place);
    return button;
  });
  putInside(root, element("div", { class: "row" }, ...made));
}
