// As much of a document as the view needs to make its elements, for Node has none.

class Made {
  constructor(tag) {
    Object.assign(this, { tag, attributes: {}, children: [], dataset: {}, hidden: false, className: "", title: "", name: "", value: "", onclick: null, onchange: null });
    this.style = { setProperty: (name, value) => (this.style[name] = value) };
    this.classList = {
      contains: (name) => this.className.split(" ").includes(name),
      add: (name) => this.classList.toggle(name, true),
      toggle: (name, on) => {
        const others = this.className.split(" ").filter((other) => other && other !== name);
        this.className = [...others, ...(on ? [name] : [])].join(" ");
      },
    };
  }

  setAttribute(name, value) {
    if (name === "class") this.className = value;
    else this.attributes[name] = value;
  }

  append(...children) {
    this.children.push(...children);
    for (const child of children) if (child instanceof Made) child.parentElement = this;
  }

  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }

  remove() {
    if (!this.parentElement) return;
    this.parentElement.children = this.parentElement.children.filter((child) => child !== this);
    this.parentElement = undefined;
  }

  replaceWith(...nodes) {
    const { children } = this.parentElement;
    children.splice(children.indexOf(this), 1, ...nodes);
    for (const node of nodes) node.parentElement = this.parentElement;
  }

  addEventListener() {}

  querySelectorAll(name) {
    return all(name, ...this.children);
  }

  /** Of the row of a table. */
  get cells() {
    return this.children;
  }

  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join("");
  }

  set textContent(text) {
    this.children = [text];
  }
}

globalThis.document = { createElement: (tag) => new Made(tag), createElementNS: (_, tag) => new Made(tag) };

/** All elements within some, in order, that have a tag or a class. */
export function all(name, ...nodes) {
  return nodes.filter((node) => node instanceof Made).flatMap((node) => [
    ...(node.tag === name || node.classList.contains(name) ? [node] : []),
    ...all(name, ...node.children),
  ]);
}

/** An SVG element's numbers by their names. */
export const numbersOf = (node, ...names) => names.map((name) => Number(node.attributes[name]));
