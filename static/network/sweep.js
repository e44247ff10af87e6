// The sweep: the window moves over the image cell by cell, and the map fills in behind it.

import { hasMaps } from "./layers.js";

export const SPEEDS = { slow: 900, medium: 220, fast: 40 }; // milliseconds a cell

export function sweepOf(view) {
  const state = (view.state.sweep ??= { speed: "medium", on: false, timer: null });
  const swept = () => {
    const unit = view.state.selected;
    const layer = unit && view.network.layers[unit.layer];
    return layer && hasMaps(layer) && layer.kind !== "image" && layer.numbers ? layer : null;
  };
  const stop = () => {
    clearInterval(state.timer);
    state.timer = null;
  };
  const step = (by) => {
    const layer = swept();
    if (!layer) return end();
    const { row, column } = view.state.selected;
    const cells = layer.shape[0] * layer.shape[1];
    const at = row === null ? 0 : row * layer.shape[1] + column + by;
    if (at >= cells) return state.on ? end() : undefined;
    const cell = Math.max(0, at);
    view.select({ ...view.state.selected, row: Math.floor(cell / layer.shape[1]), column: cell % layer.shape[1] });
  };
  // The whole map again, and the cell that was chosen before the sweep.
  const end = () => {
    stop();
    if (!state.on) return;
    state.on = false;
    const { before } = state;
    const here = view.state.selected;
    view.repaintSwept();
    if (before && here && here.layer === before.layer && here.channel === before.channel) view.select(before);
    view.drawTools();
  };
  const play = () => {
    const layer = swept();
    if (!layer) return;
    if (!state.on) {
      state.before = view.state.selected;
      state.on = true;
      view.select({ ...view.state.selected, row: 0, column: 0 });
      view.repaintSwept();
    }
    stop();
    state.timer = setInterval(() => step(1), SPEEDS[state.speed]);
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
    toggle: () => (state.timer ? pause() : play()),
    setSpeed: (speed) => {
      state.speed = speed;
      if (state.timer) play();
    },
    get possible() {
      return Boolean(swept());
    },
    get playing() {
      return state.timer !== null;
    },
    get on() {
      return state.on;
    },
    get speed() {
      return state.speed;
    },
  };
}

// While a map is swept, only its cells up to the chosen one have their color.
export function sweptOnly(view, layer, map, color) {
  const unit = view.state.selected;
  if (!view.sweep?.on || !unit || unit.layer !== layer.number || unit.channel !== map) return color;
  const reached = unit.row * layer.shape[1] + unit.column;
  return (row, column) => (row * layer.shape[1] + column <= reached ? color(row, column) : null);
}
