// What the tools of the drawing pad do to its pixels.

import assert from "node:assert/strict";
import test from "node:test";

import { drawLine, floodFill } from "../../static/brush.js";

/** A pad from rows of letters: "#" is 255, "." is 0. */
function padOf(rows, others = {}) {
  const pixels = Uint8Array.from(rows.join(""), (letter) => (letter === "#" ? 255 : 0));
  return { height: rows.length, width: rows[0].length, channels: 1, pixels, size: 1, color: [255], cell: { row: 0, column: 0 }, ...others };
}

const rowsOf = (pad) =>
  Array.from({ length: pad.height }, (_, row) =>
    Array.from(pad.pixels.subarray(row * pad.width, (row + 1) * pad.width), (value) => (value > 127 ? "#" : ".")).join(""));

test("a fill does not go round from the left edge to the right edge of the row above", () => {
  const pad = padOf([
    "..#.",
    "####",
    "....",
  ], { cell: { row: 2, column: 0 } });
  floodFill(pad);
  assert.deepEqual(rowsOf(pad), ["..#.", "####", "####"]);
  const other = padOf(["..#.", "..#.", "..#."], { cell: { row: 1, column: 0 } });
  floodFill(other);
  assert.deepEqual(rowsOf(other), ["###.", "###.", "###."]);
});

test("a fill does not pass between two cells that touch with their corners", () => {
  const pad = padOf([".#", "#."]);
  floodFill(pad);
  assert.deepEqual(rowsOf(pad), ["##", "#."]);
});

test("a fill takes cells that are nearly alike and leaves the others", () => {
  const pad = padOf(["...."], { color: [200] });
  pad.pixels.set([10, 100, 137, 138]);
  floodFill(pad);
  assert.deepEqual([...pad.pixels], [200, 200, 200, 138]);
});

test("a color is alike only where all of its parts are", () => {
  const pad = padOf([".."], { channels: 3, color: [1, 2, 3] });
  pad.pixels = Uint8Array.from([0, 0, 0, 0, 0, 200]);
  floodFill(pad);
  assert.deepEqual([...pad.pixels], [1, 2, 3, 0, 0, 200]);
});

const stroke = (pad) => ({ before: pad.pixels.slice(), coverage: new Float32Array(pad.height * pad.width), color: pad.color });

test("a thin line goes from the middle of a cell to the middle of a cell", () => {
  const pad = padOf(Array(5).fill("....."));
  drawLine(pad, stroke(pad), { row: 0.3, column: 0.4 }, { row: 3.6, column: 4.2 });
  assert.deepEqual(rowsOf(pad), ["#....", ".#...", "..#..", "...#.", "....#"]);
});

test("a stroke that crosses itself covers no cell twice", () => {
  const [once, twice] = [padOf(Array(5).fill("....."), { size: 2 }), padOf(Array(5).fill("....."), { size: 2 })];
  const [from, to] = [{ row: 2, column: 0 }, { row: 2, column: 4 }];
  drawLine(once, stroke(once), from, to);
  const drawn = stroke(twice);
  drawLine(twice, drawn, from, to);
  drawLine(twice, drawn, to, from);
  assert.deepEqual([...twice.pixels], [...once.pixels]);
});
