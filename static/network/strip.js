// The strip: every layer a column of square-pixelled maps, the kernels before the maps they make.

import { gradientOf } from "../colors.js";
import { element } from "../elements.js";
import { number, percent } from "../numbers.js";
import { cellUnder, contextOf } from "../pixels.js";
import { classBars, fillClassBars } from "./class_bars.js";
import { limitOfMap, mapColor, unitColor } from "./color.js";
import { droppedLines, hatchedNote } from "./effect.js";
import { drawHatching } from "./hatching.js";
import { kernelStage, paintKernel } from "./kernels.js";
import { hasMaps, numbersOf, weightsIn } from "./layers.js";
import { addOverlay } from "./outlines.js";
import { addLegend, addPointerEvents, mapZoom, paintPicture, pictureOf, stageOf } from "./stage.js";
import { sweptOnly } from "./sweep.js";
import { markWinners } from "./winners.js";

/**
 * Makes the cards of layers and their pictures; `repaintStrip` gives them their colors. Convolutions that
 * are `opened` have a card of their kernels, too.
 *
 * @type {(view: Net.View, shown: number[], opened: number[]) => Net.Stage[]}
 */
export function buildStrip(view, shown, opened) {
  const stages = shown.flatMap((at) => {
    const layer = view.network.layers[at];
    const own = stageOf(layer, layer.title, layer.note, layer.kind);
    fillCard(view, own);
    return layer.kind === "convolution" && opened.includes(at) ? [kernelStage(view, layer), own] : [own];
  });
  stages.forEach(addOverlay);
  return stages;
}

/** @type {(view: Net.View, stage: Net.Stage) => void} */
function fillCard(view, stage) {
  const { layer } = stage;
  if (!layer.numbers) {
    const size = layer.length.toLocaleString("en");
    stage.card.append(element("p", { class: "missing" }, `${size} values: too many for the browser, so they are left out here.`));
    return;
  }
  if (layer.output) {
    stage.bars = classBars(view, layer);
    stage.card.append(stage.bars);
    return;
  }
  const box = element("div", { class: "tiles" });
  if (hasMaps(layer)) mapTiles(view, stage, box);
  else unitTile(view, stage, box);
  addLegend(stage, box);
}

/** @type {(view: Net.View, stage: Net.Stage, box: HTMLElement) => void} */
function mapTiles(view, stage, box) {
  const { layer } = stage;
  const [height, width, channels] = layer.shape;
  const image = layer.kind === "image";
  const count = image ? 1 : channels;
  const zoom = mapZoom(view, layer);
  box.style.gridTemplateRows = `repeat(${Math.min(view.rows, count)}, auto)`;
  for (let map = 0; map < count; map++) {
    const picture = pictureOf(`${layer.title}, map ${map + 1}`, height, width, zoom);
    const frame = element("div", { class: "frame" }, picture);
    const caption = element("figcaption", {});
    const figure = element("figure", {}, frame, ...(image ? [] : [caption]));
    /** @type {(at: Ui.Point) => Net.Unit | null} */
    const unitUnder = (event) => {
      const cell = cellUnder(event, picture, height, width);
      return cell && { layer: layer.number, channel: map, row: cell.row, column: cell.column };
    };
    addPointerEvents(view, picture, unitUnder);
    stage.tiles.push({ picture, frame, caption, width, height });
    box.append(figure);
  }
  hatch(view, stage, zoom);
  pad(view, stage, zoom);
}

/** @type {(view: Net.View, stage: Net.Stage, box: HTMLElement) => void} */
function unitTile(view, stage, box) {
  const { layer } = stage;
  const [count] = layer.shape;
  const columns = count <= 12 ? 1 : Math.max(8, Math.ceil(Math.sqrt(count)));
  const rows = Math.ceil(count / columns);
  const zoom = Math.max(4, Math.min(16, Math.round(110 / columns)));
  const picture = pictureOf(layer.title, rows, columns, zoom);
  const frame = element("div", { class: "frame" }, picture);
  addPointerEvents(view, picture, (event) => {
    const cell = cellUnder(event, picture, rows, columns);
    const channel = cell ? cell.row * columns + cell.column : count;
    return channel < count ? { layer: layer.number, channel, row: null, column: null } : null;
  });
  stage.columns = columns;
  stage.tiles.push({ picture, frame, width: columns, height: rows });
  box.append(element("figure", {}, frame));
}

/**
 * The zeros that the first convolution puts around the image, where they are asked for.
 *
 * @type {(view: Net.View, stage: Net.Stage, zoom: number) => void}
 */
function pad(view, stage, zoom) {
  const next = view.network.layers[stage.layer.number + 1];
  if (!view.head.padded || stage.layer.kind !== "image" || next?.kind !== "convolution") return;
  const { before, after } = next;
  if (!(before || after)) return;
  for (const { frame } of stage.tiles) {
    if (!frame) continue;
    frame.style.margin = `${before * zoom}px ${after * zoom}px ${after * zoom}px ${before * zoom}px`;
    const border = element("div", { class: "around" });
    border.style.inset = `-${before * zoom}px -${after * zoom}px -${after * zoom}px -${before * zoom}px`;
    frame.append(border);
  }
  stage.padding = `Hatched: padding, ${before} above and left, ${after} below and right, counted as 0`;
}

/**
 * Rows and columns that have no effect are hatched, once for all maps of the layer.
 *
 * @type {(view: Net.View, stage: Net.Stage, zoom: number) => void}
 */
function hatch(view, stage, zoom) {
  const { layer } = stage;
  stage.hatched = hatchedNote(view.network, layer);
  if (!stage.hatched) return;
  const [height, width] = layer.shape;
  const canvas = element("canvas", { width: width * zoom, height: height * zoom });
  const box = { x: 0, y: 0, width: canvas.width, height: canvas.height };
  drawHatching(contextOf(canvas), box, droppedLines(view.network)[layer.number]);
  stage.card.style.setProperty("--hatched", `url(${canvas.toDataURL()})`);
  for (const tile of stage.tiles) tile.frame?.append(element("div", { class: "hatched" }));
}

/**
 * Gives everything on the strip the colors of the network that is shown now.
 *
 * @type {(view: Net.View) => void}
 */
export function repaintStrip(view) {
  for (const stage of view.stages) {
    stage.layer = view.network.layers[stage.layer.number];
    if (stage.bars) fillClassBars(view, stage.bars, stage.layer);
    else if (stage.tiles.length) repaintStage(view, stage);
  }
}

/** @type {(view: Net.View, stage: Net.Stage) => void} */
function repaintStage(view, stage) {
  const { layer } = stage;
  stage.tiles.forEach((tile, map) => {
    if (stage.kernels && layer.kind === "convolution") paintKernel(view, layer, tile);
    else if (hasMaps(layer)) repaintMap(view, stage, map);
    else paintPicture(tile.picture, tile.height, tile.width, unitColor(view, layer, tile.width));
  });
  legend(view, stage);
  const range = facts(stage.kernels ? weightsIn(layer.kernel) : numbersOf(layer), layer);
  stage.facts.textContent = [range, stage.padding ?? "", stage.hatched ?? ""].filter(Boolean).join(". ");
}

/** @type {(view: Net.View, stage: Net.Stage, map: number) => void} */
function repaintMap(view, stage, map) {
  const { layer } = stage;
  const tile = stage.tiles[map];
  const color = mapColor(view, layer, map);
  const shown = sweptOnly(view, layer, map, color);
  tile.picture.classList.toggle("swept", shown !== color);
  paintPicture(tile.picture, tile.height, tile.width, shown);
  markWinners(view, stage, map);
  if (layer.kind === "image") return;
  const off = filtersOff(view.network, layer).includes(map);
  const range = view.head.scale === "map" ? ` ±${number(limitOfMap(view, layer, map))}` : "";
  if (!tile.caption) return;
  tile.caption.textContent = `${map + 1}${off ? " off" : ""}${range}`;
  tile.caption.parentElement?.classList.toggle("off", off);
}

/**
 * Which filters are switched off of the convolution whose maps are in a layer.
 *
 * @type {(network: Net.Network, layer: Net.Layer) => number[]}
 */
function filtersOff(network, layer) {
  for (let at = layer.number; at >= 0; at--) {
    const made = network.layers[at];
    if (made.kind === "convolution") return made.off;
  }
  return [];
}

/** @type {(view: Net.View, stage: Net.Stage) => void} */
function legend(view, stage) {
  const { layer, kernels } = stage;
  const image = layer.kind === "image";
  if (stage.barTable !== view.table) {
    stage.barTable = view.table;
    const bar = element("div", { class: "bar", "aria-hidden": "true" });
    bar.style.background = image ? "linear-gradient(to right, #000, #fff)" : gradientOf(view.table);
    stage.ends.replaceChildren(...Array.from({ length: image ? 2 : 3 }, () => element("span")));
    stage.legend.replaceChildren(bar, stage.ends);
  }
  const each = !kernels && view.head.scale === "map" && hasMaps(layer);
  const limit = kernels ? view.limits.layers[layer.number].kernel : limitOfMap(view, layer, 0);
  const texts = image ? ["0", "1"] : each ? ["−max", "0", "max of each map"] : [number(-limit), "0", number(limit)];
  texts.forEach((text, at) => (stage.ends.children[at].textContent = text));
}

/** @type {(numbers: Float32Array, layer: Net.Layer) => string} */
function facts(numbers, layer) {
  let [low, high, zeros, endless, broken] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of numbers) {
    if (Number.isNaN(value)) broken++;
    else if (!Number.isFinite(value)) endless++;
    else {
      low = Math.min(low, value);
      high = Math.max(high, value);
      if (value === 0) zeros++;
    }
  }
  const parts = low <= high ? [`${number(low)} to ${number(high)}`] : [];
  if (zeros && layer.kind !== "image") parts.push(zeros === numbers.length ? "all are 0" : `${percent(Math.min(0.99, zeros / numbers.length), 0)} are 0`);
  if (endless) parts.push(`${endless} infinite`);
  if (broken) parts.push(`${broken} not a number`);
  return parts.join(" · ");
}
