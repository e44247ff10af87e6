// The layout on a narrow screen: for random networks and widths every layer has a row, in which everything has its place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestUnit, regionBoxes, unitBox } from "../../static/network/layout.js";
import { CAPTION, rowPicture, rowsOf } from "../../static/network/rows_layout.js";
import { counted } from "./networks.js";
import { network, overlap, randomNetwork, seeded } from "./layouts.js";

const boxesOf = (row, layer) => (row.type === "maps" ? row.tiles : counted(layer.shape[0]).map((unit) => unitBox(row, unit)));

test("every layer has a row, in order, with all of its maps, units and classes", () => {
  const random = seeded(11);
  for (let turn = 0; turn < 200; turn++) {
    const layers = randomNetwork(random);
    const rows = rowsOf(layers, random(288, 439));
    assert.deepEqual(rows.flatMap((row) => row.layers), layers.map((layer) => layer.number));
    for (const row of rows) {
      const layer = layers[row.shown];
      if (row.type === "maps") assert.deepEqual(row.tiles.map((tile) => tile.channel), counted(layer.kind === "image" ? 1 : layer.shape[2]));
      else assert.ok(row.rows * row.across >= layer.shape[0]);
    }
  }
});

test("nothing overlaps, nothing is outside of its row, and only maps and units are swiped", () => {
  const random = seeded(12);
  for (let turn = 0; turn < 200; turn++) {
    const [layers, width] = [randomNetwork(random), random(288, 439)];
    for (const row of rowsOf(layers, width)) {
      const boxes = boxesOf(row, layers[row.shown]);
      for (const box of boxes) {
        assert.ok(box.width > 0 && box.height > 0);
        assert.ok(box.x >= 0 && box.x + box.width <= row.width + 1e-6);
        const caption = row.tiles.length > 1 ? CAPTION : 0;
        assert.ok(box.y >= 0 && box.y + box.height <= row.height - caption + 1e-6);
      }
      boxes.slice(1).forEach((box, at) => assert.ok(!overlap(box, boxes[at])));
      assert.equal(new Set(boxes.map(({ x, y }) => `${x} ${y}`)).size, boxes.length);
      assert.ok(row.type !== "classes" || row.width <= width);
      assert.ok(row.type !== "units" || row.height <= 80);
    }
  }
});

test("maps are squares of whole pixels at most 56 wide, and the picture has them where they are hit", () => {
  const random = seeded(13);
  for (let turn = 0; turn < 200; turn++) {
    const layers = randomNetwork(random);
    for (const row of rowsOf(layers, 358).filter(({ type }) => type === "maps")) {
      const { kind, shape } = layers[row.shown];
      for (const tile of row.tiles) {
        const cell = tile.width / shape[1];
        assert.ok(Math.abs(cell - tile.height / shape[0]) < 1e-9 && tile.width <= (kind === "image" ? 84 : 56) + 1e-9);
        assert.ok(tile.crisp === cell >= 2 && (!tile.crisp || Number.isInteger(cell)));
        assert.ok(Math.abs(tile.x - (tile.channel * row.pitch * cell) / row.grain) < 1e-6);
      }
      const gap = ((row.pitch - shape[1] * row.grain) * row.tiles[0].width) / (shape[1] * row.grain);
      assert.ok(gap >= 4 && gap <= 12, `${gap}`);
    }
  }
});

test("the point in the middle of a number is that number", () => {
  const layers = network({ blocks: [4, 8], dense: [100] });
  for (const row of rowsOf(layers, 358)) {
    const layer = layers[row.shown];
    const last = layer.shape.length === 3;
    const unit = last ? { channel: row.tiles.length - 1, row: 3, column: 1 } : { channel: layer.shape[0] - 1, row: null, column: null };
    const region = last ? { rows: [3, 4], columns: [1, 2], channel: unit.channel } : { units: [unit.channel, unit.channel + 1] };
    const [box] = regionBoxes({ columns: [row] }, layer, region);
    const found = nearestUnit({ columns: [row] }, layers, box.x + box.width / 2, box.y + box.height / 2, 0);
    assert.deepEqual(found.unit, { layer: layer.number, ...unit });
  }
});

test("each pixel of a row's picture has the color of the number that is hit there, and is as wide as high", () => {
  const random = seeded(14);
  for (let turn = 0; turn < 100; turn++) {
    const layers = randomNetwork(random);
    for (const row of rowsOf(layers, 358).filter(({ type }) => type !== "classes")) {
      const { shape } = layers[row.shown];
      const maps = row.type === "maps";
      const cells = Array.from({ length: maps ? row.tiles.length : 1 }, (_, map) => (down, right) => [map, down, right]);
      const { height, width, color } = rowPicture(row, shape, cells);
      const [drawnWidth, drawnHeight] = [row.width, maps ? row.tiles[0].height : row.height];
      assert.ok(Math.abs(drawnWidth / width - drawnHeight / height) < 1e-9);
      for (let pixel = 0; pixel < 30; pixel++) {
        const [x, y] = [random(0, width - 1), random(0, height - 1)];
        const hit = nearestUnit({ columns: [row] }, layers, ((x + 0.5) * drawnWidth) / width, ((y + 0.5) * drawnHeight) / height, 0)?.unit;
        const shown = color(y, x);
        if (maps) assert.deepEqual(shown, hit ? [hit.channel, hit.row, hit.column] : null);
        else if (shown && hit) assert.equal(shown[1] * row.across + shown[2], hit.channel);
      }
    }
  }
});

test("below each unit there is room for what it contributes", () => {
  const [row] = rowsOf(network({ blocks: [], dense: [100] }), 358).filter(({ type, layers }) => type === "units" && layers.includes(2));
  const { height, color } = rowPicture(row, [100], [() => [1]]);
  const colored = counted(height).filter((y) => color(y, 0)).length;
  assert.equal(height - colored, row.rows * 3);
  assert.deepEqual([0, 1, 2].map((back) => color(height - 1 - back, 0)), [null, null, null]);
});
