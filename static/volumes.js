// The volumes of a network, drawn to scale: a box holds as many unit cubes as a layer gives values.

import { element } from "./elements.js";
import { unpack } from "./message.js";

const SLANT = 0.5; // how far one cell of width goes to the right, and half as far up

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".volumes");
  const { head } = unpack(data);
  const reach = Math.max(...head.boxes.map((box) => box.height + (box.width * SLANT) / 2));
  const unit = 120 / reach;
  root.replaceChildren(...head.boxes.map((box) => drawn(box, unit)));
}

function drawn(box, unit) {
  const depth = Math.max(box.depth * unit, 1.5);
  const height = Math.max(box.height * unit, 1.5);
  const [across, up] = [box.width * unit * SLANT, (box.width * unit * SLANT) / 2];
  const corners = (points) => points.map((point) => point.join(",")).join(" ");
  const faces = [
    ["front", [[0, up], [depth, up], [depth, up + height], [0, up + height]]],
    ["top", [[0, up], [across, 0], [across + depth, 0], [depth, up]]],
    ["side", [[depth, up], [depth + across, 0], [depth + across, height], [depth, up + height]]],
  ];
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const [full, tall] = [depth + across + 2, height + up + 2];
  picture.setAttribute("viewBox", `-1 -1 ${full} ${tall}`);
  picture.setAttribute("width", full);
  picture.setAttribute("height", tall);
  picture.setAttribute("aria-hidden", "true");
  for (const [name, points] of faces) {
    const face = document.createElementNS(space, "polygon");
    face.setAttribute("points", corners(points));
    face.setAttribute("class", `${name} ${box.kind}`);
    picture.append(face);
  }
  const figure = element("figure", {}, element("div", { class: "picture" }, picture));
  figure.append(element("figcaption", {}, element("b", {}, box.title), element("span", {}, box.shape)));
  return figure;
}
