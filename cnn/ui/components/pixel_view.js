// One image, cell by cell, with the number in every cell.

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".pixel-view");
  const { head, body } = unpack(data);
  const [height, width, channels] = head.shape;
  const at = (row, column) => (row * width + column) * channels;
  const value = (row, column) => Array.from(body.subarray(at(row, column), at(row, column) + channels));
  const colour = (row, column) => (channels === 3 ? value(row, column) : Array(3).fill(body[at(row, column)]));
  if (!head.numbers) {
    const canvas = element("canvas", { role: "img" });
    canvas.setAttribute("aria-label", head.label);
    paint(canvas, height, width, colour);
    canvas.style.width = `${width * Math.max(1, Math.round(head.width / width))}px`;
    const readout = element("p", { class: "readout", role: "status" }, head.hint);
    canvas.onpointermove = (event) => {
      const cell = cellUnder(event, canvas);
      if (!cell) return;
      const text = value(cell.row, cell.column).join(", ");
      readout.textContent = `Row ${cell.row + 1}, column ${cell.column + 1}: ${text} of 255`;
    };
    canvas.onpointerleave = () => (readout.textContent = head.hint);
    root.replaceChildren(canvas, readout);
    return;
  }
  const table = numberTable(height, width, value, colour, (one) => one.join(" "));
  table.setAttribute("aria-label", head.label);
  root.replaceChildren(element("div", { class: "scroll", tabIndex: 0 }, table));
}
