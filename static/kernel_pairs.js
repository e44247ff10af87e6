// Pairs of filters: the kernels of a filter, one a channel, stand side by side with a gap.

import { isDark, signedColor, signedTable } from "./colors.js";
import { element, rootOf } from "./elements.js";
import { unpack } from "./message.js";
import { number } from "./numbers.js";
import { paint } from "./pixels.js";
import { scaleBar } from "./tables.js";

/**
 * @typedef {{
 *   side: number,
 *   channels: number,
 *   pairs: [number, number, string][],
 *   largest: number,
 *   palettes: Ui.Palettes,
 * }} Head
 */

/** @type {(component: Ui.Instance) => void} */
export default function (component) {
  const { data } = component;
  const root = rootOf(component, "kernel-pairs");
  /** @type {{ head: Head, body: Uint8Array }} */
  const { head, body } = unpack(data);
  const numbers = new Float32Array(body.buffer);
  const { side, channels, largest } = head;
  const table = signedTable(isDark(root) ? head.palettes.dark : head.palettes.light);
  const size = side * side * channels;
  /** @type {(place: number, name: number) => HTMLElement} */
  const filter = (place, name) => {
    const canvas = element("canvas", { role: "img" });
    // A row of the picture is a row of all kernels, with an empty cell between two.
    paint(canvas, side, channels * (side + 1) - 1, (row, column) => {
      const [channel, cell] = [Math.floor(column / (side + 1)), column % (side + 1)];
      if (cell === side) return null;
      return signedColor(table, numbers[place * size + (row * channels + channel) * side + cell], largest);
    });
    canvas.style.width = `${canvas.width * Math.max(4, Math.round(48 / side))}px`;
    const values = [...numbers.subarray(place * size, (place + 1) * size)].slice(0, 81).map(number).join(" ");
    canvas.setAttribute("aria-label", `Kernels of filter ${name}, row by row: ${values}`);
    return element("figure", {}, canvas, element("figcaption", {}, `Filter ${name}`));
  };
  const pairs = head.pairs.map(([first, second, note], place) =>
    element("div", { class: "pair" }, filter(2 * place, first), filter(2 * place + 1, second), element("p", {}, note)),
  );
  root.replaceChildren(...pairs, element("div", { class: "legend" }, ...scaleBar(table, largest, true)));
}
