import { utf8Slice } from "./utf8-slice.ts";

/** Beyond so many characters the call is cheaper than putting them together. */
const SHORT = 12;

const ASCII_END = 0x80;

/**
 * The UTF-8 text from `from` (inclusive) to `to` (exclusive). Up to 12 characters of ASCII are put together here, at half
 * the price of a call into Node.
 */
export function shortText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from;
  if (length > SHORT) return utf8Slice(bytes, from, to);
  let bits = 0;
  for (let at = from; at < to; at++) bits |= bytes[at] ?? 0;
  return bits < ASCII_END ? characters(bytes, from, length) : utf8Slice(bytes, from, to);
}

/**
 * `length` characters of ASCII from `from` on. One call for each length: `String.fromCharCode` is quick only where its
 * arguments are written down.
 */
function characters(bytes: Uint8Array, from: number, length: number): string {
  if (length === 0) return "";
  const c0 = bytes[from] ?? 0;
  if (length === 1) return String.fromCharCode(c0);
  const c1 = bytes[from + 1] ?? 0;
  if (length === 2) return String.fromCharCode(c0, c1);
  const c2 = bytes[from + 2] ?? 0;
  if (length === 3) return String.fromCharCode(c0, c1, c2);
  const c3 = bytes[from + 3] ?? 0;
  if (length === 4) return String.fromCharCode(c0, c1, c2, c3);
  const c4 = bytes[from + 4] ?? 0;
  if (length === 5) return String.fromCharCode(c0, c1, c2, c3, c4);
  const c5 = bytes[from + 5] ?? 0;
  if (length === 6) return String.fromCharCode(c0, c1, c2, c3, c4, c5);
  const c6 = bytes[from + 6] ?? 0;
  if (length === 7) return String.fromCharCode(c0, c1, c2, c3, c4, c5, c6);
  const c7 = bytes[from + 7] ?? 0;
  if (length === 8) return String.fromCharCode(c0, c1, c2, c3, c4, c5, c6, c7);
  const c8 = bytes[from + 8] ?? 0;
  if (length === 9) return String.fromCharCode(c0, c1, c2, c3, c4, c5, c6, c7, c8);
  const c9 = bytes[from + 9] ?? 0;
  if (length === 10) return String.fromCharCode(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9);
  const c10 = bytes[from + 10] ?? 0;
  if (length === 11) return String.fromCharCode(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10);
  const c11 = bytes[from + 11] ?? 0;
  return String.fromCharCode(c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11);
}
