// The kernels of a convolution, a row a filter, beside the maps they make.

import { element } from "../elements.js";
import { cellUnder } from "../pixels.js";
import { kernelColor, mosaicColor } from "./color.js";
import { weightsIn } from "./layers.js";
import { addLegend, addPointerEvents, CAPTION, mapZoom, paintPicture, pictureOf, stageOf } from "./stage.js";

const MOST_KERNELS = 256; // as pictures of their own

/**
 * The stage of a convolution's kernels; `paintKernel` gives them their colors.
 *
 * @type {(view: Net.View, layer: Net.ConvolutionLayer) => Net.Stage}
 */
export function kernelStage(view, layer) {
  const stage = stageOf(layer, layer.kernelTitle, layer.kernelNote, "kernels");
  if (!layer.kernel) {
    stage.card.append(element("p", { class: "missing" }, "Too many weights for the browser; they are left out here."));
    return stage;
  }
  const [, side, channels, filters] = layer.weights.kernel.shape;
  const box = element("div", { class: "tiles" });
  const filter = (/** @type {number} */ number) => ({ layer: layer.number, channel: number, row: null, column: null });
  if (channels * filters > MOST_KERNELS) {
    const [height, width] = [filters * (side + 1) - 1, channels * (side + 1) - 1];
    const label = `${layer.kernelTitle}, ${filters} filters by ${channels} channels`;
    const picture = pictureOf(label, height, width, zoomOf(layer));
    addPointerEvents(view, picture, (event) => {
      const cell = cellUnder(event, picture, height, width);
      return cell && filter(Math.min(filters - 1, Math.floor(cell.row / (side + 1))));
    });
    stage.tiles.push({ picture, width, height, mosaic: true });
    box.append(picture);
  } else {
    box.style.gridTemplateColumns = `repeat(${channels}, max-content)`;
    // As far apart as the maps they make, so that a filter and its map stand in one row.
    if (filters <= view.rows) box.style.gridAutoRows = `${mapZoom(view, layer) * layer.shape[0] + CAPTION}px`;
    const zoom = view.enlarged * zoomOf(layer);
    for (const kernel of kernelsOf(layer)) {
      const picture = pictureOf(`${layer.kernelTitle}, filter ${kernel.filter + 1}, channel ${kernel.channel + 1}`, side, side, zoom);
      addPointerEvents(view, picture, () => filter(kernel.filter));
      stage.tiles.push({ picture, width: side, height: side, ...kernel });
      box.append(picture);
    }
  }
  addLegend(stage, box);
  return stage;
}

/**
 * How many pixels of the screen a weight is wide where nothing is enlarged.
 *
 * @type {(layer: Net.ConvolutionLayer) => number}
 */
function zoomOf({ weights }) {
  const [, side, channels, filters] = weights.kernel.shape;
  const width = channels * filters > MOST_KERNELS ? 12 : channels === 1 ? 36 : channels > 4 ? 15 : 24;
  return Math.max(1, Math.round(width / side));
}

/**
 * How many pixels wide the kernels of a convolution are, drawn so many `times` larger.
 *
 * @type {(layer: Net.ConvolutionLayer, times: number) => number}
 */
export function kernelsWidth(layer, times) {
  const [, side, channels, filters] = layer.weights.kernel.shape;
  if (channels * filters > MOST_KERNELS) return channels * (side + 1) * zoomOf(layer);
  return channels * (times * zoomOf(layer) * side + 3);
}

/**
 * Every kernel of a convolution in the order of their pictures: a row a filter, a column a channel.
 *
 * @type {(layer: Net.ConvolutionLayer) => { filter: number, channel: number }[]}
 */
export function kernelsOf(layer) {
  const [, , channels, filters] = layer.weights.kernel.shape;
  const range = (/** @type {number} */ count) => Array.from({ length: count }, (_, at) => at);
  return range(filters).flatMap((filter) => range(channels).map((channel) => ({ filter, channel })));
}

/**
 * A kernel is painted anew only when its numbers, its scale or the theme are others: they stay the
 * same from image to image.
 *
 * @type {(view: Net.View, layer: Net.ConvolutionLayer, tile: Net.Tile) => void}
 */
export function paintKernel(view, layer, tile) {
  const kernel = weightsIn(layer.kernel);
  const limit = view.limits.layers[layer.number].kernel;
  const before = tile.painted;
  const same = before?.table === view.table && before.limit === limit;
  if (same && before.kernel.buffer === kernel.buffer && before.kernel.byteOffset === kernel.byteOffset) return;
  tile.painted = { table: view.table, limit, kernel };
  if (tile.mosaic) paintPicture(tile.picture, tile.height, tile.width, mosaicColor(view, layer));
  else paintPicture(tile.picture, layer.size, layer.size, kernelColor(view, layer, tile.filter ?? 0, tile.channel ?? 0));
}
