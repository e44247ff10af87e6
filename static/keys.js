// What keys mean.

/** @type {Record<string, [number, number] | undefined>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/**
 * How many rows down and columns to the right an arrow key leads; undefined for every other key.
 *
 * @type {(event: KeyboardEvent) => [number, number] | undefined}
 */
export const arrowOf = (event) => ARROWS[event.key];
