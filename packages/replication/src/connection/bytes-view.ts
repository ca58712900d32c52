/**
 * A Buffer over a part of an ArrayBuffer, at half the price of `buffer.subarray`, which has to ask the engine for the
 * ArrayBuffer each time. It is a Buffer in all but its own prototype: `Buffer.isBuffer`, `instanceof`, every method.
 */
class BytesView extends Uint8Array {}

Object.setPrototypeOf(BytesView.prototype, Buffer.prototype);
Reflect.deleteProperty(BytesView.prototype, "constructor"); // inherited: so it is printed, compared and copied as a Buffer

/** The bytes of `memory` from `from` (inclusive) to `to` (exclusive), not copied. */
export function bytesView(memory: ArrayBuffer, from: number, to: number): Buffer {
  return new BytesView(memory, from, to - from) as Buffer;
}
