// What the network that is drawn predicts, in one line, wherever the page has its headline.

import { element } from "../elements.js";
import { percent } from "../numbers.js";
import { predictedUnit } from "./contributions.js";
import { numbersOf } from "./layers.js";
import { drawnEpoch } from "./timeline.js";

/** @type {Set<HTMLElement>} */
const places = new Set();
/** @type {(() => Node[]) | null} */
let content = null; // of the view that was drawn last

/**
 * Keeps the headline in an element, until the function that is returned is called.
 *
 * @type {(place: HTMLElement) => () => void}
 */
export function placeHeadline(place) {
  places.add(place);
  if (content) place.replaceChildren(...content());
  return () => {
    places.delete(place);
    content = null;
  };
}

/**
 * The headline of a view that is the subject of its page follows what is drawn.
 *
 * @type {(view: Net.View) => void}
 */
export function showHeadline(view) {
  if (!view.head.subject) return;
  content = () => headlineOf(view);
  for (const place of places) place.replaceChildren(...content());
}

/** @type {(view: Net.View) => HTMLElement[]} */
function headlineOf(view) {
  const changed = view.trained ? ", with your changes" : "";
  const state = ` through the network as it was after epoch ${drawnEpoch(view)}${changed}`;
  return [element("h2", {}, prediction(view)), element("p", {}, element("b", {}, view.head.subject), state)];
}

/** @type {(view: Pick<Net.View, "head" | "network">) => string} */
export function prediction({ head: { classes, truth }, network }) {
  const predicted = predictedUnit(network);
  if (!predicted) return "No prediction: the network's numbers are no longer finite.";
  const { layer, channel } = predicted;
  const text = `Prediction: ${classes[channel]}, ${percent(numbersOf(network.layers[layer])[channel], 0)}.`;
  if (truth === null) return text;
  return `${text} ${channel === truth ? "Correct." : `Incorrect: it is ${classes[truth]}.`}`;
}
