// Views of several networks that move as one: through the epochs, and sideways through the layers.

const views = new Set();

/**
 * Has a view scroll together with the others of the same group.
 *
 * @type {(view: Net.View) => void}
 */
export function linkView(view) {
  views.add(view);
  view.strip.addEventListener("scroll", () => {
    for (const { strip } of linkedViews(view)) strip.scrollLeft = view.strip.scrollLeft;
  });
}

/**
 * The others on the page that are in the same group.
 *
 * @type {(view: Net.View) => Net.View[]}
 */
export function linkedViews(view) {
  for (const other of views) if (!other.root.isConnected) views.delete(other);
  const { together } = view.head;
  return together ? [...views].filter((other) => other !== view && other.head.together === together) : [];
}
