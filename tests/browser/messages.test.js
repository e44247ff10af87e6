// What Python tells and what it is told.

import assert from "node:assert/strict";
import test from "node:test";

import { isNews, listens, tellChoice } from "../../static/choices.js";
import { unpack } from "../../static/message.js";

function packed(head, floats) {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const numbers = new Uint8Array(Float32Array.from(floats).buffer);
  const all = new Uint8Array(4 + text.length + numbers.length);
  new DataView(all.buffer).setUint32(0, text.length, true);
  all.set(text, 4);
  all.set(numbers, 4 + text.length);
  return all;
}

test("numbers can be read whatever the length of the head is", () => {
  for (const name of ["", "a", "ab", "abc", "×"]) {
    const inside = packed({ name }, [1.5, -2]);
    const offset = new Uint8Array(inside.length + 3);
    offset.set(inside, 3);
    for (const data of [inside, offset.subarray(3), inside.buffer]) {
      const { head, body } = unpack(data);
      assert.equal(head.name, name);
      assert.deepEqual([...new Float32Array(body.buffer)], [1.5, -2]);
    }
  }
});

const chooser = (heard = "") => {
  const told = [];
  return { head: { heard: { unit: heard } }, choices: {}, told, tell: (event, value) => told.push([event, value]) };
};

test("Python's choice is news once, and its echo is not", () => {
  const view = chooser();
  assert.ok(isNews(view, "unit", "a", false));
  assert.ok(!isNews(view, "unit", "a", false));
  assert.ok(isNews(view, "unit", "b", false));
  assert.ok(isNews(view, "unit", "b", true)); // of another network it always is
});

test("until Python has heard of the browser's choice, its own is older", () => {
  const view = chooser();
  isNews(view, "unit", "a", false);
  tellChoice(view, "unit", "mine");
  const [[, { token, value }]] = view.told;
  assert.equal(value, "mine");
  assert.ok(!isNews(view, "unit", "older", false));
  view.head.heard.unit = token;
  assert.ok(!isNews(view, "unit", "mine", false)); // the answer
  assert.ok(isNews(view, "unit", "newer", false));
});

test("only what Python wants to hear of is told", () => {
  assert.ok(listens(chooser(), "unit"));
  assert.ok(!listens(chooser(), "epoch"));
});
