// The place of a number, typed: which fields a layer has, and what cannot be.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cellFields, fieldsOf, typedUnit } from "../../static/network/cell_fields.js";
import { unit } from "./networks.js";
import { all } from "./page.js";

const maps = { kind: "convolution", title: "Convolution 2", number: 4, shape: [11, 12, 8] };
const units = { kind: "dense", title: "Dense 1", number: 8, shape: [100] };
const labels = (layer) => fieldsOf(layer).map(({ label, most }) => [label, most]);

test("a number of maps has map, row and column, one of units its own number", () => {
  assert.deepEqual(labels(maps), [["map", 8], ["row", 11], ["column", 12]]);
  assert.deepEqual(labels(units), [["unit", 100]]);
  assert.deepEqual(labels({ kind: "softmax", output: true, shape: [10] }), [["class", 10]]);
  assert.deepEqual(labels({ kind: "image", shape: [28, 28, 1] }), [["row", 28], ["column", 28]]);
  assert.deepEqual(labels({ kind: "image", shape: [28, 28, 3] })[0], ["color", 3]);
  assert.deepEqual(labels({ ...maps, shape: [11, 12, 1] })[0], ["map", 1]);
});

test("what is typed counts from 1 and stays in its layer", () => {
  const typed = (texts) => typedUnit(maps, unit(4, 0, 2, 3), texts).unit;
  assert.deepEqual(typed({ channel: "8", row: "11", column: "12" }), unit(4, 7, 10, 11));
  assert.deepEqual(typed({ channel: "1", row: "1", column: "1" }), unit(4, 0, 0, 0));
  const chosen = unit(8, 3);
  typedUnit(units, chosen, { channel: "5" });
  assert.deepEqual(chosen, unit(8, 3)); // it is as it was, or nothing new would be chosen
  assert.deepEqual(typedUnit(units, unit(8, 3), { channel: "100" }).unit, unit(8, 99));
  const image = { kind: "image", title: "Input", number: 0, shape: [28, 28, 1] };
  assert.deepEqual(typedUnit(image, unit(0, 0, 2, 3), { row: "28", column: "5" }).unit, unit(0, 0, 27, 4));
});

test("a number that is not there is named, with those that are", () => {
  const cell = { channel: "2", row: "3", column: "4" };
  for (const [wrong, text, most] of [["channel", "9", 8], ["channel", "0", 8], ["row", "12", 11], ["column", "13", 12], ["row", "-1", 11], ["row", "2.5", 11], ["column", "", 12]]) {
    const found = typedUnit(maps, unit(4, 0, 2, 3), { ...cell, [wrong]: text });
    assert.equal(found.unit, undefined);
    assert.equal(found.wrong, wrong);
    assert.ok(found.sentence.includes(text) && found.sentence.includes(`1 to ${most}`), found.sentence);
  }
});

test("a filter stays one until a row and a column are typed", () => {
  const typed = (texts) => typedUnit(maps, unit(4, 0), texts);
  assert.deepEqual(typed({ channel: "3", row: "", column: "" }).unit, unit(4, 2));
  assert.equal(typed({ channel: "3", row: "5", column: "" }).wrong, "column");
  assert.deepEqual(typed({ channel: "3", row: "5", column: "6" }).unit, unit(4, 2, 4, 5));
  assert.equal(typedUnit(maps, unit(4, 0, 2, 3), { channel: "3", row: "", column: "" }).wrong, "row", "a cell does not become a filter");
});

test("the fields have the chosen place; what is wrong is said until another number is chosen", () => {
  const layer = { ...maps, number: 0 };
  const view = { head: {}, network: { layers: [layer] }, state: { selected: unit(0, 1, 2, 3) }, select: (next) => (view.state.selected = next) };
  const fields = cellFields(view);
  const [inputs, fault] = fields.root.children;
  const values = () => all("input", inputs).map(({ value }) => value);
  const invalid = () => all("input", inputs).map(({ attributes }) => attributes["aria-invalid"]);
  fields.show();
  assert.ok(!fields.root.hidden);
  assert.deepEqual(values(), ["2", "3", "4"]);
  all("input", inputs)[0].value = "9";
  inputs.onchange();
  assert.match(fault.textContent, /1 to 8/);
  assert.deepEqual(invalid(), ["true", "false", "false"]);
  assert.deepEqual(view.state.selected, unit(0, 1, 2, 3));
  fields.show();
  assert.deepEqual(values(), ["9", "3", "4"], "what was typed stays");
  view.select(unit(0, 4));
  fields.show();
  assert.deepEqual([values(), invalid(), fault.textContent], [["5", "", ""], ["false", "false", "false"], ""]);
  all("input", inputs)[0].value = "6";
  inputs.onchange();
  assert.deepEqual(view.state.selected, unit(0, 5));
  view.select(null);
  fields.show();
  assert.ok(fields.root.hidden);
  view.select(unit(0, 1, 2, 3));
  view.head.follows = true; // the receipt is of what the pointer is on
  fields.show();
  assert.ok(fields.root.hidden);
});
