// The app's colors, and the one scale from negative to positive.

import { contextOf } from "./pixels.js";

/**
 * Whether the app is dark around an element.
 *
 * @type {(node: Element) => boolean}
 */
export function isDark(node) {
  const context = contextOf(document.createElement("canvas"));
  context.fillStyle = getComputedStyle(node).getPropertyValue("--st-background-color").trim() || "#fff";
  const color = String(context.fillStyle); // as #rrggbb, however it was written
  return isDarkColor([1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)));
}

const MIDDLE = Math.sqrt(1.05 * 0.05) - 0.05; // the luminance on which white has the same contrast as black

/**
 * Whether white has more contrast on a color than black: at least 4.58, by the luminance of WCAG 2.2.
 *
 * @type {(rgb: Ui.Rgb) => boolean}
 */
export function isDarkColor(rgb) {
  const [red, green, blue] = rgb.map((value) => (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < MIDDLE;
}

/**
 * Gives a cell with text in it a color that the text can be read on.
 *
 * @type {(cell: HTMLElement, rgb: Ui.Rgb) => void}
 */
export function colorCell(cell, rgb) {
  cell.style.background = `rgb(${rgb})`;
  cell.style.color = isDarkColor(rgb) ? "#fff" : "#000";
}

/**
 * The color of what is chosen.
 *
 * @type {(node: Element) => string}
 */
export const selectedColor = (node) => getComputedStyle(node).getPropertyValue("--selected").trim();

/**
 * 511 colors from the most negative over exactly zero (number 255) to the most positive.
 *
 * @type {(palette: Ui.Palette) => Ui.Rgb[]}
 */
export function signedTable(palette) {
  /** @type {Ui.Rgb[]} */
  const table = Array(511);
  /** @type {(stops: Ui.Rgb[], place: (step: number) => number) => void} */
  const side = (stops, place) => {
    for (let step = 0; step < 256; step++) {
      const position = (step / 255) * (stops.length - 1);
      const low = Math.min(Math.floor(position), stops.length - 2);
      const mixed = (/** @type {number} */ part) => stops[low][part] + (stops[low + 1][part] - stops[low][part]) * (position - low);
      table[place(step)] = [0, 1, 2].map((part) => Math.round(mixed(part)));
    }
  };
  side(palette.negative, (step) => 255 - step);
  side(palette.positive, (step) => 255 + step);
  return table;
}

/**
 * The scale from left to right, for a style sheet, exactly zero in the middle.
 *
 * @type {(table: Ui.Rgb[]) => string}
 */
export function gradientOf(table) {
  const stops = table.filter((_, at) => at % 17 === 0).map((rgb) => `rgb(${rgb})`);
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

const NOT_A_NUMBER = [200, 30, 120];

/**
 * The color of a value on a scale that reaches `largest` to both sides.
 *
 * @type {(table: Ui.Rgb[], value: number, largest: number) => Ui.Rgb}
 */
export function signedColor(table, value, largest) {
  if (!Number.isFinite(value)) return NOT_A_NUMBER;
  const share = largest > 0 ? Math.max(-1, Math.min(1, value / largest)) : 0;
  return table[255 + Math.round(share * 255)];
}
