// Elements of the page.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// New content in the place of the old; a button that had the keyboard leaves it to its successor.
export function putInside(root, ...nodes) {
  const focused = [...root.querySelectorAll("button")].indexOf(root.getRootNode().activeElement);
  root.replaceChildren(...nodes);
  if (focused >= 0) root.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
}
