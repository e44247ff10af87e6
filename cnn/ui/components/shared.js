// What every component here needs: unpacking a message, the one color scale, square pixels.

function unpack(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { head, body: bytes.slice(4 + length) }; // a copy, so that floats are aligned
}

function element(tag, attributes = {}, ...children) {
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
function putInside(root, ...nodes) {
  const focused = [...root.querySelectorAll("button")].indexOf(root.getRootNode().activeElement);
  root.replaceChildren(...nodes);
  if (focused >= 0) root.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
}

function isDark(node) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.fillStyle = getComputedStyle(node).getPropertyValue("--st-background-color").trim() || "#fff";
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(pen.fillStyle.slice(at, at + 2), 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 < 128;
}

const selectedColor = (node) => getComputedStyle(node).getPropertyValue("--selected").trim();

// 511 colors from the most negative over exactly zero (number 255) to the most positive.
function signedTable(palette) {
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

function signedColor(table, value, largest) {
  if (!Number.isFinite(value)) return NOT_A_NUMBER;
  const share = largest > 0 ? Math.max(-1, Math.min(1, value / largest)) : 0;
  return table[255 + Math.round(share * 255)];
}

// One canvas pixel a cell; the style sheet enlarges it without smoothing.
function paint(canvas, height, width, color) {
  if (canvas.height !== height) canvas.height = height;
  if (canvas.width !== width) canvas.width = width;
  const pen = canvas.getContext("2d");
  const picture = pen.createImageData(width, height);
  const { data } = picture;
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 4) {
      const rgb = color(row, column);
      if (!rgb) continue;
      data[at] = rgb[0];
      data[at + 1] = rgb[1];
      data[at + 2] = rgb[2];
      data[at + 3] = 255;
    }
  }
  pen.putImageData(picture, 0, 0);
}

// A legend: the colors from the lowest number to the largest, and the numbers at both ends and at 0.
function scaleBar(table, largest, signed) {
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

function cellUnder(event, picture, height = picture.height, width = picture.width) {
  const box = picture.getBoundingClientRect();
  const column = Math.floor(((event.clientX - box.left) / box.width) * width);
  const row = Math.floor(((event.clientY - box.top) / box.height) * height);
  const inside = row >= 0 && column >= 0 && row < height && column < width;
  return inside ? { row, column } : null;
}

function number(value) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const digits = size === 0 ? 0 : size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
  const powers = (size !== 0 && size < 0.001) || size >= 1e7;
  const text = powers ? value.toExponential(1).replace("+", "") : value.toFixed(digits);
  return text.replaceAll("-", "−");
}

// As `percent` of formatting.py.
function percent(share, digits = 1) {
  return `${(100 * share).toFixed(digits)}%`;
}

function numberTable(height, width, value, background, text) {
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
