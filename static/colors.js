// The app's colors, and the one scale from negative to positive.

export function isDark(node) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.fillStyle = getComputedStyle(node).getPropertyValue("--st-background-color").trim() || "#fff";
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(pen.fillStyle.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 < 128;
}

export const selectedColor = (node) => getComputedStyle(node).getPropertyValue("--selected").trim();

// 511 colors from the most negative over exactly zero (number 255) to the most positive.
export function signedTable(palette) {
  const table = Array(511);
  const side = (stops, place) => {
    for (let step = 0; step < 256; step++) {
      const position = (step / 255) * (stops.length - 1);
      const low = Math.min(Math.floor(position), stops.length - 2);
      const mixed = (part) => stops[low][part] + (stops[low + 1][part] - stops[low][part]) * (position - low);
      table[place(step)] = [0, 1, 2].map((part) => Math.round(mixed(part)));
    }
  };
  side(palette.negative, (step) => 255 - step);
  side(palette.positive, (step) => 255 + step);
  return table;
}

const NOT_A_NUMBER = [200, 30, 120];

export function signedColor(table, value, largest) {
  if (!Number.isFinite(value)) return NOT_A_NUMBER;
  const share = largest > 0 ? Math.max(-1, Math.min(1, value / largest)) : 0;
  return table[255 + Math.round(share * 255)];
}
