// How numbers are written.

/**
 * A number as `number` of formatting.py writes it.
 *
 * @type {(value: number) => string}
 */
export function number(value) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const digits = size === 0 ? 0 : size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
  const powers = (size !== 0 && size < 0.001) || size >= 1e7;
  const text = powers ? value.toExponential(1).replace("+", "") : value.toFixed(digits);
  return text.replaceAll("-", "−");
}

/**
 * As `percent` of formatting.py.
 *
 * @type {(share: number, digits?: number) => string}
 */
export function percent(share, digits = 1) {
  return `${(100 * share).toFixed(digits)}%`;
}
