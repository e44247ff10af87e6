// The layout of the network at a glance: for random networks and widths nothing overlaps or is outside.

import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutOf, regionBoxes, unitAt, unitBox } from "../../static/network/layout.js";

function seeded(seed) {
  let state = seed;
  return (low, high) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return low + (state % (high - low + 1));
  };
}

function network({ blocks, dense, side = 28, channels = 1, kernel = 3, classes = 10, average = false, sigmoid = false }) {
  const layers = [{ kind: "image", name: "image", title: "Input", shape: [side, side, channels] }];
  let [height, maps] = [side, channels];
  blocks.forEach((filters, at) => {
    if (height < kernel) return;
    height -= kernel - 1;
    const number = at + 1;
    layers.push({ kind: "convolution", title: `Convolution ${number}`, shape: [height, height, filters], weights: { kernel: { shape: [kernel, kernel, maps, filters] } } });
    layers.push({ kind: "activation", title: `ReLU ${number}`, shape: [height, height, filters] });
    maps = filters;
    if (height >= 2) {
      height = Math.floor(height / 2);
      layers.push({ kind: "pooling", title: `Max pooling ${number}`, shape: [height, height, filters] });
    }
  });
  layers.push(average ? { kind: "average", title: "Global average", shape: [maps] } : { kind: "flatten", title: "Flatten", shape: [height * height * maps] });
  dense.forEach((units, at) => {
    layers.push({ kind: "dense", title: `Dense ${at + 1}`, shape: [units] });
    layers.push({ kind: "activation", title: `Sigmoid of dense ${at + 1}`, shape: [units] });
  });
  layers.push({ kind: "dense", title: "Logits", shape: [sigmoid ? 1 : classes] });
  layers.push({ kind: sigmoid ? "activation" : "softmax", title: "Softmax", shape: [sigmoid ? 2 : classes], output: true });
  return layers.map((layer, number) => ({ ...layer, number }));
}

const ARTICLE = network({ blocks: [4, 8], dense: [100] });
const LENET = network({ blocks: [6, 16], dense: [120, 84], kernel: 5, side: 32 });
const WIDE = network({ blocks: [64, 64, 64, 64, 64], dense: [128, 64], side: 64, kernel: 1 });
const WIDTHS = [900, 1000, 1400, 1920];

function boxesOf(layout) {
  return layout.columns.flatMap((column) => {
    if (column.type !== "maps") return [column];
    return [...column.tiles, ...column.tiles.flatMap((tile) => tile.kernels), ...(column.more ? [column.more] : [])];
  });
}

function overlap(box, other) {
  const apart = box.x + box.width <= other.x + 1e-6 || other.x + other.width <= box.x + 1e-6 || box.y + box.height <= other.y + 1e-6 || other.y + other.height <= box.y + 1e-6;
  return !apart;
}

function check(layers, width, height) {
  const layout = layoutOf(layers, { width, height });
  const boxes = boxesOf(layout);
  for (const box of boxes) {
    assert.ok(box.width > 0 && box.height > 0);
    assert.ok(box.x >= 0 && box.x + box.width <= layout.width + 1e-6, "outside at a side");
    assert.ok(box.y >= layout.top - 1e-6 && box.y + box.height <= layout.bottom + 1e-6, "outside above or below");
  }
  boxes.forEach((box, at) => boxes.slice(at + 1).forEach((other) => assert.ok(!overlap(box, other), "two boxes overlap")));
  const drawn = layout.columns.flatMap((column) => column.layers);
  assert.deepEqual(drawn, layers.map((layer) => layer.number), "every layer is in one column, in order");
  assert.deepEqual(layout.links.map((link) => [link.from, link.to]), layout.columns.slice(1).map((_, at) => [at, at + 1]));
  for (const column of layout.columns.filter(({ type }) => type === "maps")) {
    const layer = layers[column.shown];
    assert.equal(column.tiles.length + column.hiddenTiles, layer.kind === "image" ? 1 : layer.shape[2]);
    for (const tile of column.tiles) {
      assert.ok(Math.abs(tile.width / layer.shape[1] - tile.height / layer.shape[0]) < 1e-9, "cells are square");
      if (tile.crisp) assert.ok(Number.isInteger(tile.width / layer.shape[1]) && tile.width >= 2 * layer.shape[1]);
    }
  }
  return layout;
}

test("nothing overlaps, nothing is outside, every layer is there, for random networks and widths", () => {
  const random = seeded(7);
  for (let turn = 0; turn < 400; turn++) {
    const layers = network({
      blocks: Array.from({ length: random(0, 5) }, () => random(1, 128)),
      dense: Array.from({ length: random(0, 3) }, () => random(1, 512)),
      side: random(28, 64),
      channels: random(0, 1) ? 3 : 1,
      kernel: random(1, 11),
      classes: random(2, 40),
      average: random(0, 1) === 1,
      sigmoid: random(0, 1) === 1,
    });
    check(layers, random(900, 1920), random(300, 480));
  }
});

test("the presets fit without scrolling at every width", () => {
  for (const width of WIDTHS) {
    for (const layers of [ARTICLE, LENET]) assert.ok(check(layers, width, 468).fits, `${width}`);
  }
});

test("the article's network has every map and every kernel from 900 pixels on", () => {
  for (const width of WIDTHS) {
    const layout = check(ARTICLE, width, 468);
    const maps = layout.columns.filter((column) => column.type === "maps");
    assert.ok(maps.every((column) => column.hiddenTiles === 0));
    const second = maps.find((column) => column.convolution === 4);
    assert.deepEqual(second.tiles.map((tile) => tile.kernels.length), Array(8).fill(4));
  }
});

test("five blocks of 64 filters are five columns of eight maps and one tile for the others", () => {
  const layout = check(WIDE, 1000, 468);
  assert.ok(layout.fits);
  const blocks = layout.columns.filter((column) => column.convolution !== null);
  assert.equal(blocks.length, 5);
  for (const block of blocks) {
    assert.deepEqual([block.tiles.length, block.hiddenTiles], [8, 56]);
    assert.ok(block.more);
  }
});

test("the chosen strongest maps are shown, and their kernels", () => {
  const strongest = () => [3, 5, 8, 13, 21, 34, 40, 60];
  const layout = layoutOf(WIDE, { width: 1400, height: 468, strongest });
  const block = layout.columns.find((column) => column.convolution !== null);
  assert.deepEqual(block.tiles.map((tile) => tile.channel), strongest());
});

test("the point in the middle of every cell is that cell", () => {
  const layout = layoutOf(ARTICLE, { width: 1400, height: 468 });
  for (const column of layout.columns) {
    const layer = ARTICLE[column.shown];
    if (column.type === "maps") {
      for (const tile of column.tiles) {
        const unit = { layer: layer.number, channel: tile.channel, row: layer.shape[0] - 1, column: 1 };
        const [box] = regionBoxes(layout, layer, { rows: [unit.row, unit.row + 1], columns: [1, 2], channel: tile.channel });
        assert.deepEqual(unitAt(layout, ARTICLE, box.x + box.width / 2, box.y + box.height / 2), unit);
      }
    } else {
      for (const channel of [0, layer.shape[0] - 1]) {
        const box = unitBox(column, channel);
        const found = unitAt(layout, ARTICLE, box.x + box.width / 2, box.y + box.height / 2);
        assert.deepEqual(found, { layer: layer.number, channel, row: null, column: null });
      }
    }
  }
});

test("a region of all maps has a box on each, one map's only on its own", () => {
  const layout = layoutOf(ARTICLE, { width: 1000, height: 468 });
  const layer = ARTICLE[3];
  assert.equal(regionBoxes(layout, layer, { rows: [0, 3], columns: [0, 3], channel: null }).length, 4);
  const [box, ...others] = regionBoxes(layout, layer, { rows: [2, 5], columns: [1, 4], channel: 2 });
  assert.deepEqual(others, []);
  const tile = layout.columns.find((column) => column.shown === 3).tiles[2];
  const cell = tile.width / 13;
  assert.deepEqual([box.x, box.y, box.width], [tile.x + cell, tile.y + 2 * cell, 3 * cell]);
});

test("units stand side by side before they stand below each other", () => {
  const column = { type: "units", x: 10, y: 20, width: 8, height: 30, across: 2, rows: 3 };
  const places = [0, 1, 2, 5].map((at) => unitBox(column, at)).map(({ x, y }) => [x, y]);
  assert.deepEqual(places, [[10, 20], [14, 20], [10, 30], [14, 40]]);
});
