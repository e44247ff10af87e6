// The time line: the course of the loss, and a handle that moves the whole network through its epochs.

import { isNews, listens, REST, tellChoice } from "../choices.js";
import { element } from "../elements.js";
import { number } from "../numbers.js";
import { networkOf } from "./layers.js";
import { join, togetherWith } from "./together.js";

const FRAME = 260; // milliseconds an epoch while it plays

export function buildTimeline(view) {
  const { timeline } = view.head;
  view.timeline = null;
  join(view);
  if (!timeline || timeline.kept.length < 2) return null;
  const kept = timeline.kept;
  const slider = element("input", { type: "range", min: "0", max: String(kept.length - 1), step: "1" });
  slider.setAttribute("aria-label", "Epoch");
  const play = element("button", { type: "button", class: "tool" });
  const label = element("output", { class: "epoch" });
  const chart = lossChart(timeline);
  view.timeline = { slider, play, label, chart, timer: null };
  slider.oninput = () => scrub(view, kept[Number(slider.value)]);
  slider.onchange = () => settle(view);
  // Those who reach for the handle will drag it: the film is fetched while they do.
  slider.onpointerenter = slider.onfocus = () => wantFilm(view);
  play.onclick = () => (view.timeline.timer ? pauseFilm(view) : playFilm(view));
  const track = element("div", { class: "track" }, chart.box, slider);
  return element("div", { class: "timeline" }, play, track, label);
}

export function showEpoch(view) {
  if (!view.timeline) return;
  const { timeline } = view.head;
  const { slider, play, label, chart, timer } = view.timeline;
  const epoch = view.state.epoch ?? timeline.shown;
  slider.value = String(timeline.kept.indexOf(epoch));
  slider.setAttribute("aria-valuetext", `epoch ${epoch}`);
  play.textContent = timer ? "❚❚ Pause" : "▶ Play epochs";
  play.hidden = !timeline.filmed;
  const loss = timeline.losses.find(([one]) => one === epoch);
  const numbers = loss ? ` · loss ${number(loss[1] ?? NaN)} training, ${number(loss[2] ?? NaN)} test` : "";
  label.textContent = `Epoch ${epoch}${epoch === 0 ? ", before it learns" : ""}${numbers}${drawnInstead(view, epoch)}`;
  chart.mark(epoch);
}

// Where the network that is drawn is not that of the epoch under the handle, this says so.
function drawnInstead(view, epoch) {
  const { timeline } = view.head;
  if (epoch === timeline.shown) return "";
  if (!timeline.filmed) return " · this network is too large to move with the handle; it is redrawn where you let go";
  if (!hasFilm(view)) return " · on its way …";
  const nearest = nearestFilmed(view, epoch);
  return nearest === epoch ? "" : ` · drawn as after epoch ${nearest}, the nearest that fits into the browser`;
}

const ASK_AGAIN = 4000; // milliseconds, should a film have been lost on the way

function wantFilm(view) {
  const { filmName, timeline } = view.head;
  const now = performance.now();
  if (!timeline?.filmed || hasFilm(view)) return;
  if (view.asked?.name === filmName && now - view.asked.at < ASK_AGAIN) return;
  view.asked = { name: filmName, at: now };
  view.tell("film", filmName);
}

export const hasFilm = (view) => Boolean(view.head.filmName) && view.film?.name === view.head.filmName;

function scrub(view, epoch) {
  moveTo(view, epoch);
  for (const other of togetherWith(view)) if (other.timeline) moveTo(other, nearest(other.head.timeline.kept, epoch));
}

const nearest = (epochs, epoch) => epochs.reduce((best, one) => (Math.abs(one - epoch) < Math.abs(best - epoch) ? one : best));

// Shows the network as it was after an epoch, or the nearest one that the film has.
function moveTo(view, epoch) {
  view.state.epoch = epoch;
  wantFilm(view);
  if (hasFilm(view)) {
    view.network = view.film.network(nearestFilmed(view, epoch));
    view.repaint();
  }
  showEpoch(view);
}

export const nearestFilmed = (view, epoch) => nearest(view.film.epochs, epoch);

// Where the handle comes to rest, Python shows that epoch, too: its link, its mistakes, its receipts.
function settle(view) {
  if (!listens(view, "epoch")) return;
  clearTimeout(view.settling);
  view.settling = setTimeout(() => {
    if (view.state.epoch !== undefined) tellChoice(view, "epoch", view.state.epoch);
  }, REST);
}

// Python's epoch is taken up unless it only echoes one that the handle has left meanwhile.
export function takeEpoch(view, rebuilt) {
  const shown = view.head.timeline?.shown;
  if (isNews(view, "epoch", shown, rebuilt) || shown === view.state.epoch) view.state.epoch = undefined;
}

function playFilm(view) {
  const { kept, shown } = view.head.timeline;
  const from = view.state.epoch ?? shown;
  if (from === kept.at(-1)) scrub(view, kept[0]);
  else wantFilm(view);
  view.timeline.timer = setInterval(() => {
    if (!hasFilm(view)) return wantFilm(view);
    const at = kept.indexOf(view.state.epoch ?? from) + 1;
    if (at >= kept.length) pauseFilm(view);
    else scrub(view, kept[at]);
  }, FRAME);
  showEpoch(view);
}

export function stopFilm(view) {
  clearInterval(view.timeline?.timer);
  if (view.timeline) view.timeline.timer = null;
}

function pauseFilm(view) {
  stopFilm(view);
  settle(view);
  showEpoch(view);
}

// A film holds, epoch after epoch, the row of values and the row of weights of a message.
export function filmOf(head, row, valueCount, weightCount) {
  const each = valueCount + weightCount;
  const made = new Map();
  const network = (epoch) => {
    if (!made.has(epoch)) {
      const start = head.filmEpochs.indexOf(epoch) * each;
      made.set(epoch, networkOf(head, row.subarray(start, start + valueCount), row.subarray(start + valueCount, start + each)));
    }
    return made.get(epoch);
  };
  return { name: head.filmName, epochs: head.filmEpochs, network };
}

// Training and test loss over the epochs, as wide as the slider's way.
function lossChart({ losses, kept }) {
  const [width, height] = [400, 44];
  const finite = losses.flatMap(([, ...both]) => both).filter(Number.isFinite);
  const most = Math.max(...finite, 1e-9);
  const place = kept.map((epoch, at) => [epoch, at / (kept.length - 1)]);
  const across = (epoch) => {
    const after = place.findIndex(([one]) => one >= epoch);
    if (after <= 0) return after === 0 ? place[0][1] : 1;
    const [[low, from], [high, to]] = [place[after - 1], place[after]];
    return from + ((epoch - low) / (high - low)) * (to - from);
  };
  const line = (part) =>
    losses.filter((one) => Number.isFinite(one[part])).map((one) => `${(across(one[0]) * width).toFixed(1)},${((1 - one[part] / most) * (height - 4) + 2).toFixed(1)}`).join(" ");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Loss over the epochs: training solid, test dashed");
  const draw = (name, attributes) => {
    const made = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    svg.append(made);
    return made;
  };
  draw("polyline", { points: line(1), class: "training" });
  draw("polyline", { points: line(2), class: "test" });
  const hand = draw("line", { class: "hand", y1: 0, y2: height });
  const names = element("div", { class: "keys" }, element("span", { class: "training" }, "loss, training"), element("span", { class: "test" }, "loss, test"), element("span", {}, `${number(most)} at the top, 0 at the bottom`));
  const mark = (epoch) => {
    const x = String(across(epoch) * width);
    hand.setAttribute("x1", x);
    hand.setAttribute("x2", x);
  };
  return { box: element("div", { class: "loss" }, svg, names), mark };
}
