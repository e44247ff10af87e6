// The headline of a page: what the network predicts as it is drawn.

import assert from "node:assert/strict";
import test from "node:test";

import { element } from "../../static/elements.js";
import { placeHeadline, prediction, showHeadline } from "../../static/network/headline.js";
import { image, network } from "./networks.js";
import { all } from "./page.js";

const answers = (...numbers) => {
  const made = network(image(1, 1, 1, [0]), { kind: "softmax", shape: [3], numbers, output: true });
  return { network: made, head: { ...made.head, truth: 1, subject: "Image 7", timeline: { shown: 30 } }, state: {} };
};

test("it says whether the prediction is correct where somebody knows", () => {
  const right = answers(0.2, 0.744, 0.056);
  assert.equal(prediction(right), "Prediction: bag, 74%. Correct.");
  assert.equal(prediction(answers(0.2, 0.3, 0.5)), "Prediction: boot, 50%. Incorrect: it is bag.");
  assert.equal(prediction({ ...right, head: { ...right.head, truth: null } }), "Prediction: bag, 74%.");
  assert.match(prediction(answers(0.2, NaN, 0.5)), /^No prediction/);
});

const read = (place) => [all("h2", place), all("p", place)].flat().map(({ textContent }) => textContent);

test("it follows what is drawn wherever it has a place, and forgets it with the place", () => {
  const [early, late] = [element("div"), element("div")];
  const remove = placeHeadline(early);
  assert.deepEqual(read(early), []);
  const view = answers(0.2, 0.7, 0.1);
  showHeadline({ ...view, head: { ...view.head, subject: "" } }); // of a page without a headline
  assert.deepEqual(read(early), []);
  showHeadline(view);
  placeHeadline(late);
  const first = ["Prediction: bag, 70%. Correct.", "Image 7 through the network as it was after epoch 30"];
  assert.deepEqual([read(early), read(late)], [first, first]);
  remove();
  const film = { name: "a film", epochs: [0, 12, 30] };
  const played = answers(0.6, 0.3, 0.1);
  showHeadline({ ...played, head: { ...played.head, filmName: "a film" }, film, state: { epoch: 13 }, trained: played.network });
  const second = ["Prediction: shirt, 60%. Incorrect: it is bag.", "Image 7 through the network as it was after epoch 12, with your changes"];
  assert.deepEqual([read(early), read(late)], [first, second]);
});
