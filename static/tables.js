// Numbers in the colors of a scale, and the scale itself.

import { colorCell, signedColor } from "./colors.js";
import { element } from "./elements.js";
import { number } from "./numbers.js";
import { paint } from "./pixels.js";

/**
 * A legend: the colors from the lowest number to the largest, and the numbers at both ends and at 0.
 *
 * @type {(table: Ui.Rgb[], largest: number, signed: boolean) => [HTMLCanvasElement, HTMLElement]}
 */
export function scaleBar(table, largest, signed) {
  const bar = element("canvas", { "aria-hidden": "true" });
  const ends = element("div", { class: "ends" });
  if (largest === 0) {
    paint(bar, 1, 1, () => signedColor(table, 0, 1));
    ends.append(element("span", {}, "0"));
  } else {
    const lowest = signed ? -1 : 0;
    paint(bar, 1, 129, (_, column) => signedColor(table, lowest + ((1 - lowest) * column) / 128, 1));
    const numbers = signed ? [-largest, 0, largest] : [0, largest];
    ends.append(...numbers.map((value) => element("span", {}, number(value))));
  }
  return [bar, ends];
}

/**
 * A table of values, each written on its color.
 *
 * @template Value
 * @param {number} height
 * @param {number} width
 * @param {(row: number, column: number) => Value} value
 * @param {(row: number, column: number) => Ui.Rgb} background
 * @param {(value: Value) => string} text
 * @returns {HTMLTableElement}
 */
export function numberTable(height, width, value, background, text) {
  const body = element("tbody");
  for (let row = 0; row < height; row++) {
    const line = element("tr");
    for (let column = 0; column < width; column++) {
      const cell = element("td", {}, text(value(row, column)));
      colorCell(cell, background(row, column));
      line.append(cell);
    }
    body.append(line);
  }
  return element("table", { class: "numbers" }, body);
}
