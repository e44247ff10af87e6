// Pixels of a canvas.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cellUnder, sharpContext } from "../../static/pixels.js";

test("a canvas has the pixels of the screen, on which a pixel of the style sheet is several", () => {
  const context = { setTransform: (...transform) => (context.transform = transform) };
  const canvas = { getContext: () => context };
  assert.equal(sharpContext(canvas, 100.5, 40, 2), context);
  assert.deepEqual([canvas.width, canvas.height], [201, 80]);
  assert.deepEqual(context.transform, [2, 0, 0, 2, 0, 0]);
});

test("a pointer is over the cell whose part of the picture it is on, and over none beside the picture", () => {
  const picture = { getBoundingClientRect: () => ({ left: 10, top: 20, width: 60, height: 40 }), width: 6, height: 4 };
  const under = (clientX, clientY, ...shape) => cellUnder({ clientX, clientY }, picture, ...shape);
  assert.deepEqual(under(10, 20), { row: 0, column: 0 });
  assert.deepEqual(under(69, 59), { row: 3, column: 5 });
  assert.deepEqual(under(45, 31), { row: 1, column: 3 });
  assert.deepEqual(under(45, 41, 2, 3), { row: 1, column: 1 });
  for (const [x, y] of [[9, 30], [70, 30], [30, 19], [30, 60]]) assert.equal(under(x, y), null);
});
