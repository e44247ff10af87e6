// The layout of the network at a glance: for random networks and widths nothing overlaps or is outside.

import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutOf, nearestUnit, regionBoxes, unitAt, unitBox } from "../../static/network/layout.js";
import { network, overlap, randomNetwork, seeded } from "./layouts.js";

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
    const layers = randomNetwork(random);
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

test("a finger beside a map chooses its nearest cell, within reach", () => {
  const layout = layoutOf(ARTICLE, { width: 1400, height: 468 });
  const column = layout.columns.find(({ shown }) => shown === 3);
  const [tile] = column.tiles;
  const near = (x, y, reach) => nearestUnit(layout, ARTICLE, x, y, reach)?.unit ?? null;
  const corner = { layer: 3, channel: tile.channel, row: 0, column: 12 };
  assert.deepEqual(near(tile.x + tile.width + 3, tile.y - 3, 5), corner);
  assert.equal(near(tile.x + tile.width + 3, tile.y - 3, 4), null);
  assert.equal(unitAt(layout, ARTICLE, tile.x + tile.width + 3, tile.y - 3), null);
});

test("a unit is at least two pixels high, however many there are", () => {
  for (const count of [1, 100, 234, 235, 512, 4096]) {
    const layout = layoutOf(network({ blocks: [], dense: [count] }), { width: 1400, height: 468 });
    const column = layout.columns.find(({ layers }) => layers.includes(2));
    assert.ok(column.height / column.rows >= 2 && column.rows * column.across >= count, `${count}`);
  }
});

test("every filter reads all maps before, a pooling its own, also where they are drawn as one column", () => {
  const kinds = (width) => {
    const { columns, links } = layoutOf(LENET, { width, height: 468 });
    return links.map(({ to, kind }) => [columns[to].layers[0], kind]);
  };
  const first = { 1: "all", 2: "each", 3: "each", 4: "all", 5: "each", 6: "each", 7: "band", 8: "band", 10: "band", 12: "band" };
  for (const width of [1920, 900, 660]) {
    for (const [layer, kind] of kinds(width)) assert.equal(kind, first[layer], `${width}: ${layer}`);
  }
  assert.ok(kinds(660).length < kinds(1920).length);
});

test("where only some maps are shown, each filter has the kernels for the maps before it that are shown", () => {
  const strongest = (layer) => Array.from({ length: 8 }, (_, at) => layer + 3 * at);
  const { columns } = layoutOf(WIDE, { width: 1400, height: 468, strongest });
  const later = columns.filter(({ convolution }) => convolution > 1);
  assert.equal(later.length, 4);
  for (const column of later) {
    const before = columns[columns.indexOf(column) - 1].tiles.map(({ channel }) => channel);
    for (const tile of column.tiles) assert.deepEqual(tile.kernels.map(({ channel }) => channel), before);
  }
});

test("between two kernels of a filter there is a gap", () => {
  for (const width of WIDTHS) {
    for (const { tiles } of layoutOf(LENET, { width, height: 468 }).columns) {
      for (const { kernels } of tiles) {
        kernels.slice(1).forEach((kernel, at) => assert.ok(kernel.x - kernels[at].x - kernels[at].width >= 1));
      }
    }
  }
});
