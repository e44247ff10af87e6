// The kernels of one filter to type into, beside the map that they make and the prediction, as trained and now.

import { SEND_DELAY, sendChoice } from "../choices.js";
import { colorCell, signedColor } from "../colors.js";
import { element, withMore } from "../elements.js";
import { number, percent } from "../numbers.js";
import { cellUnder } from "../pixels.js";
import { scaleBar } from "../tables.js";
import { largestIn, limitsOf, mapColor } from "./color.js";
import { kernelPlaces, withKernels } from "./edited.js";
import { numbersOf, unitText, weightsIn } from "./layers.js";
import { addPointerEvents, paintPicture, pictureOf } from "./stage.js";
import { filmOn } from "./timeline.js";

const MOST_CHANNELS = 8; // drawn at once
const MOST_CLASSES = 10;
const MAP_SIDE = 96; // pixels
const TRAINED = "trained"; // what Python calls a kernel's own numbers, beside the names of classic ones

/**
 * A kernel on the page: the numbers in its fields, and whether one of them cannot be used as it is now.
 *
 * @typedef {{ channel: number, inputs: HTMLInputElement[], numbers: number[], wrong: HTMLElement, load: HTMLSelectElement }} Kernel
 */

/**
 * The editor of a filter. It stays on the page while numbers come and go, or the place of the one who types would be
 * lost: `refresh` shows the numbers of the network that is shown now.
 *
 * @type {(view: Net.View, unit: Net.Unit) => Net.KernelEditor}
 */
export function kernelEditor(view, unit) {
  const layer = convolutionOf(view, unit);
  const channels = layer.weights.kernel.shape[2];
  /** @type {Kernel[]} */
  const kernels = [];
  /** @type {Map<number, number[] | string>} */
  const changed = new Map(); // by channel, what Python has not confirmed yet
  /** @type {Net.Timer} */
  let timer;

  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    sendChoice(view, "kernel", { filter: unitText(layer, unit), kernels: [...changed] });
  };
  const settle = () => {
    if (timer === undefined && !view.choices.kernel?.pending) changed.clear();
  };
  /** @type {(network: Net.Network) => Net.Network | null} */
  const drafted = (network) => {
    settle();
    const typed = [...changed].filter((entry) => Array.isArray(entry[1]));
    return typed.length ? withKernels(network, unit, new Map(/** @type {[number, number[]][]} */ (typed))) : null;
  };
  const type = (/** @type {Kernel} */ kernel, /** @type {number} */ at) => {
    kernel.numbers = kernel.inputs.map((input, place) => (place === at ? Math.fround(input.valueAsNumber) : kernel.numbers[place]));
    kernel.wrong.textContent = faultOf(kernel.numbers, layer.size);
    if (kernel.wrong.textContent) return;
    changed.set(kernel.channel, kernel.numbers);
    clearTimeout(timer);
    timer = setTimeout(() => view.editor === editor && send(), SEND_DELAY);
    const network = drafted(view.network);
    if (network) {
      view.network = network;
      if (!filmOn(view)) view.limits = limitsOf([network]);
      view.repaint();
    } else editor.refresh();
  };
  const load = (/** @type {Kernel} */ kernel) => {
    kernel.wrong.textContent = ""; // whatever is half typed there
    changed.set(kernel.channel, kernel.load.value);
    kernel.load.value = "";
    send();
  };
  /** @type {(channel: number) => HTMLElement} */
  const draw = (channel) => {
    const name = channels === 1 ? "Kernel" : `Channel ${channel + 1}`;
    const { kernel, box } = kernelFields(name, channel, layer.size);
    kernel.inputs.forEach((input, at) => (input.oninput = () => type(kernel, at)));
    kernel.load.onchange = () => load(kernel);
    kernels.push(kernel);
    return box;
  };

  const fields = element("div", { class: "kernels" });
  const hint = element("p", {}, "Type over a number: everything that depends on it follows.");
  const legend = element("div", { class: "legend" });
  const bias = element("p");
  const effect = effectOf(view, unit);
  const all = Array.from({ length: channels }, (_, channel) => channel);
  withMore(fields, all, MOST_CHANNELS, draw, "channels", () => editor.refresh());
  /** @type {Net.KernelEditor} */
  const editor = {
    unit,
    drafted,
    box: element("div", { class: "editor" }, element("div", {}, hint, fields, legend, bias), effect.box),
    close: () => timer !== undefined && send(),
    refresh: () => {
      settle();
      const now = convolutionOf(view, unit);
      const limit = view.limits.layers[unit.layer].kernel;
      for (const kernel of kernels) {
        if (!changed.has(kernel.channel) && !kernel.wrong.textContent) fill(kernel, now, unit.channel);
        kernel.numbers.forEach((value, at) => colorCell(kernel.inputs[at], signedColor(view.table, value, limit)));
        offer(kernel.load, view.head.classics, layer.size);
      }
      bias.textContent = `Bias ${number(weightsIn(now.bias)[unit.channel])}`;
      legend.replaceChildren(...scaleBar(view.table, limit, true));
      const comparable = view.network === view.received || changed.size > 0;
      effect.show(comparable ? (view.trained ?? view.received) : null);
    },
  };
  return editor;
}

/** @type {(view: Net.View, unit: Net.Unit) => Net.ConvolutionLayer} */
const convolutionOf = ({ network }, unit) => /** @type {Net.ConvolutionLayer} */ (network.layers[unit.layer]);

/** @type {(name: string, channel: number, size: number) => { kernel: Kernel, box: HTMLElement }} */
function kernelFields(name, channel, size) {
  const inputs = Array.from({ length: size * size }, (_, at) => {
    const input = element("input", { type: "number", step: "any" });
    input.setAttribute("aria-label", `${name}, row ${Math.floor(at / size) + 1}, column ${(at % size) + 1}`);
    input.onkeydown = (event) => event.key !== "Escape" && event.stopPropagation(); // Streamlit has letters of its own
    input.onfocus = () => input.select();
    return input;
  });
  const table = element("div", { class: "fields", style: `--size: ${size}` }, ...inputs);
  const load = element("select", { class: "tool" });
  load.setAttribute("aria-label", `${name}: load numbers`);
  const wrong = element("p", { class: "wrong", role: "alert" });
  const box = element("figure", {}, element("figcaption", {}, name), table, load, wrong);
  return { kernel: { channel, inputs, numbers: [], wrong, load }, box };
}

/**
 * Fills in what the network has; a field that has the number already is left as it was typed.
 *
 * @type {(kernel: Kernel, layer: Net.ConvolutionLayer, filter: number) => void}
 */
function fill(kernel, layer, filter) {
  const weights = weightsIn(layer.kernel);
  kernel.numbers = kernelPlaces(layer, filter, kernel.channel).map((place, at) => {
    if (kernel.numbers[at] !== weights[place]) kernel.inputs[at].value = String(Number(weights[place].toFixed(4)));
    return weights[place];
  });
}

/**
 * What is wrong with the first number that cannot be used, in a sentence, "" where all can be.
 *
 * @type {(numbers: number[], size: number) => string}
 */
export function faultOf(numbers, size) {
  const at = numbers.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return "";
  const wrong = Number.isNaN(numbers[at]) ? "is empty or no number" : "is larger than the network can hold";
  return `Row ${Math.floor(at / size) + 1}, column ${(at % size) + 1} ${wrong}. Until you type a number there, the network keeps the kernel as it was.`;
}

/** @type {(select: HTMLSelectElement, classics: [string, string, number][], size: number) => void} */
function offer(select, classics, size) {
  const fitting = classics.filter(([, , side]) => side <= size);
  if (select.options.length === fitting.length + 2) return;
  const option = (/** @type {string} */ value, /** @type {string} */ text, title = "") => element("option", { value, title }, text);
  const kernels = fitting.map(([name, does]) => option(name, name, does));
  select.replaceChildren(option("", "Load …"), option(TRAINED, "As trained"), ...kernels);
}

/**
 * What the kernels do: the map of the filter, before and after its activation, and the probabilities. `show` takes
 * the network as trained, null where there is none to compare with.
 *
 * @type {(view: Net.View, unit: Net.Unit) => { box: HTMLElement, show(trained: Net.Network | null): void }}
 */
function effectOf(view, unit) {
  const shown = [unit.layer, ...activationAfter(view.network, unit.layer)].map((at) => view.network.layers[at]);
  const box = element("div", { class: "effect-maps", style: `--maps: ${shown.length}` });
  box.append(element("span"), ...shown.map((layer) => element("span", {}, layer.title)));
  const rows = ["As trained", "Now"].map((label) => {
    box.append(element("span", {}, label));
    return shown.map((layer) => mapOf(view, layer, unit.channel, label, box));
  });
  const classes = element("tbody");
  const titles = ["class", "as trained", "now", "change"].map((title) => element("th", { scope: "col" }, title));
  const table = element("table", { class: "terms" }, element("thead", {}, element("tr", {}, ...titles)), classes);
  /** @type {(trained: Net.Network | null) => void} */
  const show = (trained) => {
    [trained, view.network].forEach((network, row) => rows[row].forEach((paint) => paint(network)));
    classes.replaceChildren(...classRows(view, trained));
    table.hidden = !classes.rows.length;
  };
  return { box: element("div", { class: "effect" }, box, table), show };
}

/** @type {(network: Net.Network, at: number) => number[]} */
function activationAfter({ layers }, at) {
  const next = layers.slice(at + 1).find(({ kind }) => kind !== "normalization");
  return next?.kind === "activation" && !next.output ? [next.number] : [];
}

/**
 * A picture of the filter's map in a layer, which paints that of any network.
 *
 * @type {(view: Net.View, layer: Net.Layer, map: number, label: string, box: HTMLElement) => (network: Net.Network | null) => void}
 */
function mapOf(view, { number: at, title, shape: [height, width] }, map, label, box) {
  const picture = pictureOf("", height, width, Math.max(1, Math.round(MAP_SIDE / width)));
  const range = element("figcaption", {});
  box.append(element("figure", {}, picture, range));
  addPointerEvents(view, picture, (event) => {
    const cell = cellUnder(event, picture, height, width);
    return cell && { layer: at, channel: map, ...cell };
  });
  return (network) => {
    picture.style.visibility = network ? "visible" : "hidden";
    range.textContent = "";
    const layer = network?.layers[at];
    if (!layer?.numbers) return;
    paintPicture(picture, height, width, mapColor(view, layer, map));
    const values = numbersOf(layer).filter((_, place) => place % layer.shape[2] === map);
    range.textContent = `${number(Math.min(...values))} to ${number(Math.max(...values))}`;
    picture.alt = `${title}, map ${map + 1}, ${label.toLowerCase()}: ${range.textContent}`;
  };
}

/** @type {(view: Net.View, trained: Net.Network | null) => HTMLElement[]} */
function classRows({ network, head }, trained) {
  const { number: last, output, numbers } = network.layers[network.layers.length - 1];
  if (!output || !numbers) return [];
  const before = trained?.layers[last].numbers;
  const size = (/** @type {number} */ at) => Math.max(numbers[at], before ? before[at] : 0);
  const largest = [...numbers.keys()].sort((one, other) => size(other) - size(one)).slice(0, MOST_CLASSES);
  const predicted = numbers.indexOf(Math.max(...numbers));
  const changes = before ? numbers.map((value, at) => value - before[at]) : [];
  const scale = Math.max(largestIn(changes), 0.01);
  return largest.sort((one, other) => one - other).map((at) => {
    const change = changes[at] ?? 0;
    const bar = element("div", { class: change < 0 ? "bar negative" : "bar positive", style: `width: ${(50 * Math.abs(change)) / scale}%` });
    const cells = [before ? percent(before[at]) : "", percent(numbers[at])].map((text) => element("td", {}, text));
    return element("tr", { class: at === predicted ? "chosen" : "" }, element("th", { scope: "row" }, head.classes[at]), ...cells, element("td", { class: "signed" }, bar));
  });
}
