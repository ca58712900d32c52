/** Reads a value's text form from `from` (inclusive) to `to` (exclusive), which lie within `bytes`. */
export type TextReader = (bytes: Uint8Array, from: number, to: number) => unknown;
