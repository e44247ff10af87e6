// Views of several networks that move as one: through the epochs, and sideways through the layers.

const joined = new Set();

/**
 * Has a view scroll together with the others of the same group.
 *
 * @type {(view: Net.View) => void}
 */
export function join(view) {
  joined.add(view);
  view.strip.addEventListener("scroll", () => {
    for (const { strip } of togetherWith(view)) strip.scrollLeft = view.strip.scrollLeft;
  });
}

/**
 * The others on the page that are in the same group.
 *
 * @type {(view: Net.View) => Net.View[]}
 */
export function togetherWith(view) {
  for (const other of joined) if (!other.root.isConnected) joined.delete(other);
  const { together } = view.head;
  return together ? [...joined].filter((other) => other !== view && other.head.together === together) : [];
}
