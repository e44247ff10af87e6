// The messages from Python, and the choices that are sent to it.

import assert from "node:assert/strict";
import test from "node:test";

import { isNewChoice, sendChoice, wantsChoice } from "../../static/choices.js";
import { unpack } from "../../static/message.js";
import { weightsOf } from "../../static/network/kept_weights.js";

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

const chooser = (confirmed = "") => {
  const sent = [];
  return { head: { confirmed: { unit: confirmed } }, choices: {}, sent, send: (event, value) => sent.push([event, value]) };
};

test("Python's choice is new once, and its echo is not", () => {
  const view = chooser();
  assert.ok(isNewChoice(view, "unit", "a", false));
  assert.ok(!isNewChoice(view, "unit", "a", false));
  assert.ok(isNewChoice(view, "unit", "b", false));
  assert.ok(isNewChoice(view, "unit", "b", true)); // of another network it always is
});

test("until Python has confirmed the browser's choice, its own is older", () => {
  const view = chooser();
  isNewChoice(view, "unit", "a", false);
  sendChoice(view, "unit", "mine");
  const [[, { token, value }]] = view.sent;
  assert.equal(value, "mine");
  assert.ok(!isNewChoice(view, "unit", "older", false));
  view.head.confirmed.unit = token;
  assert.ok(!isNewChoice(view, "unit", "mine", false)); // the answer
  assert.ok(isNewChoice(view, "unit", "newer", false));
});

test("only the choices that Python wants are sent", () => {
  assert.ok(wantsChoice(chooser(), "unit"));
  assert.ok(!wantsChoice(chooser(), "epoch"));
});

test("the weights of the last four networks are kept, and those sent anew are the newest", () => {
  const sent = Object.fromEntries([..."abcde"].map((name, at) => [name, Float32Array.of(at)]));
  const kept = () => Object.keys(sent).filter((name) => weightsOf(name, null));
  assert.equal(weightsOf("a", null), undefined);
  for (const name of "abcd") assert.equal(weightsOf(name, sent[name]), sent[name]);
  assert.equal(weightsOf("b", null), sent.b);
  assert.deepEqual(kept(), ["a", "b", "c", "d"]);
  weightsOf("a", sent.a);
  weightsOf("e", sent.e);
  assert.deepEqual(kept(), ["a", "c", "d", "e"]);
});
