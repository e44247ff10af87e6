// What a narrow screen shows beside the maps: the leading classes, contributions as bars, and where a row is swiped to.

import assert from "node:assert/strict";
import { test } from "node:test";

import { unitBox } from "../../static/network/layout.js";
import { leadingClasses, marksOf } from "../../static/network/rows.js";
import { rowsOf, scrolledTo } from "../../static/network/rows_layout.js";
import { network } from "./layouts.js";
import { numbersOf } from "./page.js";

test("the three most probable classes lead, the actual one in the place of the third", () => {
  const leading = (truth, ...numbers) => leadingClasses(Float32Array.from(numbers), truth);
  assert.deepEqual(leading(null, 0.1, 0.4, 0.2, 0.25, 0.05), [1, 3, 2]);
  assert.deepEqual(leading(3, 0.1, 0.4, 0.2, 0.25, 0.05), [1, 3, 2]);
  assert.deepEqual(leading(4, 0.1, 0.4, 0.2, 0.25, 0.05), [1, 3, 4]);
  assert.deepEqual(leading(0, 0.3, 0.7), [1, 0]);
});

const rows = rowsOf(network({ blocks: [4], dense: [100] }), 358);
const rowOf = (layer) => rows.find(({ layers }) => layers.includes(layer));
const bars = (layer, target, parts) =>
  marksOf(rowOf(layer), { target: { layer: target }, parts }).map((bar) => [bar.className, ...numbersOf(bar, "x", "y", "width", "height")]);

test("below a map is a bar of what it contributes, as long as its share of the largest", () => {
  const parts = [{ channel: 2, amount: -8 }, { channel: 0, amount: 4 }];
  const drawn = bars(3, 4, parts); // of the pooled maps to what follows
  assert.deepEqual(drawn.map(([sign]) => sign), ["lowers", "raises"]);
  drawn.forEach(([, x, y, width, height], at) => {
    const tile = rowOf(3).tiles[parts[at].channel];
    assert.ok(x > tile.x && x + width <= tile.x + tile.width + 1e-9, "below its map");
    assert.ok(y >= tile.y + tile.height && y + height <= rowOf(3).height);
  });
  assert.ok(Math.abs(drawn[0][3] - 2 * drawn[1][3]) < 1e-9);
});

test("in a unit is a bar of what it contributes, below its color", () => {
  const [layer] = rowOf(6).layers;
  const drawn = bars(layer, 7, [{ channel: 40, amount: 2 }, { channel: 99, amount: -1 }]);
  drawn.forEach(([, x, y, width, height], at) => {
    const box = unitBox(rowOf(6), [40, 99][at]);
    assert.ok(x >= box.x && x + width <= box.x + box.width && y >= box.y + rowOf(6).grain * 2 && y + height <= box.y + box.height);
  });
  assert.ok(Math.abs(drawn[0][3] - 2 * drawn[1][3]) < 1e-9);
});

test("only the layer before the number has bars, the image has none, nor have sums of nothing", () => {
  const parts = [{ channel: 0, amount: 1 }];
  assert.equal(bars(3, 4, parts).length, 1);
  assert.equal(bars(2, 4, parts).length, 0);
  assert.equal(bars(0, 1, parts).length, 0);
  assert.equal(bars(3, 4, [{ channel: 0, amount: 0 }]).length, 0);
  assert.equal(bars(8, 8, parts).length, 0);
});

test("a row is swiped no farther than it must be, with some room beside the cell", () => {
  const seen = 350;
  for (const x of [0, 100, 200, 500, 900]) {
    const box = { x, y: 0, width: 4, height: 4 };
    for (const left of [0, 90, 400, 800]) {
      const to = scrolledTo(box, left, seen);
      const inView = left + 40 <= x && x + 4 + 40 <= left + seen;
      if (inView) assert.equal(to, left);
      else assert.ok(to === x - 40 || to === x + 44 - seen, `${x} ${left}`);
      if (!inView) assert.equal(to < left, x - 40 < left);
    }
  }
});
