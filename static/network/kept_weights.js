// Weights are sent once and outlast a view; the page keeps those of the last few networks.

const MOST_KEPT = 4;
/** @type {Map<string, Float32Array>} */
const kept = new Map();

/**
 * The weights of a network, by their name: those that a message has now, else those of a message before;
 * undefined where they are not there any more.
 *
 * @type {(name: string, received: Float32Array | null) => Float32Array | undefined}
 */
export function weightsOf(name, received) {
  if (received) {
    kept.delete(name);
    kept.set(name, received);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT) kept.delete(oldest);
  }
  return kept.get(name);
}
