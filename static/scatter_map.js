// Images as points. Pointing shows the image; a line drawn around points, or a click, chooses.

import { isNewChoice, sendChoice } from "./choices.js";
import { isDark, selectedColor } from "./colors.js";
import { element, rootOf } from "./elements.js";
import { arrowOf } from "./keys.js";
import { unpack } from "./message.js";
import { contextOf, paint } from "./pixels.js";

const SHAPES = ["circle", "square", "triangle", "diamond", "cross"];
const HOVER_RADIUS = 14; // pixels from the pointer to a point that it points at
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
 * `shownClass` is the one class that is shown, null for all; `hovered` is the number of the point under the
 * pointer, `lasso` the line that is being drawn, in pixels; `xy` is where the points are drawn: x and y in turn.
 *
 * @typedef {{
 *   root: HTMLElement,
 *   head: Head,
 *   choices: import("./choices.js").Choices,
 *   send(event: string, value: unknown): void,
 *   shownClass: number | null,
 *   selected: Set<number>,
 *   hovered: number | null,
 *   lasso: Point[] | null,
 *   dark: boolean,
 *   palette: string[],
 *   places: Float32Array,
 *   images: Uint8Array,
 *   xy: Float32Array | null,
 *   width: number,
 *   height: number,
 *   pixelRatio: number,
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
  Object.assign(view, { root, head, hovered: null, lasso: null, dark, send: setTriggerValue });
  view.palette = dark ? head.colors.dark : head.colors.light;
  view.places = new Float32Array(body.buffer, 0, 2 * head.count);
  view.images = body.subarray(8 * head.count);
  if (isNewChoice(view, "chosen", head.chosen, other)) view.selected = new Set(head.chosen);
  build(view);
  view.resize?.disconnect();
  view.resize = new ResizeObserver(() => layOut(view));
  view.resize.observe(view.frame);
  layOut(view);
}

/** @type {() => View} */
const newView = () => /** @type {View} */ ({ shownClass: null, choices: {}, selected: new Set(), xy: null });

/** @type {(view: View) => void} */
function build(view) {
  view.plot = element("canvas", { class: "plot", tabIndex: 0, role: "img" });
  view.plot.setAttribute("aria-label", view.head.label);
  view.card = element("div", { class: "card", hidden: true });
  view.frame = element("div", { class: "frame" }, view.plot, view.card);
  view.status = element("p", { class: "visually-hidden", role: "status" });
  view.root.replaceChildren(legend(view), view.frame, view.status, element("p", { class: "hint" }, view.head.moving ? "" : HINT));
  if (view.head.moving) return;
  view.plot.onpointerdown = (event) => startLasso(view, event);
  view.plot.onpointermove = (event) => pointerMoved(view, event);
  view.plot.onpointerup = (event) => endLasso(view, event);
  view.plot.onpointercancel = () => {
    view.lasso = null;
    draw(view);
  };
  view.plot.onpointerleave = () => {
    if (!view.lasso) showImage(view, null);
  };
  view.plot.onkeydown = (event) => keyPressed(view, event);
}

/** @type {(view: View, label: number) => string} */
function color(view, label) {
  return view.palette[label % view.palette.length];
}

/** @type {(context: CanvasRenderingContext2D, label: number, x: number, y: number, size: number) => void} */
function drawMarker(context, label, x, y, size) {
  context.beginPath();
  const shape = SHAPES[(label + Math.floor(label / 10)) % SHAPES.length];
  if (shape === "circle") context.arc(x, y, size, 0, 7);
  else if (shape === "square") context.rect(x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8);
  else if (shape === "cross") {
    const [arm, half] = [size * 1.15, size * 0.42];
    context.rect(x - arm, y - half, 2 * arm, 2 * half);
    context.rect(x - half, y - arm, 2 * half, 2 * arm);
  } else {
    const corners = shape === "triangle" ? [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]] : [[0, -1.3], [1.1, 0], [0, 1.3], [-1.1, 0]];
    corners.forEach(([right, down], at) => context[at ? "lineTo" : "moveTo"](x + right * size, y + down * size));
    context.closePath();
  }
}

/** @type {(view: View) => HTMLElement} */
function legend(view) {
  const line = element("div", { class: "legend", role: "group" });
  line.setAttribute("aria-label", "Classes; press one to see it alone");
  /** @type {(label: number, wrong?: boolean) => HTMLCanvasElement} */
  const symbol = (label, wrong) => {
    const canvas = element("canvas", { width: 28, height: 28, "aria-hidden": "true" });
    const context = contextOf(canvas);
    drawMarker(context, label, 14, 14, 9);
    context.fillStyle = wrong ? "transparent" : color(view, label);
    context.fill();
    if (wrong) drawRing(view, context, 14, 14, 11);
    return canvas;
  };
  view.head.classes.forEach((name, label) => {
    const button = element("button", { type: "button" }, symbol(label), name);
    button.setAttribute("aria-pressed", String(view.shownClass === label));
    button.onclick = () => {
      view.shownClass = view.shownClass === label ? null : label;
      line.querySelectorAll("button").forEach((other, at) => other.setAttribute("aria-pressed", String(view.shownClass === at)));
      draw(view);
    };
    line.append(button);
  });
  line.append(element("span", {}, symbol(0, true), "predicted wrongly"));
  return line;
}

/** @type {(view: View, context: CanvasRenderingContext2D, x: number, y: number, size: number) => void} */
function drawRing(view, context, x, y, size) {
  context.beginPath();
  context.arc(x, y, size, 0, 7);
  context.lineWidth = size > 8 ? 2.5 : 1.4;
  context.strokeStyle = view.dark ? "#fff" : "#111";
  context.stroke();
}

/**
 * Both axes to one scale, so that distances are what they are.
 *
 * @type {(view: View) => void}
 */
function layOut(view) {
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
  const pixelRatio = window.devicePixelRatio || 1;
  Object.assign(view.plot, { width: width * pixelRatio, height: height * pixelRatio });
  view.plot.style.height = `${height}px`;
  Object.assign(view, { xy, width, height, pixelRatio });
  draw(view);
}

/** @type {(view: View) => void} */
function draw(view) {
  const { head, xy, selected } = view;
  if (!xy) return;
  const context = contextOf(view.plot);
  context.setTransform(view.pixelRatio, 0, 0, view.pixelRatio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  const size = view.width < 500 ? 2.4 : 3.2;
  const faded = (/** @type {number} */ place) => (view.shownClass !== null && head.truth[place] !== view.shownClass) || (selected.size > 0 && !selected.has(place));
  // What is emphasized lies on top.
  for (const front of [false, true]) {
    for (let place = 0; place < head.count; place++) {
      if (faded(place) === front) continue;
      const [x, y, label] = [xy[2 * place], xy[2 * place + 1], head.truth[place]];
      context.globalAlpha = front ? 0.85 : 0.12;
      drawMarker(context, label, x, y, size);
      context.fillStyle = color(view, label);
      context.fill();
      if (head.predicted[place] !== label) drawRing(view, context, x, y, size + 1.8);
    }
  }
  context.globalAlpha = 1;
  drawClassNames(view, context, xy);
  if (view.lasso) drawLasso(view, context, view.lasso);
  if (view.hovered !== null) {
    drawRing(view, context, xy[2 * view.hovered], xy[2 * view.hovered + 1], 9);
  }
}

/**
 * Every class's name at the median of its points.
 *
 * @type {(view: View, context: CanvasRenderingContext2D, xy: Float32Array) => void}
 */
function drawClassNames(view, context, xy) {
  const { head } = view;
  context.font = `600 ${view.width < 500 ? 11 : 13}px ${getComputedStyle(view.root).fontFamily}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  /** @type {[x: number, y: number, half: number][]} */
  const taken = [];
  head.classes.forEach((name, label) => {
    if (view.shownClass !== null && view.shownClass !== label) return;
    const own = head.truth.flatMap((truth, place) => (truth === label ? [place] : []));
    if (!own.length) return;
    const middle = (/** @type {number} */ axis) => own.map((place) => xy[2 * place + axis]).sort((a, b) => a - b)[own.length >> 1];
    const half = context.measureText(name).width / 2;
    const x = Math.max(half + 4, Math.min(view.width - half - 4, middle(0)));
    let y = middle(1);
    while (taken.some(([otherX, otherY, other]) => Math.abs(x - otherX) < half + other && Math.abs(y - otherY) < 15)) y += 5;
    taken.push([x, y, half]);
    context.lineWidth = 4;
    context.strokeStyle = view.dark ? "rgba(14,17,23,0.85)" : "rgba(255,255,255,0.85)";
    context.strokeText(name, x, y);
    context.fillStyle = view.dark ? "#fff" : "#111";
    context.fillText(name, x, y);
  });
}

/** @type {(view: View, context: CanvasRenderingContext2D, lasso: Point[]) => void} */
function drawLasso(view, context, lasso) {
  context.beginPath();
  lasso.forEach(([x, y], at) => context[at ? "lineTo" : "moveTo"](x, y));
  context.closePath();
  context.strokeStyle = context.fillStyle = selectedColor(view.root);
  context.globalAlpha = 0.12;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.stroke();
}

/** @type {(view: View, event: PointerEvent) => Point} */
function pointOf(view, event) {
  const box = view.plot.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** @type {(view: View, point: Point, most?: number) => number | null} */
function nearest(view, [x, y], most = HOVER_RADIUS) {
  const { xy } = view;
  if (!xy) return null; // nothing is drawn yet
  /** @type {number | null} */
  let found = null;
  let best = most * most;
  for (let place = 0; place < view.head.count; place++) {
    if (view.shownClass !== null && view.head.truth[place] !== view.shownClass) continue;
    const away = (xy[2 * place] - x) ** 2 + (xy[2 * place + 1] - y) ** 2;
    if (away < best) [found, best] = [place, away];
  }
  return found;
}

/** @type {(view: View, event: PointerEvent) => void} */
function startLasso(view, event) {
  view.lasso = [pointOf(view, event)];
  try {
    view.plot.setPointerCapture(event.pointerId);
  } catch {
    // a pointer that is gone already: the line then ends at the map's edge
  }
  showImage(view, null);
}

/** @type {(view: View, event: PointerEvent) => void} */
function pointerMoved(view, event) {
  const point = pointOf(view, event);
  if (!view.lasso) return showImage(view, nearest(view, point));
  view.lasso.push(point);
  draw(view);
}

/** @type {(view: View, event: PointerEvent) => void} */
function endLasso(view, event) {
  const { lasso } = view;
  if (!lasso) return;
  view.lasso = null;
  const across = [0, 1].map((axis) => Math.max(...lasso.map((point) => point[axis])) - Math.min(...lasso.map((point) => point[axis])));
  if (Math.max(...across) < 6) {
    const at = nearest(view, pointOf(view, event));
    showImage(view, at);
    select(view, at === null ? [] : [at]);
  } else select(view, pointsInside(view, lasso));
}

/** @type {(view: View, places: number[]) => void} */
function select(view, places) {
  const nothing = !places.length && !view.selected.size;
  view.selected = new Set(places);
  draw(view);
  if (!nothing) sendChoice(view, "chosen", places);
}

/**
 * The even-odd rule: inside is what a ray leaves an odd number of times.
 *
 * @type {(view: View, lasso: Point[]) => number[]}
 */
function pointsInside(view, lasso) {
  const { xy } = view;
  if (!xy) return [];
  const found = [];
  for (let place = 0; place < view.head.count; place++) {
    if (view.shownClass !== null && view.head.truth[place] !== view.shownClass) continue;
    const [x, y] = [xy[2 * place], xy[2 * place + 1]];
    let inside = false;
    for (let at = 0, before = lasso.length - 1; at < lasso.length; before = at++) {
      const [[ax, ay], [bx, by]] = [lasso[at], lasso[before]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    if (inside) found.push(place);
  }
  return found;
}

/** @type {(view: View, event: KeyboardEvent) => void} */
function keyPressed(view, event) {
  if (event.key === "Enter" && view.hovered !== null) return select(view, [view.hovered]);
  if (event.key === "Escape") return select(view, []);
  const move = arrowOf(event);
  if (!move) return;
  event.preventDefault();
  if (view.hovered === null) return showImage(view, nearest(view, [view.width / 2, view.height / 2], Infinity));
  const { xy } = view;
  if (!xy) return;
  /** @type {number | null} */
  let found = null;
  let best = Infinity;
  for (let place = 0; place < view.head.count; place++) {
    if (view.shownClass !== null && view.head.truth[place] !== view.shownClass) continue;
    const [right, down] = [xy[2 * place] - xy[2 * view.hovered], xy[2 * place + 1] - xy[2 * view.hovered + 1]];
    const along = down * move[0] + right * move[1];
    const aside = Math.abs(down * move[1]) + Math.abs(right * move[0]);
    if (along > 0.5 && aside <= along && along + aside < best) [found, best] = [place, along + aside];
  }
  if (found !== null) showImage(view, found);
}

/** @type {(view: View, place: number | null) => void} */
function showImage(view, place) {
  if (place === view.hovered) return;
  view.hovered = place;
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
