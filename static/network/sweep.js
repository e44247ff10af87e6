// The sweep: the window moves over the image cell by cell, and the map fills in behind it.

import { cellOf, hasMaps } from "./layers.js";

/** @type {Record<string, number>} */
export const SPEEDS = { slow: 900, medium: 220, fast: 40 }; // milliseconds a cell

/**
 * The sweep of a view, which stands still at first.
 *
 * @type {(view: Net.View) => Net.Sweep}
 */
export function sweepOf(view) {
  let speed = "medium";
  let on = false;
  /** @type {Net.Timer} */
  let timer;
  /** @type {Net.Unit | null} */
  let before = null;
  /** @type {() => { unit: Net.Unit, layer: Net.Layer } | null} */
  const swept = () => {
    const unit = view.state.selected;
    const layer = unit && view.network.layers[unit.layer];
    return layer && hasMaps(layer) && layer.kind !== "image" && layer.numbers ? { unit, layer } : null;
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  /** @type {(by: number) => void} */
  const step = (by) => {
    const found = swept();
    if (!found) {
      end();
      return;
    }
    const { unit, layer } = found;
    const [height, width] = layer.shape;
    const { row, column } = cellOf(unit);
    const at = row === null ? 0 : row * width + column + by;
    if (at < height * width) {
      const cell = Math.max(0, at);
      view.select({ ...unit, row: Math.floor(cell / width), column: cell % width });
    } else if (on) end();
  };
  // The whole map again, and the cell that was chosen before the sweep.
  const end = () => {
    stop();
    if (!on) return;
    on = false;
    const here = view.state.selected;
    view.repaintSwept();
    if (before && here && here.layer === before.layer && here.channel === before.channel) view.select(before);
    view.drawTools();
  };
  const play = () => {
    const found = swept();
    if (!found) return;
    if (!on) {
      before = found.unit;
      on = true;
      view.select({ ...found.unit, row: 0, column: 0 });
      view.repaintSwept();
    }
    stop();
    timer = setInterval(() => step(1), SPEEDS[speed]);
    view.drawTools();
  };
  const pause = () => {
    stop();
    view.drawTools();
  };
  return {
    step,
    end,
    stop,
    toggle: () => (timer ? pause() : play()),
    setSpeed: (wanted) => {
      speed = wanted;
      if (timer) play();
    },
    get possible() {
      return Boolean(swept());
    },
    get playing() {
      return timer !== undefined;
    },
    get on() {
      return on;
    },
    get speed() {
      return speed;
    },
  };
}

/**
 * While a map is swept, only its cells up to the chosen one have their color.
 *
 * @type {(view: Net.View, layer: Net.Layer, map: number, color: Ui.ColorOf) => Ui.ColorOf}
 */
export function sweptOnly(view, layer, map, color) {
  const unit = view.state.selected;
  if (!view.sweep?.on || !unit || unit.layer !== layer.number || unit.channel !== map) return color;
  const { row: last, column: end } = cellOf(unit);
  const reached = last * layer.shape[1] + end;
  return (row, column) => (row * layer.shape[1] + column <= reached ? color(row, column) : null);
}
