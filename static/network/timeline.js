// The time line: the course of the loss, and a handle that moves the whole network through its epochs.

import { isNewChoice, SEND_DELAY, sendChoice, wantsChoice } from "../choices.js";
import { element, svg } from "../elements.js";
import { number } from "../numbers.js";
import { networkOf } from "./layers.js";
import { linkedViews, linkView } from "./linked_views.js";

const FRAME_TIME = 260; // milliseconds an epoch while it plays

/**
 * The time line of a run; null where there is only one epoch to show.
 *
 * @type {(view: Net.View) => HTMLElement | null}
 */
export function buildTimeline(view) {
  const { timeline } = view.head;
  view.timeline = null;
  linkView(view);
  if (!timeline || timeline.kept.length < 2) return null;
  const kept = timeline.kept;
  const slider = element("input", { type: "range", min: "0", max: String(kept.length - 1), step: "1" });
  slider.setAttribute("aria-label", "Epoch");
  const play = element("button", { type: "button", class: "tool" });
  const label = element("output", { class: "epoch" });
  const chart = lossChart(timeline);
  /** @type {Net.TimelineParts} */
  const parts = { slider, play, label, chart };
  view.timeline = parts;
  slider.oninput = () => {
    view.moving = true;
    scrub(view, kept[Number(slider.value)]);
  };
  slider.onchange = () => sendEpoch(view, SEND_DELAY); // keys move it on and on
  // Those who reach for the handle will drag it: the film is fetched while they do.
  slider.onpointerenter = slider.onfocus = () => requestFilm(view);
  play.onclick = () => (parts.timer ? pauseFilm(view) : playFilm(view));
  const track = element("div", { class: "track" }, chart.box, slider, marksBelow(view, timeline, chart));
  return element("div", { class: "timeline" }, play, track, label);
}

const FAR_APART = 0.5; // of the width: so far from each other, two labels fit on one line where there is room

/**
 * A button for each epoch that is pointed out, below its place on the curve.
 *
 * @type {(view: Net.View, timeline: Net.Timeline, chart: Net.Chart) => HTMLElement}
 */
function marksBelow(view, { kept, marks }, chart) {
  const places = marks.map(([epoch]) => chart.across(epoch));
  const apart = Math.max(...places) - Math.min(...places) > FAR_APART;
  const buttons = marks.map(([epoch, label], at) => {
    const button = element("button", { type: "button", class: "link", style: `--at: ${places[at] * 100}%` }, label);
    button.onclick = () => {
      stopFilm(view);
      view.moving = true;
      scrub(view, nearest(kept, epoch));
      sendEpoch(view);
    };
    return button;
  });
  return element("div", { class: `marks${apart ? " apart" : ""}` }, ...buttons);
}

/**
 * Moves handle, mark and words to the epoch that is shown.
 *
 * @type {(view: Net.View) => void}
 */
export function showEpoch(view) {
  const { timeline } = view.head;
  if (!view.timeline || !timeline) return;
  const { slider, play, label, chart, timer } = view.timeline;
  const epoch = view.state.epoch ?? timeline.shown;
  slider.value = String(timeline.kept.indexOf(epoch));
  slider.setAttribute("aria-valuetext", `epoch ${epoch}`);
  play.textContent = timer ? "❚❚ Pause" : "▶ Play epochs";
  play.hidden = !timeline.filmed;
  const loss = timeline.losses.find(([recorded]) => recorded === epoch);
  const numbers = loss ? ` · loss ${number(loss[1] ?? NaN)} training, ${number(loss[2] ?? NaN)} validation` : "";
  label.textContent = `Epoch ${epoch}${epoch === 0 ? ", before it learns" : ""}${numbers}${drawnInstead(view, timeline, epoch)}`;
  chart.mark(epoch);
}

/**
 * The epoch after which the network was as it is drawn.
 *
 * @type {(view: Pick<Net.View, "head" | "film" | "state">) => number | undefined}
 */
export function drawnEpoch(view) {
  const film = filmOn(view);
  const { epoch } = view.state;
  return film && epoch !== undefined ? nearest(film.epochs, epoch) : view.head.timeline?.shown;
}

/**
 * Where the network that is drawn is not that of the epoch under the handle, this says so.
 *
 * @type {(view: Net.View, timeline: Net.Timeline, epoch: number) => string}
 */
function drawnInstead(view, timeline, epoch) {
  if (epoch === timeline.shown) return "";
  if (!timeline.filmed) return " · this network is too large to move with the handle; it is redrawn where you let go";
  if (!filmOn(view)) return " · on its way …";
  const drawn = drawnEpoch(view);
  return drawn === epoch ? "" : ` · drawn as after epoch ${drawn}, the nearest that fits into the browser`;
}

const REQUEST_AGAIN_AFTER = 4000; // milliseconds, should a film have been lost on the way

/** @type {(view: Net.View) => void} */
function requestFilm(view) {
  const { filmName, timeline } = view.head;
  const now = performance.now();
  if (!timeline?.filmed || filmOn(view)) return;
  if (view.filmRequest?.name === filmName && now - view.filmRequest.at < REQUEST_AGAIN_AFTER) return;
  view.filmRequest = { name: filmName, at: now };
  view.send("film", filmName);
}

/**
 * The film of the network and the image that are shown, once it is here.
 *
 * @type {(view: Pick<Net.View, "head" | "film">) => Net.Film | null}
 */
export const filmOn = ({ head, film }) => (film && head.filmName && film.name === head.filmName ? film : null);

/**
 * Moves the views of other runs along; one of the same run is there to stay at another epoch.
 *
 * @type {(view: Net.View, epoch: number) => void}
 */
function scrub(view, epoch) {
  moveTo(view, epoch);
  for (const other of linkedViews(view)) {
    const course = other.head.timeline;
    if (other.timeline && course && course.run !== view.head.timeline?.run) moveTo(other, nearest(course.kept, epoch));
  }
}

/**
 * Of some epochs the nearest to one.
 *
 * @type {(epochs: number[], epoch: number) => number}
 */
export const nearest = (epochs, epoch) => epochs.reduce((best, next) => (Math.abs(next - epoch) < Math.abs(best - epoch) ? next : best));

/**
 * Shows the network as it was after an epoch, or the nearest one that the film has.
 *
 * @type {(view: Net.View, epoch: number) => void}
 */
function moveTo(view, epoch) {
  view.state.epoch = epoch;
  requestFilm(view);
  const film = filmOn(view);
  if (film) {
    view.network = film.network(nearest(film.epochs, epoch));
    view.repaint();
  }
  showEpoch(view);
}

/**
 * Where the handle comes to rest, Python shows that epoch, too: its link, its mistakes, its receipts.
 *
 * @type {(view: Net.View, delay?: number) => void}
 */
function sendEpoch(view, delay = 0) {
  clearTimeout(view.epochTimer);
  view.epochTimer = setTimeout(() => {
    view.moving = false;
    if (!wantsChoice(view, "epoch")) return;
    if (view.state.epoch !== undefined) sendChoice(view, "epoch", view.state.epoch);
  }, delay);
}

/**
 * Python's epoch is taken up unless it only echoes one that the handle has left meanwhile.
 *
 * @type {(view: Net.View, rebuilt: boolean) => void}
 */
export function receiveEpoch(view, rebuilt) {
  const shown = view.head.timeline?.shown;
  const isNew = isNewChoice(view, "epoch", shown, rebuilt);
  if (view.moving && !rebuilt) return; // what the visitor is about to choose is newer
  if (isNew || shown === view.state.epoch) view.state.epoch = undefined;
}

/** @type {(view: Net.View) => void} */
function playFilm(view) {
  if (!view.timeline || !view.head.timeline) return;
  const { kept, shown } = view.head.timeline;
  const from = view.state.epoch ?? shown;
  if (from === kept.at(-1)) scrub(view, kept[0]);
  else requestFilm(view);
  view.timeline.timer = setInterval(() => {
    if (!filmOn(view)) {
      requestFilm(view);
      return;
    }
    const at = kept.indexOf(view.state.epoch ?? from) + 1;
    if (at >= kept.length) pauseFilm(view);
    else scrub(view, kept[at]);
  }, FRAME_TIME);
  showEpoch(view);
}

/**
 * Ends playing where it is.
 *
 * @type {(view: Net.View) => void}
 */
export function stopFilm(view) {
  if (!view.timeline) return;
  clearInterval(view.timeline.timer);
  view.timeline.timer = undefined;
}

/** @type {(view: Net.View) => void} */
function pauseFilm(view) {
  stopFilm(view);
  sendEpoch(view);
  showEpoch(view);
}

/**
 * A film holds, epoch after epoch, the row of values and the row of weights of a message.
 *
 * @type {(head: Net.Head, row: Float32Array, valueCount: number, weightCount: number) => Net.Film}
 */
export function filmOf(head, row, valueCount, weightCount) {
  const each = valueCount + weightCount;
  /** @type {Map<number, Net.Network>} */
  const made = new Map();
  const network = (/** @type {number} */ epoch) => {
    const start = head.filmEpochs.indexOf(epoch) * each;
    const found = made.get(epoch) ?? networkOf(head, row.subarray(start, start + valueCount), row.subarray(start + valueCount, start + each));
    made.set(epoch, found);
    return found;
  };
  return { name: head.filmName, epochs: head.filmEpochs, network };
}

/**
 * Training and test loss over the epochs, as wide as the slider's way.
 *
 * @type {(timeline: Net.Timeline) => Net.Chart}
 */
function lossChart({ losses, kept, marks }) {
  const [width, height] = [400, 44];
  const finite = losses.flatMap(([, ...both]) => both.map((loss) => loss ?? NaN)).filter(Number.isFinite);
  const most = Math.max(...finite, 1e-9);
  const place = kept.map((epoch, at) => [epoch, at / (kept.length - 1)]);
  /** @type {(epoch: number) => number} */
  const across = (epoch) => {
    const after = place.findIndex(([other]) => other >= epoch);
    if (after <= 0) return after === 0 ? place[0][1] : 1;
    const [[low, from], [high, to]] = [place[after - 1], place[after]];
    return from + ((epoch - low) / (high - low)) * (to - from);
  };
  /** @type {(part: 1 | 2, kind: string) => Element} */
  const line = (part, kind) => {
    const points = losses.flatMap((record) => {
      const loss = record[part];
      const down = (1 - (loss ?? NaN) / most) * (height - 4) + 2;
      return Number.isFinite(down) ? [`${(across(record[0]) * width).toFixed(1)},${down.toFixed(1)}`] : [];
    });
    return svg("polyline", { points: points.join(" "), class: kind });
  };
  const ticks = marks.map(([epoch]) => svg("line", { class: "tick", x1: across(epoch) * width, x2: across(epoch) * width, y1: 0, y2: height }));
  const hand = svg("line", { class: "hand", y1: 0, y2: height });
  const shown = { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": "Loss over the epochs: training solid, validation dashed" };
  const picture = svg("svg", shown, ...ticks, line(1, "training"), line(2, "validation"), hand);
  const names = element("div", { class: "keys" }, element("span", { class: "training" }, "loss, training"), element("span", { class: "validation" }, "loss, validation"), element("span", {}, `${number(most)} at the top, 0 at the bottom`));
  const mark = (/** @type {number} */ epoch) => {
    const x = String(across(epoch) * width);
    hand.setAttribute("x1", x);
    hand.setAttribute("x2", x);
  };
  return { box: element("div", { class: "loss" }, picture, names), across, mark };
}
