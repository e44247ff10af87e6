// The whole network on one screen: when it is shown, and the cell that a visitor is asked to click.

import assert from "node:assert/strict";
import { test } from "node:test";

import { all, numbersOf } from "./page.js";
import { isWholeNetwork, showPulse } from "../../static/network/glance.js";
import { layoutOf } from "../../static/network/layout.js";
import { network } from "./layouts.js";

test("a part of a network, one that is enlarged and one whose receipt follows the pointer are not shown as an overview", () => {
  const layers = network({ blocks: [4], dense: [] });
  const whole = (head = {}, shown = layers) => isWholeNetwork({ head: { enlarged: 1, follows: false, ...head }, network: { layers: shown } });
  assert.ok(whole());
  assert.ok(!whole({ enlarged: 2 }));
  assert.ok(!whole({ follows: true }));
  assert.ok(!whole({}, layers.slice(0, -1)));
  assert.ok(!whole({}, layers.map((layer) => ({ ...layer, hidden: layer.number === 2 }))));
});

test("the cell to click is framed on its own map, over the layer it is of", () => {
  const layers = network({ blocks: [4], dense: [] }).map((layer) => ({ ...layer, name: `${layer.kind}_1` }));
  const layout = layoutOf(layers, { width: 1400, height: 468 });
  const [above, pulse] = [document.createElement("svg"), document.createElement("g")];
  const parts = { layout, pulse, overlayOf: (layer) => (layer === 1 ? above : undefined) };
  const show = (place) => showPulse({ glance: { parts }, head: { pulse: place }, network: { layers } });
  show({ layer: "convolution_1", channel: 2, row: 3, column: 5 });
  const tile = layout.columns.find(({ shown }) => shown === 1).tiles[2];
  const cell = tile.width / 26;
  const [x, y, width, height] = numbersOf(all("rect", above)[0], "x", "y", "width", "height");
  assert.equal(all("rect", above).length, 1);
  assert.deepEqual([x + width / 2, y + height / 2], [tile.x + 5.5 * cell, tile.y + 3.5 * cell]);
  assert.ok(width > cell && height > cell);
  show(null);
  assert.equal(all("rect", above).length, 0);
});
