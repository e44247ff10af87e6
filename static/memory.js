// Keeps in the browser which lessons were learned. It draws nothing.

import { unpack } from "./message.js";

const STORAGE_KEY = "cnn-playground-learned";

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data, setTriggerValue } = component;
  const { learned } = unpack(data).head;
  const all = [...new Set([...storedLessons(), ...learned])].sort();
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(all));
  } catch {
    return; // a browser that keeps nothing: what was learned lasts as long as the page
  }
  if (all.length > learned.length) setTriggerValue("kept", all);
}

/** @type {() => string[]} */
function storedLessons() {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}
