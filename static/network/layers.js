// The network as the browser knows it: where its numbers lie, and which numbers each one was made of.
// A unit is { layer, channel, row, column }, all counted from 0; without row and column it is a unit
// of a layer without maps, or a whole filter.

/** @typedef {Net.ConvolutionLayer | Net.PoolingLayer} WindowLayer */

/**
 * Whether a layer's numbers lie in maps.
 *
 * @type {(layer: { shape: number[] }) => boolean}
 */
export const hasMaps = (layer) => layer.shape.length === 3;

/**
 * Values and weights may be left out where they are too many; then nothing is there to be read.
 *
 * @type {(head: Net.Head, values: Float32Array, weights: Float32Array) => Net.Network}
 */
export function networkOf(head, values, weights) {
  const layers = head.layers.map((layer, number) => {
    const start = layer.values;
    const length = layer.shape.reduce((size, side) => size * side, 1);
    const parts = ["gamma", "beta", "moving_mean", "moving_variance"];
    return /** @type {Net.Layer} */ ({
      ...layer,
      number,
      length,
      numbers: start === null ? null : values.subarray(start, start + length),
      kernel: weightOf(layer, "kernel", weights),
      bias: weightOf(layer, "bias", weights),
      ...(layer.kind === "normalization" && { parts: parts.map((part) => weightOf(layer, part, weights)) }),
    });
  });
  return { layers, head };
}

/** @type {(layer: Net.SentLayer, name: string, weights: Float32Array) => Float32Array | null} */
function weightOf(layer, name, weights) {
  /** @type {Record<string, Net.Weight> | undefined} */
  const described = layer.weights;
  const weight = described?.[name];
  if (!weight || weight.start === null) return null;
  const size = weight.shape.reduce((product, side) => product * side, 1);
  return weights.subarray(weight.start, weight.start + size);
}

/**
 * The index of a unit's number among those of its layer.
 *
 * @type {(layer: Net.Layer, place: Net.Place) => number}
 */
export function unitIndex(layer, unit) {
  if (!hasMaps(layer)) return unit.channel;
  const { row, column } = cellOf(unit);
  return (row * layer.shape[1] + column) * layer.shape[2] + unit.channel;
}

/**
 * Row and column of a place in a map.
 *
 * @type {(place: Net.Place) => Ui.Cell}
 */
export const cellOf = (place) => /** @type {Ui.Cell} */ (place);

/**
 * A layer that a window reads the layer before for.
 *
 * @type {(layer: Net.Layer) => layer is WindowLayer}
 */
export const hasWindow = (layer) => layer.kind === "convolution" || layer.kind === "pooling";

/**
 * The values of a layer that the browser was given.
 *
 * @type {(layer: Net.Layer) => Float32Array}
 */
export const numbersOf = (layer) => /** @type {Float32Array} */ (layer.numbers);

/**
 * A kernel or a bias that the browser was given.
 *
 * @type {(weights: Float32Array | null) => Float32Array}
 */
export const weightsIn = (weights) => /** @type {Float32Array} */ (weights);

/**
 * A number of a layer that the browser was given.
 *
 * @type {(layer: Net.Layer, place: Net.Place) => number}
 */
export const valueAt = (layer, place) => numbersOf(layer)[unitIndex(layer, place)];

/**
 * The number of a unit; undefined for a whole filter or map, and where the browser was not given it.
 *
 * @type {(layer: Net.Layer, unit: Net.Place) => number | undefined}
 */
export const knownValue = (layer, unit) => (layer.numbers && !isFilter(layer, unit) ? valueAt(layer, unit) : undefined);

/**
 * Whether a whole filter or map is meant rather than one number.
 *
 * @type {(layer: Net.Layer, unit: Net.Place) => boolean}
 */
export const isFilter = (layer, unit) => hasMaps(layer) && unit.row === null;

/**
 * Whether two units are the same number.
 *
 * @type {(unit: Net.Unit | null, other: Net.Unit | null) => boolean}
 */
export function sameUnit(unit, other) {
  if (!unit || !other) return unit === other;
  return unit.layer === other.layer && unit.channel === other.channel && unit.row === other.row && unit.column === other.column;
}

/**
 * The rows or columns that a window reads, as many as it has cells; some may lie in the padding.
 *
 * @type {(layer: Net.Window, cell: number) => number[]}
 */
export function cellsAlong(layer, cell) {
  const first = cell * layer.stride - layer.before;
  return Array.from({ length: layer.size }, (_, at) => first + at * layer.dilation);
}

/**
 * From the first row or column that a window reads to before the end of the last.
 *
 * @type {(layer: Net.Window, cell: number) => Net.Span}
 */
export function windowAlong(layer, cell) {
  const cells = cellsAlong(layer, cell);
  return [cells[0], cells[cells.length - 1] + 1];
}

/** @type {(span: Net.Span, size: number) => Net.Span} */
function clipped([first, end], size) {
  return [Math.max(0, first), Math.min(size, end)];
}

/**
 * A region of maps is { rows, columns, channel }, one of units is { units }; channel null is all maps.
 * Where a dilated window passes cells over, `read` has the rows and columns that it reads. What a
 * single window covers, its padding too, is in `window`.
 *
 * @type {(layer: Net.Layer, place: Net.Place) => Net.Region}
 */
export function regionOf(layer, unit) {
  const { channel } = unit;
  if (!hasMaps(layer)) return { units: [channel, channel + 1] };
  if (unit.row === null) return { ...wholeMaps(layer), channel };
  const { row, column } = cellOf(unit);
  return { rows: [row, row + 1], columns: [column, column + 1], channel };
}

/** @type {(layer: Net.Layer) => Net.Region} */
function whole(layer) {
  if (!hasMaps(layer)) return { units: [0, layer.shape[0]] };
  return wholeMaps(layer);
}

/** @type {(layer: Net.Layer) => Net.MapRegion} */
function wholeMaps({ shape: [height, width] }) {
  return { rows: [0, height], columns: [0, width], channel: null };
}

/**
 * What `layer` reads of the layer before it to make a region of its own.
 *
 * @type {(layer: Net.Layer, previous: Net.Layer, region: Net.Region) => Net.Region}
 */
export function inputRegion(layer, previous, region) {
  const single = "units" in region && region.units[1] - region.units[0] === 1 ? region.units[0] : null;
  if (layer.kind === "activation" || layer.kind === "normalization") {
    return layer.output && !hasMaps(previous) ? whole(previous) : region;
  }
  if (layer.kind === "flatten" && single !== null) {
    return regionOf(previous, unflatten(previous, single));
  }
  if (layer.kind === "average" && single !== null) return { ...wholeMaps(previous), channel: single };
  if (!hasWindow(layer) || "units" in region) return whole(previous);
  /** @type {(span: Net.Span, size: number) => Net.Span} */
  const along = ([first, end], size) =>
    clipped([windowAlong(layer, first)[0], windowAlong(layer, end - 1)[1]], size);
  const oneCell = region.rows[1] - region.rows[0] === 1 && region.columns[1] - region.columns[0] === 1;
  const gaps = oneCell && layer.dilation > 1 && layer.size > 1;
  return {
    rows: along(region.rows, previous.shape[0]),
    columns: along(region.columns, previous.shape[1]),
    channel: layer.kind === "pooling" ? region.channel : null,
    window: oneCell ? { rows: windowAlong(layer, region.rows[0]), columns: windowAlong(layer, region.columns[0]) } : null,
    read: gaps ? { rows: cellsAlong(layer, region.rows[0]), columns: cellsAlong(layer, region.columns[0]) } : null,
  };
}

/**
 * The unit of the layer before that flattening puts at a place in its row.
 *
 * @type {(previous: Net.Layer, at: number) => Net.Unit}
 */
export function unflatten(previous, at) {
  const [, width, channels] = previous.shape;
  const cell = Math.floor(at / channels);
  return { layer: previous.number, channel: at % channels, row: Math.floor(cell / width), column: cell % width };
}

/**
 * The receptive field of a unit in each layer up to its own: the region that it depends on.
 *
 * @type {(network: Net.Network, unit: Net.Unit) => Net.Region[]}
 */
export function receptiveFields(network, unit) {
  /** @type {Net.Region[]} */
  const regions = [];
  let region = regionOf(network.layers[unit.layer], unit);
  for (let number = unit.layer; number >= 0; number--) {
    regions[number] = region;
    if (number > 0) region = inputRegion(network.layers[number], network.layers[number - 1], region);
  }
  return regions;
}

/**
 * The numbers of the next layer that a number goes into: how many, and one that shows it best.
 *
 * @type {(network: Net.Network, unit: Net.Unit) => { count: number, units: Net.Unit[] }}
 */
export function readersOf(network, unit) {
  const next = network.layers[unit.layer + 1];
  const own = network.layers[unit.layer];
  const single = (/** @type {number} */ channel) => ({ count: 1, units: [{ layer: next.number, channel, row: null, column: null }] });
  if (next.kind === "normalization" || (next.kind === "activation" && !next.output)) return { count: 1, units: [{ ...unit, layer: next.number }] };
  if (next.kind === "flatten") return single(unitIndex(own, unit));
  if (next.kind === "average") return single(unit.channel);
  if (!hasWindow(next)) return { count: next.shape[0], units: single(strongestReader(next, unit)).units };
  const { row, column } = cellOf(unit);
  const along = (/** @type {number} */ at, /** @type {number} */ size) => Array.from({ length: size }, (_, cell) => cell).filter((cell) => cellsAlong(next, cell).includes(at));
  const [rows, columns] = [along(row, next.shape[0]), along(column, next.shape[1])];
  const maps = next.kind === "pooling" ? 1 : next.shape[2];
  const middle = (/** @type {number[]} */ cells) => cells[Math.floor(cells.length / 2)];
  const channel = next.kind === "pooling" ? unit.channel : 0;
  return {
    count: rows.length * columns.length * maps,
    units: [{ layer: next.number, row: middle(rows), column: middle(columns), channel }],
  };
}

/** @type {(next: Net.Layer, unit: Net.Unit) => number} */
function strongestReader(next, unit) {
  if (next.kind !== "dense") return Math.min(unit.channel, next.shape[0] - 1);
  if (!next.kernel) return 0;
  const weights = next.kernel.subarray(unit.channel * next.shape[0], (unit.channel + 1) * next.shape[0]);
  return weights.reduce((best, weight, at) => (Math.abs(weight) > Math.abs(weights[best]) ? at : best), 0);
}

/**
 * A unit as Python and the address name it.
 *
 * @type {(layer: Net.Layer, unit: Net.Place) => string}
 */
export function unitText(layer, unit) {
  if (!hasMaps(layer)) return `${layer.name}-unit${unit.channel + 1}`;
  const map = `${layer.name}-map${unit.channel + 1}`;
  if (unit.row === null) return map;
  const { row, column } = cellOf(unit);
  return `${map}-row${row + 1}-column${column + 1}`;
}

/**
 * A unit in words.
 *
 * @type {(layer: Net.Layer, unit: Net.Place, classes: string[]) => string}
 */
export function unitName(layer, unit, classes) {
  if (layer.output || layer.name === "logits") {
    const name = classes.length === layer.shape[0] ? classes[unit.channel] : classes[1];
    return `${layer.title}, ${name}`;
  }
  if (!hasMaps(layer)) return `${layer.title}, unit ${unit.channel + 1}`;
  if (unit.row === null) return `${layer.title}, ${layer.kind === "convolution" ? "filter" : "map"} ${unit.channel + 1}`;
  const { row, column } = cellOf(unit);
  const cell = `row ${row + 1}, column ${column + 1}`;
  if (layer.kind === "image" && layer.shape[2] === 1) return `${layer.title}, ${cell}`;
  const part = layer.kind === "image" ? ["red", "green", "blue"][unit.channel] : `map ${unit.channel + 1}`;
  return `${layer.title}, ${part}, ${cell}`;
}
