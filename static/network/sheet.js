// On a narrow screen the receipt is a sheet at the bottom: a tap on a number opens it, a swipe down closes it.

const SWIPE = 40; // pixels downward that close it

/**
 * Whether the view has a sheet and it is open.
 *
 * @type {(view: Net.View) => boolean}
 */
export const isSheetOpen = (view) => Boolean(view.state.sheetOpen) && hasSheet(view);

/**
 * Whether the view is so narrow that its receipt is a sheet.
 *
 * @type {(view: Net.View) => boolean}
 */
export const hasSheet = (view) => view.root.classList.contains("has-rows");

/**
 * Chooses the number that was tapped or clicked.
 *
 * @type {(view: Net.View, unit: Net.Unit) => void}
 */
export function pick(view, unit) {
  view.select(unit);
  openSheet(view);
}

/**
 * Opens the sheet, where there is one, and takes the focus there.
 *
 * @type {(view: Net.View) => void}
 */
export function openSheet(view) {
  if (!hasSheet(view) || !view.state.selected) return;
  show(view, true);
  view.receipt.scrollTop = 0;
  view.receipt.focus({ preventScroll: true });
  view.glance.parts?.reveal?.(view.state.selected);
}

/**
 * Closes the sheet; the number stays chosen.
 *
 * @type {(view: Net.View) => void}
 */
export function closeSheet(view) {
  if (!isSheetOpen(view)) return;
  show(view, false);
  (view.glance.root.hidden ? view.strip : view.glance.root).focus({ preventScroll: true });
}

/** @type {(view: Net.View, open: boolean) => void} */
function show(view, open) {
  view.state.sheetOpen = open;
  view.dock.classList.toggle("open", open);
  view.drawTools();
}

/**
 * Has the sheet follow a finger that swipes its upper edge down.
 *
 * @type {(view: Net.View, edge: HTMLElement) => void}
 */
export function addSwipe(view, edge) {
  /** @type {number | null} */
  let start = null;
  const moveTo = (/** @type {number} */ y) => (view.dock.style.transform = y > 0 ? `translateY(${y}px)` : "");
  edge.onpointerdown = (event) => {
    if (!isSheetOpen(view) || /** @type {Element} */ (event.target).closest("button, select")) return;
    start = event.clientY;
    edge.setPointerCapture(event.pointerId);
  };
  edge.onpointermove = (event) => {
    if (start !== null) moveTo(event.clientY - start);
  };
  edge.onpointerup = edge.onpointercancel = (event) => {
    const swiped = start !== null && event.type === "pointerup" && event.clientY - start > SWIPE;
    start = null;
    moveTo(0);
    if (swiped) closeSheet(view);
  };
}
