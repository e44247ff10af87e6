// The place of the chosen number in fields, where another one can be typed: map, row and column, or unit.

import { element } from "../elements.js";
import { hasMaps, sameUnit } from "./layers.js";

/**
 * A part of a place: what it is called, and how many there are.
 *
 * @typedef {{ key: keyof Net.Place, label: string, most: number }} Field
 */

/**
 * What names a number of a layer.
 *
 * @type {(layer: Net.Layer) => Field[]}
 */
export function fieldsOf(layer) {
  const { shape, kind } = layer;
  if (!hasMaps(layer)) return [{ key: "channel", label: layer.output ? "class" : "unit", most: shape[0] }];
  const [height, width, channels] = shape;
  /** @type {Field[]} */
  const cell = [{ key: "row", label: "row", most: height }, { key: "column", label: "column", most: width }];
  if (kind === "image" && channels === 1) return cell;
  return [{ key: "channel", label: kind === "image" ? "color" : "map", most: channels }, ...cell];
}

/**
 * The unit that is typed in place of another one of its layer, or what is wrong with a field, in a sentence.
 * Without row and column a whole filter stays one.
 *
 * @type {(layer: Net.Layer, unit: Net.Unit, texts: Partial<Record<keyof Net.Place, string>>) => { unit: Net.Unit } | { wrong: keyof Net.Place, sentence: string }}
 */
export function typedUnit(layer, unit, texts) {
  const typed = { ...unit };
  const filter = hasMaps(layer) && unit.row === null && !texts.row && !texts.column;
  for (const { key, label, most } of fieldsOf(layer)) {
    const text = texts[key] ?? "";
    const number = Number(text);
    if (filter && key !== "channel") continue;
    if (!text) return { wrong: key, sentence: `Type a ${label} from 1 to ${most}.` };
    if (!Number.isInteger(number) || number < 1 || number > most) {
      return { wrong: key, sentence: `${layer.title} has no ${label} ${text}. Type one from 1 to ${most}.` };
    }
    typed[key] = number - 1;
  }
  return { unit: typed };
}

/**
 * The fields of the chosen number; `show` fills them with another one. What is typed and cannot be stays
 * there with a sentence, and the number that was chosen before stays chosen.
 *
 * @type {(view: Net.View) => Net.CellFields}
 */
export function cellFields(view) {
  const inputs = element("span", { class: "inputs" });
  const fault = element("span", { class: "fault", role: "alert" });
  const root = element("div", { class: "place", role: "group", hidden: true }, inputs, fault);
  root.setAttribute("aria-label", "Place of the chosen number");
  /** @type {Net.Unit | null} */
  let shown = null;
  let made = "";

  const all = () => Array.from(inputs.querySelectorAll("input"));
  const typed = () => {
    if (!shown) return;
    const texts = Object.fromEntries(all().map((input) => [input.name, input.value]));
    const found = typedUnit(view.network.layers[shown.layer], shown, texts);
    const wrong = "wrong" in found ? found.wrong : null;
    for (const input of all()) input.setAttribute("aria-invalid", String(input.name === wrong));
    fault.textContent = "wrong" in found ? found.sentence : "";
    if ("unit" in found) view.select(found.unit);
  };
  /** @type {(field: Field) => HTMLElement} */
  const labeled = ({ key, label, most }) => {
    const input = element("input", { type: "number", name: key, min: "1", max: String(most), title: `1 to ${most}` });
    return element("label", {}, label, input);
  };
  inputs.onchange = typed;
  inputs.onkeydown = (event) => {
    if (event.key === "Escape") (view.glance.root.hidden ? view.strip : view.glance.root).focus({ preventScroll: true });
    else event.stopPropagation(); // Streamlit has letters and arrows of its own
  };

  return {
    root,
    show() {
      const unit = view.head.follows ? null : view.state.selected;
      root.hidden = !unit;
      const fields = unit ? fieldsOf(view.network.layers[unit.layer]) : [];
      const wanted = JSON.stringify(fields);
      if (sameUnit(unit, shown) && wanted === made) return;
      if (wanted !== made) inputs.replaceChildren(...fields.map(labeled));
      [shown, made] = [unit, wanted];
      fault.textContent = "";
      for (const input of all()) {
        const at = unit?.[/** @type {keyof Net.Place} */ (input.name)] ?? null;
        input.value = at === null ? "" : String(at + 1);
        input.setAttribute("aria-invalid", "false");
      }
    },
  };
}
