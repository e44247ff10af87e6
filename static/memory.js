// Keeps in the browser which lessons were learned. It draws nothing.

import { unpack } from "./message.js";

const PLACE = "cnn-playground-learned";

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data, setTriggerValue } = component;
  const { learned } = unpack(data).head;
  const all = [...new Set([...kept(), ...learned])].sort();
  try {
    localStorage.setItem(PLACE, JSON.stringify(all));
  } catch {
    return; // a browser that keeps nothing: what was learned lasts as long as the page
  }
  if (all.length > learned.length) setTriggerValue("kept", all);
}

/** @type {() => string[]} */
function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(PLACE) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}
