// Elements of the page.

/**
 * A new element; what is no property of it is set as an attribute.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = String(value);
    else if (name in made) Object.assign(made, { [name]: value });
    else made.setAttribute(name, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * A new element of an SVG picture.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} attributes
 * @param {...Element} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/**
 * Where a component draws.
 *
 * @type {(instance: Ui.Instance, name: string) => HTMLElement}
 */
export const rootOf = ({ parentElement }, name) => query(parentElement, `.${name}`);

/**
 * The first match of a selector, which is known to be there.
 *
 * @type {(root: ParentNode, selector: string) => HTMLElement}
 */
export const query = (root, selector) => /** @type {HTMLElement} */ (root.querySelector(selector));

/**
 * Replaces all children; the focus of a button goes to the new button in its place.
 *
 * @type {(root: Element, ...nodes: Node[]) => void}
 */
export function replaceContent(root, ...nodes) {
  const page = /** @type {Document | ShadowRoot} */ (root.getRootNode());
  const focused = Array.from(root.querySelectorAll("button")).findIndex((button) => button === page.activeElement);
  root.replaceChildren(...nodes);
  if (focused >= 0) root.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
}

/**
 * Draws the first `most` parts in a box, with a button that draws the others and then calls `after`.
 *
 * @template Part
 * @param {HTMLElement} box
 * @param {Part[]} parts
 * @param {number} most
 * @param {(part: Part) => HTMLElement} draw
 * @param {string} what - the parts are called
 * @param {() => void} [after]
 * @returns {HTMLElement}
 */
export function withMore(box, parts, most, draw, what, after) {
  box.append(...parts.slice(0, most).map(draw));
  const rest = parts.slice(most);
  if (!rest.length) return box;
  const more = element("button", { type: "button", class: "more" }, `Show the other ${rest.length} ${what}`);
  more.onclick = () => {
    more.replaceWith(...rest.map(draw));
    after?.();
  };
  box.append(more);
  return box;
}
