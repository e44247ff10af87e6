// A message from Python: a JSON head, then raw numbers; see `pack` of component.py.

/**
 * The JSON head of a message, and the raw numbers after it.
 *
 * @type {(data: Uint8Array | ArrayBuffer) => { head: any, body: Uint8Array }}
 */
export function unpack(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { head, body: bytes.slice(4 + length) }; // a copy, so that floats are aligned
}
