// The headline of a page on a network, which stands apart from the view of it: what it predicts at the epoch that is drawn.

import { rootOf } from "./elements.js";
import { placeHeadline } from "./network/headline.js";

/** @type {(component: Ui.Instance) => () => void} */
export default function (component) {
  const remove = placeHeadline(rootOf(component, "headline"));
  return () => {
    if (!component.parentElement.isConnected) remove();
  };
}
