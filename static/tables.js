// Numbers in the colors of a scale, and the scale itself.

import { signedColor } from "./colors.js";
import { element } from "./elements.js";
import { number } from "./numbers.js";
import { paint } from "./pixels.js";

// A legend: the colors from the lowest number to the largest, and the numbers at both ends and at 0.
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
    ends.append(...numbers.map((one) => element("span", {}, number(one))));
  }
  return [bar, ends];
}

export function numberTable(height, width, value, background, text) {
  const body = element("tbody");
  for (let row = 0; row < height; row++) {
    const line = element("tr");
    for (let column = 0; column < width; column++) {
      const cell = element("td", {}, text(value(row, column)));
      const [red, green, blue] = background(row, column);
      cell.style.background = `rgb(${red},${green},${blue})`;
      cell.style.color = red * 0.299 + green * 0.587 + blue * 0.114 < 140 ? "#fff" : "#111";
      line.append(cell);
    }
    body.append(line);
  }
  return element("table", { class: "numbers" }, body);
}
