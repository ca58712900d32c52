/** The same memory as a Buffer. A row's bytes become one only where Buffer's own functions are needed: asking costs. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
