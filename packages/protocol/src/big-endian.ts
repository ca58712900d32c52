// Integers read byte by byte, without a call inside a call: a method of Buffer is looked up by name each time, since its
// prototype is a hash table to the engine, and each small function is one more to compile into all that call it.
// Bytes beyond the end count as zeros: whoever calls has looked.

/** Two bytes from `at` on, unsigned. */
export function uint16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Four bytes from `at` on, two's complement. */
export function int32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
}

/** Four bytes from `at` on, unsigned. */
export function uint32At(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return high * 0x1_0000 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
}
