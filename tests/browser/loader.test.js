// How the modules of a component come to the browser.

import assert from "node:assert/strict";
import { mkdtemp, mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { beforeEach } from "node:test";
import { pathToFileURL } from "node:url";

import { loaded } from "../../cnn/ui/components/loader.js";

let asked;
let answer;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "loader-"));
  await mkdir(join(folder, "app", "static"), { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "app", "static", "a_part.js"), "export default ({ data }) => `drawn ${data}`;");
  asked = [];
  answer = () => ({ ok: true, text: async () => "p { margin: 0 }" });
  delete globalThis.cnnPlayground;
  globalThis.CSSStyleSheet = class {
    replaceSync(text) {
      this.text = text;
    }
  };
  globalThis.document = { baseURI: `${pathToFileURL(folder)}/Inspect` };
  globalThis.fetch = async (url, { cache }) => {
    asked.push([url.slice(url.lastIndexOf("/") + 1), cache]);
    return answer();
  };
});

function instance(isConnected = true) {
  const place = { textContent: "" };
  const root = { adoptedStyleSheets: [] };
  const parentElement = { isConnected, getRootNode: () => root, querySelector: (name) => (name === ".a-part" ? place : null) };
  return { data: "x", parentElement, place, root };
}

const FILES = ["a_part.js", "colors.js"];

test("each file is asked for once in a tab, and not taken from the browser's memory unasked", async () => {
  const draw = loaded("a_part", FILES, "1");
  assert.equal(await draw(instance()), "drawn x");
  assert.equal(await draw(instance()), "drawn x");
  await loaded("other_part", ["colors.js"], "1")(instance());
  assert.deepEqual(asked.map(([file]) => file), ["a_part.css", ...FILES, "other_part.css"]);
  assert.ok(asked.every(([, cache]) => cache === "no-cache"));
});

test("all instances of a component share one style sheet, which each takes up once", async () => {
  const draw = loaded("a_part", FILES, "1");
  const [one, another] = [instance(), instance()];
  for (const shown of [one, one, another]) await draw(shown);
  assert.equal(one.root.adoptedStyleSheets.length, 1);
  assert.equal(one.root.adoptedStyleSheets[0].text, "p { margin: 0 }");
  assert.deepEqual(another.root.adoptedStyleSheets, one.root.adoptedStyleSheets);
  assert.equal(another.root.adoptedStyleSheets[0], one.root.adoptedStyleSheets[0]);
  assert.equal(asked.filter(([file]) => file === "a_part.css").length, 1);
});

test("a component is styled before it is drawn", async () => {
  const shown = instance();
  Object.defineProperty(shown, "data", { get: () => `with ${shown.root.adoptedStyleSheets.length} style` });
  assert.equal(await loaded("a_part", FILES, "1")(shown), "drawn with 1 style");
});

test("a component that has left the page meanwhile is not drawn", async () => {
  assert.equal(await loaded("a_part", FILES, "1")(instance(false)), undefined);
});

test("what cannot be loaded says so, and the next message tries again", async () => {
  const draw = loaded("a_part", FILES, "1");
  const here = instance();
  for (const refused of [() => ({ ok: false, status: 403 }), () => Promise.reject(new TypeError("offline"))]) {
    answer = refused;
    assert.equal(await draw(here), undefined);
    assert.match(here.place.textContent, /could not be loaded/);
  }
  answer = () => ({ ok: true, text: async () => "" });
  assert.equal(await draw(here), "drawn x");
});

test("a tab with modules of another version says so instead of mixing them", async () => {
  assert.equal(await loaded("a_part", FILES, "1")(instance()), "drawn x");
  const here = instance();
  assert.equal(await loaded("a_part", FILES, "2")(here), undefined);
  assert.match(here.place.textContent, /has been updated/);
});
