// The sheet of the receipt on a narrow screen: what opens and closes it, and where the focus goes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { addSwipe, closeSheet, isSheetOpen, openSheet, pick } from "../../static/network/sheet.js";
import { unit } from "./networks.js";

const CHOSEN = unit(1, 2, 3, 4);

/** As much of a view as a sheet needs; `focused` is what has the focus, `revealed` what was scrolled to. */
function viewOf({ narrow = true, selected = CHOSEN, sheetOpen = false } = {}) {
  const view = { focused: null, revealed: null };
  const part = (name) => ({ focus: () => (view.focused = name) });
  return Object.assign(view, {
    root: { classList: { contains: (name) => narrow && name === "has-rows" } },
    state: { selected, sheetOpen },
    dock: { style: {}, classList: { toggle: (_, on) => (view.shown = on) } },
    receipt: { ...part("receipt"), scrollTop: 300 },
    glance: { root: { ...part("glance"), hidden: false }, parts: { reveal: (shown) => (view.revealed = shown) } },
    strip: part("strip"),
    select: (chosen) => (view.state.selected = chosen),
    drawTools() {},
  });
}

test("a tap opens the sheet at its top, with the number in view", () => {
  const view = viewOf({ selected: null });
  pick(view, CHOSEN);
  assert.deepEqual(view.state.selected, CHOSEN);
  assert.ok(isSheetOpen(view) && view.shown);
  assert.equal(view.receipt.scrollTop, 0);
  assert.equal(view.focused, "receipt");
  assert.deepEqual(view.revealed, CHOSEN);
});

test("on a wide screen a click chooses, and the focus stays", () => {
  const view = viewOf({ narrow: false, selected: null });
  pick(view, CHOSEN);
  assert.deepEqual(view.state.selected, CHOSEN);
  assert.ok(!isSheetOpen(view));
  assert.equal(view.focused, null);
});

test("there is no sheet of no number", () => {
  const view = viewOf({ selected: null });
  openSheet(view);
  assert.ok(!isSheetOpen(view));
});

test("when the sheet closes its number stays chosen, and the focus goes to what is shown", () => {
  for (const hidden of [false, true]) {
    const view = viewOf({ sheetOpen: true });
    view.glance.root.hidden = hidden;
    closeSheet(view);
    assert.ok(!isSheetOpen(view) && view.shown === false);
    assert.deepEqual(view.state.selected, CHOSEN);
    assert.equal(view.focused, hidden ? "strip" : "glance");
  }
});

/** A finger on the edge of the sheet, by its events and how far down they are. */
function swiped(view, events, target = { closest: () => null }) {
  const edge = { setPointerCapture() {} };
  addSwipe(view, edge);
  for (const [type, clientY] of events) edge[`on${type}`]({ type, clientY, target, pointerId: 1 });
}

test("a sheet follows the finger down and closes where it was swiped far enough", () => {
  const moving = viewOf({ sheetOpen: true });
  swiped(moving, [["pointerdown", 500], ["pointermove", 530]]);
  assert.equal(moving.dock.style.transform, "translateY(30px)");
  for (const [end, open] of [[600, false], [510, true], [300, true]]) {
    const view = viewOf({ sheetOpen: true });
    swiped(view, [["pointerdown", 500], ["pointermove", end], ["pointerup", end]]);
    assert.equal(isSheetOpen(view), open, `${end}`);
    assert.equal(view.dock.style.transform, "");
  }
});

test("a sheet does not follow a finger upward, one that was not put on it, or a button", () => {
  for (const [events, target] of [
    [[["pointerdown", 500], ["pointermove", 400]]],
    [[["pointermove", 700]]],
    [[["pointerdown", 500], ["pointerup", 510], ["pointermove", 700]]],
    [[["pointerdown", 500], ["pointermove", 700], ["pointerup", 700]], { closest: () => ({}) }],
  ]) {
    const view = viewOf({ sheetOpen: true });
    swiped(view, events, target);
    assert.ok(!view.dock.style.transform && isSheetOpen(view));
  }
});

test("a swipe that the browser takes over closes nothing, and a closed sheet does not move", () => {
  const canceled = viewOf({ sheetOpen: true });
  swiped(canceled, [["pointerdown", 500], ["pointermove", 700], ["pointercancel", 700]]);
  assert.ok(isSheetOpen(canceled));
  const closed = viewOf();
  swiped(closed, [["pointerdown", 500], ["pointermove", 700]]);
  assert.ok(!closed.dock.style.transform);
});
