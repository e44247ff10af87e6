// Images to choose from: a grid of small pictures; a click (or Enter) tells Python which one.

import { element, putInside } from "./elements.js";
import { unpack } from "./message.js";
import { paint } from "./pixels.js";

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".image-grid");
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
    button.setAttribute("aria-pressed", String(Boolean(image.selected)));
    button.append(element("span", { class: "number" }, `${image.number}`), element("span", { class: "caption" }, image.caption));
    button.onclick = () => setTriggerValue("chosen", image.number);
    grid.append(button);
  });
  putInside(root, grid);
}
