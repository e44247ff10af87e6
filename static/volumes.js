// The volumes of a network, drawn to scale: a box holds as many unit cubes as a layer gives values.

import { element, rootOf, svg } from "./elements.js";
import { unpack } from "./message.js";

const SLANT = 0.5; // how far one cell of width goes to the right, and half as far up

/**
 * @typedef {{
 *   title: string,
 *   shape: string,
 *   kind: string,
 *   height: number,
 *   width: number,
 *   depth: number,
 * }} Box
 * @typedef {{ boxes: Box[] }} Head
 */

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data } = component;
  const root = rootOf(component, "volumes");
  /** @type {{ head: Head }} */
  const { head } = unpack(data);
  const tallest = Math.max(...head.boxes.map((box) => box.height + (box.width * SLANT) / 2));
  const unit = 120 / tallest;
  root.replaceChildren(...head.boxes.map((box) => drawn(box, unit)));
}

/** @type {(box: Box, unit: number) => HTMLElement} */
function drawn(box, unit) {
  const depth = Math.max(box.depth * unit, 1.5);
  const height = Math.max(box.height * unit, 1.5);
  const [across, up] = [box.width * unit * SLANT, (box.width * unit * SLANT) / 2];
  const [full, tall] = [depth + across + 2, height + up + 2];
  const faces = Object.entries({
    front: [[0, up], [depth, up], [depth, up + height], [0, up + height]],
    top: [[0, up], [across, 0], [across + depth, 0], [depth, up]],
    side: [[depth, up], [depth + across, 0], [depth + across, height], [depth, up + height]],
  }).map(([name, points]) => svg("polygon", { points: points.join(" "), class: `${name} ${box.kind}` }));
  const shown = { viewBox: `-1 -1 ${full} ${tall}`, width: full, height: tall, "aria-hidden": "true" };
  const picture = svg("svg", shown, ...faces);
  const figure = element("figure", {}, element("div", { class: "picture" }, picture));
  figure.append(element("figcaption", {}, element("b", {}, box.title), element("span", {}, box.shape)));
  return figure;
}
