// How a component's script comes to the browser. Streamlit sends the text of a script again with every
// message and runs it from a blob, where relative imports do not work. So each component gets this
// short text, with its own module's name at the end (component.py): the modules and the style sheets
// are static files, loaded once.

const SORRY = "This part of the page could not be loaded. Reload the page to try again.";
const UPDATED = "The app has been updated. Reload the page to see this part.";

/** @typedef {{ data: any, parentElement: HTMLElement | ShadowRoot }} Instance */

/**
 * Draws instances of the component `name` with its module and its style sheet, once all the `files`
 * it needs are here.
 *
 * Browsers keep static files for as long as they think fit: after an update of the app they would
 * mix old modules and new ones. Therefore each tab asks once whether its files are still those of
 * the server, before it imports them; and a tab that has modules of another `version` says so.
 *
 * @param {string} name
 * @param {string[]} files
 * @param {string} version
 */
export function loaded(name, files, version) {
  const base = new URL("app/static/", document.baseURI); // a page's address is one level deep
  const tab = tabOf(version);
  /** @param {Instance} instance */
  return async (instance) => {
    if (tab.version !== version) return say(name, instance, UPDATED);
    let style, module;
    try {
      const needed = [`${name}.css`, ...files].map((file) => revalidated(tab, new URL(file, base).href));
      [style] = await Promise.all(needed);
      module = await import(new URL(`${name}.js`, base).href);
    } catch {
      return say(name, instance, SORRY);
    }
    if (!instance.parentElement.isConnected) return undefined; // it has left the page meanwhile
    adopt(instance.parentElement, sheetOf(tab, name, style));
    return module.default(instance);
  };
}

/** @typedef {{ version: string, files: Map<string, Promise<string>>, sheets: Map<string, CSSStyleSheet> }} Tab */

/**
 * What the loaders of all components in a tab know together.
 *
 * @param {string} version
 * @returns {Tab}
 */
function tabOf(version) {
  const shared = /** @type {typeof globalThis & { cnnPlayground?: Tab }} */ (globalThis);
  return (shared.cnnPlayground ??= { version, files: new Map(), sheets: new Map() });
}

/**
 * The text of a file.
 *
 * @param {Tab} tab
 * @param {string} url
 */
function revalidated({ files }, url) {
  const asked = files.get(url) ?? ask(url);
  files.set(url, asked);
  asked.catch(() => files.delete(url)); // the next message tries again
  return asked;
}

/** @param {string} url */
async function ask(url) {
  const answer = await fetch(url, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text(); // only what has arrived in full is kept
}

/**
 * One style sheet for all instances of a component.
 *
 * @param {Tab} tab
 * @param {string} name
 * @param {string} style
 */
function sheetOf({ sheets }, name, style) {
  const known = sheets.get(name);
  if (known) return known;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  sheets.set(name, sheet);
  return sheet;
}

/**
 * @param {Node} place
 * @param {CSSStyleSheet} sheet
 */
function adopt(place, sheet) {
  const { adoptedStyleSheets } = /** @type {Document | ShadowRoot} */ (place.getRootNode());
  if (!adoptedStyleSheets.includes(sheet)) adoptedStyleSheets.push(sheet);
}

/**
 * @param {string} name
 * @param {Instance} instance
 * @param {string} sentence
 */
function say(name, { parentElement }, sentence) {
  const place = parentElement.querySelector(`.${name.replaceAll("_", "-")}`);
  if (place) place.textContent = sentence;
}
