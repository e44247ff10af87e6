// The network at work on one image: every layer's values as pictures, in the order of the data.

const MOST_KERNELS = 256; // as pictures of their own
const memory = new WeakMap(); // per instance: the tile whose numbers are open

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".network-view");
  const { head, body } = unpack(data);
  const values = new Float32Array(body.buffer, 0, Math.floor(body.byteLength / 4));
  const state = memory.get(parentElement) ?? { open: null };
  memory.set(parentElement, state);
  const view = {
    head,
    values,
    state,
    table: signedTable(isDark(root) ? head.palettes.dark : head.palettes.light),
    largestKnown: new Map(),
    outline: null,
    readout: element("div", { class: "readout", role: "status" }, head.hint),
  };
  const drawn = head.layers.filter((layer) => ["maps", "units"].includes(layer.kind));
  view.largest = Math.max(0, ...drawn.map((layer) => largestOf(view, layer)));
  view.render = () => {
    const stages = head.layers.map((layer, number) => stage(view, layer, number));
    root.replaceChildren(view.readout, element("div", { class: "stages" }, ...stages));
  };
  view.render();
}

// How many tiles a layer has, their size, and where value (tile, row, column) lies.
function geometry(layer) {
  if (layer.kind === "kernels") {
    const [height, width, channels, filters] = layer.shape;
    const at = (tile, row, column) =>
      ((row * width + column) * channels + (tile % channels)) * filters + Math.floor(tile / channels);
    return { tiles: channels * filters, height, width, at };
  }
  if (layer.kind === "units") {
    const width = Math.min(layer.shape[0], Math.max(10, Math.ceil(Math.sqrt(layer.shape[0]))));
    return { tiles: 1, height: Math.ceil(layer.shape[0] / width), width, at: (_, row, column) => row * width + column };
  }
  const [height, width, channels] = layer.shape;
  const at = (tile, row, column) => (row * width + column) * channels + tile;
  return { tiles: layer.kind === "input" ? 1 : channels, height, width, at };
}

function slice(view, layer) {
  return view.values.subarray(layer.offset, layer.offset + layer.length);
}

function largestOf(view, layer, first = 0, step = 1) {
  const key = `${layer.offset} ${first} ${step}`;
  if (!view.largestKnown.has(key)) {
    const values = slice(view, layer);
    let largest = 0;
    for (let at = first; at < values.length; at += step) {
      const size = Math.abs(values[at]);
      if (size > largest && size !== Infinity) largest = size;
    }
    view.largestKnown.set(key, largest);
  }
  return view.largestKnown.get(key);
}

// The value that gets the full colour: one for the network, one a layer, or one a map.
function scaleOf(view, layer, tile) {
  if (view.head.scale === "network" && layer.kind !== "kernels") return view.largest;
  if (view.head.scale === "map" && layer.kind === "maps") {
    return largestOf(view, layer, tile, layer.shape[2]);
  }
  return largestOf(view, layer);
}

function stage(view, layer, number) {
  const card = element("section", { class: `stage ${layer.kind}` });
  card.append(element("h4", {}, layer.title), element("p", { class: "note" }, layer.note));
  if (layer.kind === "classes") card.append(classBars(view, layer));
  else card.append(tiles(view, layer, number), legend(view, layer), facts(view, layer));
  if (view.state.open?.layer === number) {
    card.classList.add("open");
    card.append(openTile(view, layer));
  }
  return card;
}

function tiles(view, layer, number) {
  const shape = geometry(layer);
  if (layer.kind === "kernels" && shape.tiles > MOST_KERNELS) return mosaic(view, layer, number, shape);
  const box = element("div", { class: "tiles" });
  const zoom = zoomOf(layer, shape);
  if (layer.kind === "kernels") {
    const channels = layer.shape[2];
    box.style.gridTemplateColumns = `repeat(${channels === 1 ? Math.min(4, shape.tiles) : channels}, max-content)`;
    box.classList.toggle("dense", shape.tiles > 64);
  }
  for (let tile = 0; tile < shape.tiles; tile++) {
    const canvas = element("canvas", { role: "img", title: "" });
    canvas.setAttribute("aria-label", tileName(layer, tile));
    canvas.style.width = `${shape.width * zoom}px`;
    const colour = colourOf(view, layer, tile, shape);
    paint(canvas, shape.height, shape.width, colour);
    canvas.onpointermove = (event) => read(view, layer, tile, shape, cellUnder(event, canvas));
    canvas.onpointerleave = () => read(view, layer, tile, shape, null);
    canvas.onclick = () => toggle(view, number, tile);
    canvas.tabIndex = 0;
    canvas.onkeydown = (event) => {
      if (event.key === "Enter") toggle(view, number, tile);
    };
    const frame = element("div", { class: "frame" }, canvas);
    if (layer.kind === "input") {
      view.outline = element("div", { class: "outline", hidden: true });
      view.inputShape = shape;
      frame.append(view.outline);
    }
    const figure = element("figure", {}, frame);
    if (layer.kind === "maps") figure.append(element("figcaption", {}, caption(view, layer, tile)));
    box.append(figure);
  }
  return box;
}

function toggle(view, layer, tile) {
  const same = view.state.open?.layer === layer && view.state.open.tile === tile;
  view.state.open = same ? null : { layer, tile };
  view.render();
}

// Very many kernels share one canvas: a row a filter, a column a channel, an empty cell between.
function mosaic(view, layer, number, shape) {
  const [, , channels, filters] = layer.shape;
  const [tall, wide] = [shape.height + 1, shape.width + 1];
  const place = (row, column) => ({
    tile: Math.floor(row / tall) * channels + Math.floor(column / wide),
    cell: { row: row % tall, column: column % wide },
  });
  const between = (cell) => cell.row === shape.height || cell.column === shape.width;
  const largest = scaleOf(view, layer, 0);
  const values = slice(view, layer);
  const canvas = element("canvas", { role: "img" });
  canvas.setAttribute("aria-label", `${layer.title}, ${filters} filters by ${channels} channels`);
  paint(canvas, filters * tall - 1, channels * wide - 1, (row, column) => {
    const { tile, cell } = place(row, column);
    return between(cell) ? null : signedColour(view.table, values[shape.at(tile, cell.row, cell.column)], largest);
  });
  canvas.style.width = `${canvas.width * Math.max(2, Math.round(18 / shape.width))}px`;
  const under = (event) => {
    const at = cellUnder(event, canvas);
    const found = at && place(at.row, at.column);
    return found && !between(found.cell) ? found : null;
  };
  canvas.onpointermove = (event) => {
    const found = under(event);
    read(view, layer, found?.tile, shape, found?.cell);
  };
  canvas.onpointerleave = () => read(view, layer, 0, shape, null);
  canvas.onclick = (event) => {
    const found = under(event);
    if (found) toggle(view, number, found.tile);
  };
  return element("div", { class: "tiles" }, canvas);
}

function zoomOf(layer, shape) {
  const maps = shape.tiles > 16 ? 42 : 72;
  const wanted = { input: 140, maps, units: 150 }[layer.kind] ?? (shape.tiles > 64 ? 18 : 36);
  return Math.max(1, Math.round(wanted / shape.width));
}

function caption(view, layer, tile) {
  const range = view.head.scale === "map" ? ` ±${number(scaleOf(view, layer, tile))}` : "";
  return `${tile + 1}${range}`;
}

function colourOf(view, layer, tile, shape) {
  const values = slice(view, layer);
  if (layer.kind === "input") {
    const channels = layer.shape[2];
    return (row, column) => {
      const at = shape.at(0, row, column);
      return [0, 1, 2].map((part) => Math.round(255 * values[at + (channels === 3 ? part : 0)]));
    };
  }
  const largest = scaleOf(view, layer, tile);
  return (row, column) => {
    const at = shape.at(tile, row, column);
    return at < values.length ? signedColour(view.table, values[at], largest) : null;
  };
}

function legend(view, layer) {
  const box = element("div", { class: "legend" });
  const bar = element("canvas", { class: "bar", "aria-hidden": "true" });
  const label = (...texts) => element("div", { class: "ends" }, ...texts.map((text) => element("span", {}, text)));
  if (layer.kind === "input") {
    paint(bar, 1, 64, (_, column) => [column * 4, column * 4, column * 4]);
    box.append(bar, label("0", "1"));
  } else if (view.head.scale === "map" && layer.kind === "maps") {
    paint(bar, 1, 129, (_, column) => signedColour(view.table, column - 64, 64));
    box.append(bar, label("−max", "0", "max of each map"));
  } else {
    const largest = scaleOf(view, layer, 0);
    paint(bar, 1, 129, (_, column) => signedColour(view.table, column - 64, 64));
    box.append(bar, label(number(-largest), "0", number(largest)));
  }
  return box;
}

function facts(view, layer) {
  let [low, high, zeros, broken] = [Infinity, -Infinity, 0, 0];
  for (const value of slice(view, layer)) {
    if (!Number.isFinite(value)) broken++;
    else {
      low = Math.min(low, value);
      high = Math.max(high, value);
      if (value === 0) zeros++;
    }
  }
  const parts = low <= high ? [`${number(low)} to ${number(high)}`] : [];
  if (zeros && layer.kind !== "input") parts.push(`${Math.round((100 * zeros) / layer.length)} % exactly 0`);
  if (broken) parts.push(`${broken} not a number`);
  return element("p", { class: "facts" }, parts.join(" · "));
}

function tileName(layer, tile) {
  if (layer.kind === "kernels") {
    const channels = layer.shape[2];
    return `${layer.title}, filter ${Math.floor(tile / channels) + 1}, channel ${(tile % channels) + 1}`;
  }
  return layer.kind === "maps" ? `${layer.title}, map ${tile + 1}` : layer.title;
}

// The value under the pointer, in words, and what it sees of the input.
function read(view, layer, tile, shape, cell) {
  if (view.outline) view.outline.hidden = true;
  const at = cell ? shape.at(tile, cell.row, cell.column) : layer.length;
  if (at >= layer.length) {
    view.readout.textContent = view.head.hint;
    return;
  }
  const place = layer.kind === "units" ? `unit ${at + 1}` : `row ${cell.row + 1}, column ${cell.column + 1}`;
  const values = slice(view, layer);
  const all = layer.kind === "input" && layer.shape[2] === 3 ? [0, 1, 2] : [0];
  const shown = all.map((part) => number(values[at + part])).join(", ");
  view.readout.textContent = `${tileName(layer, tile)}, ${place}: ${shown}${sees(view, layer, cell)}`;
}

function sees(view, layer, cell) {
  if (!layer.field || !view.outline) return "";
  const { size, step, start, end } = layer.field;
  const input = view.inputShape;
  const span = (unit, pixels) => {
    const first = start + unit * step;
    return [Math.max(0, first), Math.min(pixels, end, first + size)];
  };
  const [top, bottom] = span(cell.row, input.height);
  const [left, right] = span(cell.column, input.width);
  const percent = (part, whole) => `${(100 * part) / whole}%`;
  Object.assign(view.outline.style, {
    top: percent(top, input.height),
    height: percent(bottom - top, input.height),
    left: percent(left, input.width),
    width: percent(right - left, input.width),
  });
  view.outline.hidden = false;
  return ` · sees rows ${top + 1}–${bottom}, columns ${left + 1}–${right} of the image`;
}

function openTile(view, layer) {
  const shape = geometry(layer);
  const tile = Math.min(view.state.open.tile, shape.tiles - 1);
  const values = slice(view, layer);
  const value = (row, column) => values[shape.at(tile, row, column)];
  const colour = colourOf(view, layer, tile, shape);
  const blank = (row, column) => colour(row, column) ?? [128, 128, 128];
  const text = (one) => (one === undefined ? "" : number(one));
  const close = element("button", { type: "button", class: "close" }, "Close");
  close.onclick = () => {
    view.state.open = null;
    view.render();
  };
  const title = element("p", { class: "note" }, `${tileName(layer, tile)}: its numbers`, close);
  const scroll = element("div", { class: "scroll", tabIndex: 0 }, numberTable(shape.height, shape.width, value, blank, text));
  return element("div", { class: "detail" }, title, scroll);
}
