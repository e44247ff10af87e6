// The hatching of rows and columns that have no effect.

import assert from "node:assert/strict";
import { test } from "node:test";

import { drawHatching } from "../../static/network/hatching.js";

const BOX = { x: 10, y: 20, width: 40, height: 30 };

/** Where the hatching may be seen, and its lines from end to end. */
function drawn(dropped) {
  const [areas, lines] = [[], []];
  const nothing = () => {};
  const context = {
    save: nothing,
    restore: nothing,
    beginPath: nothing,
    clip: nothing,
    stroke: nothing,
    rect: (...area) => areas.push(area),
    moveTo: (...from) => lines.push([from]),
    lineTo: (...to) => lines.at(-1).push(to),
  };
  drawHatching(context, BOX, dropped);
  return { areas, lines };
}

test("the rows and columns without effect are hatched, from side to side", () => {
  const { areas } = drawn({ rows: [null, 4, null], columns: [3, null, null, null] });
  assert.deepEqual(areas, [[10, 20 + 10, 40, 10], [10, 20, 10, 30]]);
  assert.deepEqual(drawn({ rows: [null], columns: [null, null] }).areas, []);
});

test("no place of a map is far from a line, into every corner", () => {
  const { lines } = drawn({ rows: [1], columns: [1] });
  for (let x = BOX.x; x <= BOX.x + BOX.width; x += 2) {
    for (let y = BOX.y; y <= BOX.y + BOX.height; y += 2) {
      const near = lines.some(([[x1, y1], [x2, y2]]) => {
        const along = (y - y1) / (y2 - y1);
        return along >= 0 && along <= 1 && Math.abs(x1 + along * (x2 - x1) - x) <= 4;
      });
      assert.ok(near, `${x}, ${y}`);
    }
  }
});
