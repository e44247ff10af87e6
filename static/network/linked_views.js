// Views of several networks that move as one: through the epochs, and sideways through the layers.

const views = new Set();
/** @type {WeakMap<Element, number>} */
const followed = new WeakMap(); // how far each box was scrolled because another was

/**
 * Has a view move together with the others of the same group.
 *
 * @type {(view: Net.View) => void}
 */
export function linkView(view) {
  views.add(view);
  linkScrolling(view, view.strip, ({ strip }) => strip);
}

/**
 * Has a box scroll sideways together with its counterparts in the linked views, as far as they go.
 *
 * @type {(view: Net.View, box: HTMLElement, counterpart: (other: Net.View) => HTMLElement | undefined) => void}
 */
export function linkScrolling(view, box, counterpart) {
  box.addEventListener("scroll", () => {
    if (box.scrollLeft === followed.get(box)) return; // it is not this one that somebody moves
    followed.delete(box);
    for (const other of linkedViews(view)) {
      const same = counterpart(other);
      if (!same) continue;
      same.scrollLeft = box.scrollLeft;
      followed.set(same, same.scrollLeft);
    }
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
