// The network as the browser knows it: where its numbers lie, and which numbers each one was made of.
// A unit is { layer, channel, row, column }, all counted from 0; without row and column it is a unit
// of a layer without maps, or a whole filter.

export const hasMaps = (layer) => layer.shape.length === 3;

// Values and weights may be left out where they are too many; then nothing is there to be read.
export function networkOf(head, values, weights) {
  const layers = head.layers.map((layer, number) => {
    const start = layer.values;
    const length = layer.shape.reduce((size, side) => size * side, 1);
    return { ...layer, number, length, numbers: start === null ? null : values.subarray(start, start + length) };
  });
  for (const layer of layers) {
    layer.kernel = weightOf(layer, "kernel", weights);
    layer.bias = weightOf(layer, "bias", weights);
    if (layer.kind === "normalization") {
      const parts = ["gamma", "beta", "moving_mean", "moving_variance"];
      layer.parts = parts.map((part) => weightOf(layer, part, weights));
    }
  }
  return { layers, head };
}

function weightOf(layer, name, weights) {
  const weight = layer.weights?.[name];
  if (!weight || weight.start === null) return null;
  const size = weight.shape.reduce((product, side) => product * side, 1);
  return weights.subarray(weight.start, weight.start + size);
}

export function placeOf(layer, unit) {
  if (!hasMaps(layer)) return unit.channel;
  return (unit.row * layer.shape[1] + unit.column) * layer.shape[2] + unit.channel;
}

export function valueAt(layer, unit) {
  return layer.numbers ? layer.numbers[placeOf(layer, unit)] : undefined;
}

export const isFilter = (layer, unit) => hasMaps(layer) && unit.row === null;

export function sameUnit(one, other) {
  if (!one || !other) return one === other;
  return ["layer", "channel", "row", "column"].every((part) => one[part] === other[part]);
}

// The rows or columns that a window reads, as many as it has cells; some may lie in the padding.
export function cellsAlong(layer, cell) {
  const first = cell * layer.stride - (layer.before ?? 0);
  return Array.from({ length: layer.size }, (_, at) => first + at * (layer.dilation ?? 1));
}

// From the first row or column that a window reads to before the end of the last.
export function windowAlong(layer, cell) {
  const cells = cellsAlong(layer, cell);
  return [cells[0], cells.at(-1) + 1];
}

function clipped([first, end], size) {
  return [Math.max(0, first), Math.min(size, end)];
}

// A region of maps is { rows, columns, channel }, one of units is { units }; channel null is all maps.
// Where a dilated window passes cells over, `read` has the rows and columns that it reads. What a
// single window covers, its padding too, is in `window`.
export function regionOf(layer, unit) {
  if (!hasMaps(layer)) return { units: [unit.channel, unit.channel + 1] };
  if (unit.row === null) return { ...whole(layer), channel: unit.channel };
  return { rows: [unit.row, unit.row + 1], columns: [unit.column, unit.column + 1], channel: unit.channel };
}

function whole(layer) {
  if (!hasMaps(layer)) return { units: [0, layer.shape[0]] };
  return { rows: [0, layer.shape[0]], columns: [0, layer.shape[1]], channel: null };
}

// What `layer` reads of the layer before it to make a region of its own.
export function regionRead(layer, read, region) {
  const one = region.units && region.units[1] - region.units[0] === 1 ? region.units[0] : null;
  if (layer.kind === "activation" || layer.kind === "normalization") {
    return layer.output && !hasMaps(read) ? whole(read) : region;
  }
  if (layer.kind === "flatten" && one !== null) {
    const [, width, channels] = read.shape;
    const cell = Math.floor(one / channels);
    const unit = { row: Math.floor(cell / width), column: cell % width, channel: one % channels };
    return regionOf(read, unit);
  }
  if (layer.kind === "average" && one !== null) return { ...whole(read), channel: one };
  if (layer.kind !== "convolution" && layer.kind !== "pooling") return whole(read);
  const along = ([first, end], size) =>
    clipped([windowAlong(layer, first)[0], windowAlong(layer, end - 1)[1]], size);
  const single = region.rows[1] - region.rows[0] === 1 && region.columns[1] - region.columns[0] === 1;
  const gaps = single && layer.dilation > 1 && layer.size > 1;
  return {
    rows: along(region.rows, read.shape[0]),
    columns: along(region.columns, read.shape[1]),
    channel: layer.kind === "pooling" ? region.channel : null,
    window: single ? { rows: windowAlong(layer, region.rows[0]), columns: windowAlong(layer, region.columns[0]) } : null,
    read: gaps ? { rows: cellsAlong(layer, region.rows[0]), columns: cellsAlong(layer, region.columns[0]) } : null,
  };
}

// For each layer up to the unit's own, the region of it that the unit depends on.
export function regionsSeen(network, unit) {
  const regions = [];
  let region = regionOf(network.layers[unit.layer], unit);
  for (let number = unit.layer; number >= 0; number--) {
    regions[number] = region;
    if (number > 0) region = regionRead(network.layers[number], network.layers[number - 1], region);
  }
  return regions;
}

// Which rows (or columns) of a map the next layer's window never reads; none for other layers.
export function unreadAlong(network, layer) {
  const next = network.layers[layer.number + 1];
  const size = layer.shape[0];
  if (!next || !hasMaps(layer) || !["convolution", "pooling"].includes(next.kind)) return [];
  const read = new Set();
  for (let cell = 0; cell < next.shape[0]; cell++) {
    for (const at of cellsAlong(next, cell)) read.add(at);
  }
  return Array.from({ length: size }, (_, at) => at).filter((at) => !read.has(at));
}

// The numbers of the next layer that a number goes into: how many, and one that shows it best.
export function readersOf(network, unit) {
  const next = network.layers[unit.layer + 1];
  const own = network.layers[unit.layer];
  const single = (channel) => ({ count: 1, units: [{ layer: next.number, channel, row: null, column: null }] });
  if (next.kind === "normalization" || (next.kind === "activation" && !next.output)) return { count: 1, units: [{ ...unit, layer: next.number }] };
  if (next.kind === "flatten") return single((unit.row * own.shape[1] + unit.column) * own.shape[2] + unit.channel);
  if (next.kind === "average") return single(unit.channel);
  if (!hasMaps(next)) return { count: next.shape[0], units: single(strongestReader(next, unit)).units };
  const along = (at, size) => Array.from({ length: size }, (_, cell) => cell).filter((cell) => cellsAlong(next, cell).includes(at));
  const [rows, columns] = [along(unit.row, next.shape[0]), along(unit.column, next.shape[1])];
  const maps = next.kind === "pooling" ? 1 : next.shape[2];
  const middle = (cells) => cells[Math.floor(cells.length / 2)];
  const channel = next.kind === "pooling" ? unit.channel : 0;
  return {
    count: rows.length * columns.length * maps,
    units: [{ layer: next.number, row: middle(rows), column: middle(columns), channel }],
  };
}

function strongestReader(next, unit) {
  if (next.kind !== "dense") return Math.min(unit.channel, next.shape[0] - 1);
  if (!next.kernel) return 0;
  const weights = next.kernel.subarray(unit.channel * next.shape[0], (unit.channel + 1) * next.shape[0]);
  return weights.reduce((best, weight, at) => (Math.abs(weight) > Math.abs(weights[best]) ? at : best), 0);
}

export function unitText(layer, unit) {
  if (!hasMaps(layer)) return `${layer.name}-unit${unit.channel + 1}`;
  const map = `${layer.name}-map${unit.channel + 1}`;
  return unit.row === null ? map : `${map}-row${unit.row + 1}-column${unit.column + 1}`;
}

export function unitName(layer, unit, classes) {
  if (layer.output || layer.name === "logits") {
    const name = classes.length === layer.shape[0] ? classes[unit.channel] : classes[1];
    return `${layer.title}, ${name}`;
  }
  if (!hasMaps(layer)) return `${layer.title}, unit ${unit.channel + 1}`;
  if (unit.row === null) return `${layer.title}, ${layer.kind === "convolution" ? "filter" : "map"} ${unit.channel + 1}`;
  const cell = `row ${unit.row + 1}, column ${unit.column + 1}`;
  if (layer.kind === "image" && layer.shape[2] === 1) return `${layer.title}, ${cell}`;
  const part = layer.kind === "image" ? ["red", "green", "blue"][unit.channel] : `map ${unit.channel + 1}`;
  return `${layer.title}, ${part}, ${cell}`;
}
