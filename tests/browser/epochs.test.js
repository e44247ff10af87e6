// The film of a run: which epoch is shown, and with which numbers; views that move as one.

import assert from "node:assert/strict";
import test from "node:test";

import { linkedViews, linkScrolling, linkView } from "../../static/network/linked_views.js";
import { buildTimeline, filmOf, nearest } from "../../static/network/timeline.js";
import { convolution, image, network } from "./networks.js";

/** A box that can be scrolled up to a limit; later, as in a browser, its listeners hear of it. */
function scrollable(most = 1000) {
  const listeners = [];
  let left = 0;
  return {
    addEventListener: (_, listener) => listeners.push(listener),
    get scrollLeft() {
      return left;
    },
    set scrollLeft(wanted) {
      const reached = Math.min(wanted, most);
      if (reached === left) return;
      left = reached;
      for (const listener of listeners) queueMicrotask(listener);
    },
  };
}

const scrolled = () => new Promise((done) => setTimeout(done));

test("of two epochs equally near the first is shown", () => {
  assert.equal(nearest([0, 2, 4, 8], 3), 2);
  assert.equal(nearest([0, 2, 4, 8], 7), 8);
  assert.equal(nearest([5], 99), 5);
});

test("each epoch of a film has its own values and its own weights", () => {
  const kernel = { shape: [1, 1, 1, 1], numbers: [0] };
  const { head } = network(image(1, 1, 1, [0]), { ...convolution([1, 1, 1], kernel, [0]), numbers: [0] });
  // Two values, then the kernel and the bias, epoch after epoch.
  const row = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const film = filmOf({ ...head, filmName: "a film", filmEpochs: [0, 10] }, row, 2, 2);
  const numbers = [0, 10].map((epoch) => {
    const [pixel, layer] = film.network(epoch).layers;
    return [pixel, layer].map((one) => one.numbers[0]).concat(layer.kernel[0], layer.bias[0]);
  });
  assert.deepEqual(numbers, [[1, 2, 3, 4], [5, 6, 7, 8]]);
});

test("only views of the same group that are on the page move together", async () => {
  const viewOf = (together) => {
    const view = { root: { isConnected: true }, head: { together }, strip: scrollable() };
    linkView(view);
    return view;
  };
  const [one, two, other, alone, gone] = ["a", "a", "b", "", "a"].map(viewOf);
  gone.root.isConnected = false;
  assert.deepEqual(linkedViews(one), [two]);
  assert.deepEqual(linkedViews(alone), []);
  one.strip.scrollLeft = 70;
  await scrolled();
  assert.deepEqual([two, other, alone, gone].map(({ strip }) => strip.scrollLeft), [70, 0, 0, 0]);
});

test("what scrolls together goes as far as it can, and does not hold back what is moved", async () => {
  const viewOf = (most) => ({ root: { isConnected: true }, head: { together: "short and long" }, strip: scrollable(most) });
  const [long, short] = [viewOf(900), viewOf(60)];
  for (const view of [long, short]) linkView(view);
  for (const left of [40, 200, 90]) {
    long.strip.scrollLeft = left;
    await scrolled();
    assert.deepEqual([long, short].map(({ strip }) => strip.scrollLeft), [left, Math.min(left, 60)]);
  }
  short.strip.scrollLeft = 10;
  await scrolled();
  assert.equal(long.strip.scrollLeft, 10);
  long.strip.scrollLeft = 60;
  await scrolled();
  short.strip.scrollLeft = 20;
  await scrolled();
  short.strip.scrollLeft = 60; // where it had followed to before
  await scrolled();
  assert.equal(long.strip.scrollLeft, 60);
});

test("only what the other view has scrolls along", async () => {
  const viewOf = (rows) => ({ root: { isConnected: true }, head: { together: "rows" }, strip: scrollable(), rows });
  const [one, other] = [viewOf({ a: scrollable(), b: scrollable() }), viewOf({ b: scrollable() })];
  for (const view of [one, other]) linkView(view);
  for (const name of ["a", "b"]) linkScrolling(one, one.rows[name], ({ rows }) => rows[name]);
  one.rows.a.scrollLeft = 30;
  await scrolled();
  assert.equal(other.rows.b.scrollLeft, 0);
  one.rows.b.scrollLeft = 50;
  await scrolled();
  assert.equal(other.rows.b.scrollLeft, 50);
});

test("where there is only one epoch to show, there is no time line", () => {
  const view = (timeline) => ({ root: { isConnected: true }, head: { timeline }, strip: { addEventListener() {} } });
  assert.equal(buildTimeline(view(null)), null);
  assert.equal(buildTimeline(view({ kept: [3], shown: 3, losses: [], marks: [] })), null);
});
