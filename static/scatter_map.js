// Images as points. Pointing shows the image; a line drawn around points, or a click, chooses.

import { isNewChoice, sendChoice } from "./choices.js";
import { isDark, selectedColor } from "./colors.js";
import { element, rootOf } from "./elements.js";
import { arrowOf } from "./keys.js";
import { unpack } from "./message.js";
import { paint, penOf } from "./pixels.js";

const SHAPES = ["circle", "square", "triangle", "diamond", "cross"];
const NEAR = 14;
const HINT = "Point at a point to see its image. Draw a line around a group, or tap a point, to choose; tap beside all to let go. Arrow keys go from point to point, Enter chooses.";

/**
 * @typedef {{
 *   count: number,
 *   numbers: number[],
 *   truth: number[],
 *   predicted: number[],
 *   classes: string[],
 *   chosen: number[],
 *   confirmed: Record<string, string>,
 *   shape: [number, number, number],
 *   label: string,
 *   moving: boolean,
 *   colors: { light: string[], dark: string[] },
 * }} Head
 * @typedef {[x: number, y: number]} Point
 *
 * `only` is the one class that is shown, null for all; `at` is the point that is pointed at, `line` the
 * line that is being drawn, in pixels; `xy` is where the points are drawn.
 *
 * @typedef {{
 *   root: HTMLElement,
 *   head: Head,
 *   choices: import("./choices.js").Choices,
 *   send(event: string, value: unknown): void,
 *   only: number | null,
 *   picked: Set<number>,
 *   at: number | null,
 *   line: Point[] | null,
 *   dark: boolean,
 *   palette: string[],
 *   places: Float32Array,
 *   images: Uint8Array,
 *   xy: Float32Array | null,
 *   width: number,
 *   height: number,
 *   fine: number,
 *   plot: HTMLCanvasElement,
 *   card: HTMLElement,
 *   frame: HTMLElement,
 *   status: HTMLElement,
 *   resize?: ResizeObserver,
 * }} View
 */

/** @type {WeakMap<HTMLElement, View>} */
export const views = new WeakMap(); // what is chosen and shown outlasts a message

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data, setTriggerValue } = component;
  const root = rootOf(component, "scatter-map");
  /** @type {{ head: Head, body: Uint8Array }} */
  const { head, body } = unpack(data);
  const dark = isDark(root);
  const view = views.get(root) ?? newView();
  const other = view.head?.count !== head.count;
  views.set(root, view);
  Object.assign(view, { root, head, at: null, line: null, dark, send: setTriggerValue });
  view.palette = dark ? head.colors.dark : head.colors.light;
  view.places = new Float32Array(body.buffer, 0, 2 * head.count);
  view.images = body.subarray(8 * head.count);
  if (isNewChoice(view, "chosen", head.chosen, other)) view.picked = new Set(head.chosen);
  build(view);
  view.resize?.disconnect();
  view.resize = new ResizeObserver(() => fit(view));
  view.resize.observe(view.frame);
  fit(view);
}

/** @type {() => View} */
const newView = () => /** @type {View} */ ({ only: null, choices: {}, picked: new Set(), xy: null });

/** @type {(view: View) => void} */
function build(view) {
  view.plot = element("canvas", { class: "plot", tabIndex: 0, role: "img" });
  view.plot.setAttribute("aria-label", view.head.label);
  view.card = element("div", { class: "card", hidden: true });
  view.frame = element("div", { class: "frame" }, view.plot, view.card);
  view.status = element("p", { class: "visually-hidden", role: "status" });
  view.root.replaceChildren(legend(view), view.frame, view.status, element("p", { class: "hint" }, view.head.moving ? "" : HINT));
  if (view.head.moving) return;
  view.plot.onpointerdown = (event) => begin(view, event);
  view.plot.onpointermove = (event) => go(view, event);
  view.plot.onpointerup = (event) => end(view, event);
  view.plot.onpointercancel = () => {
    view.line = null;
    draw(view);
  };
  view.plot.onpointerleave = () => {
    if (!view.line) show(view, null);
  };
  view.plot.onkeydown = (event) => step(view, event);
}

/** @type {(view: View, kind: number) => string} */
function color(view, kind) {
  return view.palette[kind % view.palette.length];
}

/** @type {(pen: CanvasRenderingContext2D, kind: number, x: number, y: number, size: number) => void} */
function mark(pen, kind, x, y, size) {
  pen.beginPath();
  const shape = SHAPES[(kind + Math.floor(kind / 10)) % SHAPES.length];
  if (shape === "circle") pen.arc(x, y, size, 0, 7);
  else if (shape === "square") pen.rect(x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8);
  else if (shape === "cross") {
    const [arm, half] = [size * 1.15, size * 0.42];
    pen.rect(x - arm, y - half, 2 * arm, 2 * half);
    pen.rect(x - half, y - arm, 2 * half, 2 * arm);
  } else {
    const corners = shape === "triangle" ? [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]] : [[0, -1.3], [1.1, 0], [0, 1.3], [-1.1, 0]];
    corners.forEach(([right, down], at) => pen[at ? "lineTo" : "moveTo"](x + right * size, y + down * size));
    pen.closePath();
  }
}

/** @type {(view: View) => HTMLElement} */
function legend(view) {
  const line = element("div", { class: "legend", role: "group" });
  line.setAttribute("aria-label", "Classes; press one to see it alone");
  /** @type {(kind: number, wrong?: boolean) => HTMLCanvasElement} */
  const sign = (kind, wrong) => {
    const canvas = element("canvas", { width: 28, height: 28, "aria-hidden": "true" });
    const pen = penOf(canvas);
    mark(pen, kind, 14, 14, 9);
    pen.fillStyle = wrong ? "transparent" : color(view, kind);
    pen.fill();
    if (wrong) ring(view, pen, 14, 14, 11);
    return canvas;
  };
  view.head.classes.forEach((name, kind) => {
    const button = element("button", { type: "button" }, sign(kind), name);
    button.setAttribute("aria-pressed", String(view.only === kind));
    button.onclick = () => {
      view.only = view.only === kind ? null : kind;
      line.querySelectorAll("button").forEach((one, at) => one.setAttribute("aria-pressed", String(view.only === at)));
      draw(view);
    };
    line.append(button);
  });
  line.append(element("span", {}, sign(0, true), "predicted wrongly"));
  return line;
}

/** @type {(view: View, pen: CanvasRenderingContext2D, x: number, y: number, size: number) => void} */
function ring(view, pen, x, y, size) {
  pen.beginPath();
  pen.arc(x, y, size, 0, 7);
  pen.lineWidth = size > 8 ? 2.5 : 1.4;
  pen.strokeStyle = view.dark ? "#fff" : "#111";
  pen.stroke();
}

/**
 * Both axes to one scale, so that distances are what they are.
 *
 * @type {(view: View) => void}
 */
function fit(view) {
  const width = view.frame.clientWidth;
  if (!width) return;
  const height = Math.round(Math.min(600, Math.max(300, width * 0.62)));
  const { places } = view;
  const ends = [0, 1].map((axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (let at = axis; at < places.length; at += 2) [low, high] = [Math.min(low, places[at]), Math.max(high, places[at])];
    return [low, high];
  });
  const scale = Math.min(...ends.map(([low, high], axis) => ((axis ? height : width) - 40) / (high - low || 1)));
  const xy = new Float32Array(places.length);
  for (let at = 0; at < places.length; at++) {
    const [low, high] = ends[at % 2];
    const off = (places[at] - (low + high) / 2) * scale;
    xy[at] = at % 2 ? height / 2 - off : width / 2 + off;
  }
  const fine = window.devicePixelRatio || 1;
  Object.assign(view.plot, { width: width * fine, height: height * fine });
  view.plot.style.height = `${height}px`;
  Object.assign(view, { xy, width, height, fine });
  draw(view);
}

/** @type {(view: View) => void} */
function draw(view) {
  const { head, xy, picked } = view;
  if (!xy) return;
  const pen = penOf(view.plot);
  pen.setTransform(view.fine, 0, 0, view.fine, 0, 0);
  pen.clearRect(0, 0, view.width, view.height);
  const size = view.width < 500 ? 2.4 : 3.2;
  const faded = (/** @type {number} */ place) => (view.only !== null && head.truth[place] !== view.only) || (picked.size > 0 && !picked.has(place));
  // What is emphasized lies on top.
  for (const front of [false, true]) {
    for (let place = 0; place < head.count; place++) {
      if (faded(place) === front) continue;
      const [x, y, kind] = [xy[2 * place], xy[2 * place + 1], head.truth[place]];
      pen.globalAlpha = front ? 0.85 : 0.12;
      mark(pen, kind, x, y, size);
      pen.fillStyle = color(view, kind);
      pen.fill();
      if (head.predicted[place] !== kind) ring(view, pen, x, y, size + 1.8);
    }
  }
  pen.globalAlpha = 1;
  names(view, pen, xy);
  if (view.line) outline(view, pen, view.line);
  if (view.at !== null) {
    ring(view, pen, xy[2 * view.at], xy[2 * view.at + 1], 9);
  }
}

/**
 * Every class's name at the median of its points.
 *
 * @type {(view: View, pen: CanvasRenderingContext2D, xy: Float32Array) => void}
 */
function names(view, pen, xy) {
  const { head } = view;
  pen.font = `600 ${view.width < 500 ? 11 : 13}px ${getComputedStyle(view.root).fontFamily}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  /** @type {[x: number, y: number, half: number][]} */
  const taken = [];
  head.classes.forEach((name, kind) => {
    if (view.only !== null && view.only !== kind) return;
    const own = head.truth.flatMap((truth, place) => (truth === kind ? [place] : []));
    if (!own.length) return;
    const middle = (/** @type {number} */ axis) => own.map((place) => xy[2 * place + axis]).sort((a, b) => a - b)[own.length >> 1];
    const half = pen.measureText(name).width / 2;
    const x = Math.max(half + 4, Math.min(view.width - half - 4, middle(0)));
    let y = middle(1);
    while (taken.some(([otherX, otherY, other]) => Math.abs(x - otherX) < half + other && Math.abs(y - otherY) < 15)) y += 5;
    taken.push([x, y, half]);
    pen.lineWidth = 4;
    pen.strokeStyle = view.dark ? "rgba(14,17,23,0.85)" : "rgba(255,255,255,0.85)";
    pen.strokeText(name, x, y);
    pen.fillStyle = view.dark ? "#fff" : "#111";
    pen.fillText(name, x, y);
  });
}

/** @type {(view: View, pen: CanvasRenderingContext2D, line: Point[]) => void} */
function outline(view, pen, line) {
  pen.beginPath();
  line.forEach(([x, y], at) => pen[at ? "lineTo" : "moveTo"](x, y));
  pen.closePath();
  pen.strokeStyle = pen.fillStyle = selectedColor(view.root);
  pen.globalAlpha = 0.12;
  pen.fill();
  pen.globalAlpha = 1;
  pen.lineWidth = 2;
  pen.stroke();
}

/** @type {(view: View, event: PointerEvent) => Point} */
function placeOf(view, event) {
  const box = view.plot.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** @type {(view: View, place: Point, most?: number) => number | null} */
function nearest(view, [x, y], most = NEAR) {
  const { xy } = view;
  if (!xy) return null; // nothing is drawn yet
  /** @type {number | null} */
  let found = null;
  let best = most * most;
  for (let place = 0; place < view.head.count; place++) {
    if (view.only !== null && view.head.truth[place] !== view.only) continue;
    const away = (xy[2 * place] - x) ** 2 + (xy[2 * place + 1] - y) ** 2;
    if (away < best) [found, best] = [place, away];
  }
  return found;
}

/** @type {(view: View, event: PointerEvent) => void} */
function begin(view, event) {
  view.line = [placeOf(view, event)];
  try {
    view.plot.setPointerCapture(event.pointerId);
  } catch {
    // a pointer that is gone already: the line then ends at the map's edge
  }
  show(view, null);
}

/** @type {(view: View, event: PointerEvent) => void} */
function go(view, event) {
  const place = placeOf(view, event);
  if (!view.line) return show(view, nearest(view, place));
  view.line.push(place);
  draw(view);
}

/** @type {(view: View, event: PointerEvent) => void} */
function end(view, event) {
  const { line } = view;
  if (!line) return;
  view.line = null;
  const across = [0, 1].map((axis) => Math.max(...line.map((one) => one[axis])) - Math.min(...line.map((one) => one[axis])));
  if (Math.max(...across) < 6) {
    const at = nearest(view, placeOf(view, event));
    show(view, at);
    pick(view, at === null ? [] : [at]);
  } else pick(view, within(view, line));
}

/** @type {(view: View, places: number[]) => void} */
function pick(view, places) {
  const nothing = !places.length && !view.picked.size;
  view.picked = new Set(places);
  draw(view);
  if (!nothing) sendChoice(view, "chosen", places);
}

/**
 * The even-odd rule: inside is what a ray leaves an odd number of times.
 *
 * @type {(view: View, line: Point[]) => number[]}
 */
function within(view, line) {
  const { xy } = view;
  if (!xy) return [];
  const found = [];
  for (let place = 0; place < view.head.count; place++) {
    if (view.only !== null && view.head.truth[place] !== view.only) continue;
    const [x, y] = [xy[2 * place], xy[2 * place + 1]];
    let inside = false;
    for (let at = 0, before = line.length - 1; at < line.length; before = at++) {
      const [[ax, ay], [bx, by]] = [line[at], line[before]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    if (inside) found.push(place);
  }
  return found;
}

/** @type {(view: View, event: KeyboardEvent) => void} */
function step(view, event) {
  if (event.key === "Enter" && view.at !== null) return pick(view, [view.at]);
  if (event.key === "Escape") return pick(view, []);
  const way = arrowOf(event);
  if (!way) return;
  event.preventDefault();
  if (view.at === null) return show(view, nearest(view, [view.width / 2, view.height / 2], Infinity));
  const { xy } = view;
  if (!xy) return;
  /** @type {number | null} */
  let found = null;
  let best = Infinity;
  for (let place = 0; place < view.head.count; place++) {
    if (view.only !== null && view.head.truth[place] !== view.only) continue;
    const [right, down] = [xy[2 * place] - xy[2 * view.at], xy[2 * place + 1] - xy[2 * view.at + 1]];
    const along = down * way[0] + right * way[1];
    const aside = Math.abs(down * way[1]) + Math.abs(right * way[0]);
    if (along > 0.5 && aside <= along && along + aside < best) [found, best] = [place, along + aside];
  }
  if (found !== null) show(view, found);
}

/** @type {(view: View, place: number | null) => void} */
function show(view, place) {
  if (place === view.at) return;
  view.at = place;
  draw(view);
  view.card.hidden = place === null;
  if (place === null || !view.xy) return;
  const { head } = view;
  const [height, width, channels] = head.shape;
  const canvas = element("canvas", { "aria-hidden": "true" });
  const from = place * height * width * channels;
  paint(canvas, height, width, (row, column) => {
    const at = from + (row * width + column) * channels;
    return [0, 1, 2].map((part) => view.images[at + (channels === 3 ? part : 0)]);
  });
  const [truth, predicted] = [head.classes[head.truth[place]], head.classes[head.predicted[place]]];
  const outcome = truth === predicted ? "predicted correctly" : `predicted: ${predicted}`;
  const words = element("div", {}, element("p", {}, `Image ${head.numbers[place]}`), element("p", {}, truth));
  words.append(element("p", { class: truth === predicted ? "" : "wrong" }, outcome));
  view.card.replaceChildren(canvas, words);
  view.status.textContent = `Image ${head.numbers[place]}, ${truth}, ${outcome}`;
  const [x, y] = [view.xy[2 * place], view.xy[2 * place + 1]];
  const [wide, high] = [view.card.offsetWidth, view.card.offsetHeight];
  view.card.style.left = `${Math.max(2, Math.min(view.width - wide - 2, x + 14 + wide > view.width ? x - wide - 14 : x + 14))}px`;
  view.card.style.top = `${Math.max(2, Math.min(view.height - high - 2, y + 14))}px`;
}
