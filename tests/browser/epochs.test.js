// The film of a run: which epoch is shown, and with which numbers; views that move as one.

import assert from "node:assert/strict";
import test from "node:test";

import { linkedViews, linkView } from "../../static/network/linked_views.js";
import { buildTimeline, filmOf, nearest } from "../../static/network/timeline.js";
import { convolution, image, network } from "./networks.js";

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

test("only views of the same group that are on the page move together", () => {
  const viewOf = (together) => {
    const strip = { scrollLeft: 0, addEventListener: (_, listener) => (strip.scroll = listener) };
    const view = { root: { isConnected: true }, head: { together }, strip };
    linkView(view);
    return view;
  };
  const [one, two, other, alone, gone] = ["a", "a", "b", "", "a"].map(viewOf);
  gone.root.isConnected = false;
  assert.deepEqual(linkedViews(one), [two]);
  assert.deepEqual(linkedViews(alone), []);
  one.strip.scrollLeft = 70;
  one.strip.scroll();
  assert.deepEqual([two, other, alone, gone].map(({ strip }) => strip.scrollLeft), [70, 0, 0, 0]);
});

test("where there is only one epoch to show, there is no time line", () => {
  const view = (timeline) => ({ root: { isConnected: true }, head: { timeline }, strip: { addEventListener() {} } });
  assert.equal(buildTimeline(view(null)), null);
  assert.equal(buildTimeline(view({ kept: [3], shown: 3, losses: [], marks: [] })), null);
});
