import { int64FromHalves } from "../int64.ts";
import { asBuffer } from "./as-buffer.ts";
import { hexBytes } from "./hex-bytes.ts";
import { asText, parseBool, parseBytea, parseInt8, parseInteger } from "./text-parsers.ts";
import type { TextReader } from "./text-reader.ts";
import type { TupleText } from "./tuple-text.ts";
import type { TextParser } from "./type-parsers.ts";
import { utf8Slice } from "./utf8-slice.ts";

/**
 * The reader of one column that does what `parser` does. The default parsers of common types have one that makes no
 * string first.
 */
export function textReader(parser: TextParser, texts: TupleText): TextReader {
  if (parser === asText) return texts.slice;
  return readers.get(parser) ?? ((bytes, from, to) => parser(texts.slice(bytes, from, to)));
}

const MINUS = 0x2d;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const LETTER_X = 0x78;

/** Up to this many digits a double counts exactly. */
const EXACT_DIGITS = 15;

const readers: ReadonlyMap<TextParser, TextReader> = new Map<TextParser, TextReader>([
  [parseBool, readBool],
  [parseInteger, readInteger],
  [parseInt8, readInt8],
  [parseBytea, readBytea],
]);

function readBool(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from === 1) {
    if (bytes[from] === 0x74) return true;
    if (bytes[from] === 0x66) return false;
  }
  return parseBool(utf8Slice(bytes, from, to));
}

function readInteger(bytes: Uint8Array, from: number, to: number): number {
  const value = smallInteger(bytes, from, to);
  return value === undefined ? parseInteger(utf8Slice(bytes, from, to)) : value;
}

function readInt8(bytes: Uint8Array, from: number, to: number): bigint {
  const value = smallInteger(bytes, from, to);
  if (value === undefined) return parseInt8(utf8Slice(bytes, from, to));
  const high = Math.floor(value / 2 ** 32);
  return int64FromHalves(high, value - high * 2 ** 32); // half the time of BigInt(value)
}

/** The integer, or `undefined` for what is too long to be counted in a double or is no integer. */
function smallInteger(bytes: Uint8Array, from: number, to: number): number | undefined {
  const negative = bytes[from] === MINUS;
  const first = negative ? from + 1 : from;
  if (to <= first || to - first > EXACT_DIGITS) return undefined;
  let value = 0;
  for (let at = first; at < to; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return negative ? 0 - value : value; // never the number -0
}

/** `bytea_output = hex` by its digits; the older form, and what is neither, by way of a string. */
function readBytea(bytes: Uint8Array, from: number, to: number): Buffer {
  const isHex = to - from >= 2 && bytes[from] === BACKSLASH && bytes[from + 1] === LETTER_X;
  const value = isHex ? hexBytes(bytes, from + 2, to) : undefined;
  return value ?? parseBytea(asBuffer(bytes).toString("latin1", from, to));
}
