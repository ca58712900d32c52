/**
 * DER, the bytes certificates are made of: each value is a tag, a length and contents. Just what `certificate-authority.ts` needs.
 * @see https://www.itu.int/rec/T-REC-X.690 sections 8 to 10
 */
export type Der = Buffer;

/** A value with any tag; `contents` are other values, or bytes. */
export function tagged(tag: number, ...contents: readonly Uint8Array[]): Der {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

export const sequence = (...items: readonly Uint8Array[]): Der => tagged(0x30, ...items);
export const set = (...items: readonly Uint8Array[]): Der => tagged(0x31, ...items);
export const boolean = (value: boolean): Der => tagged(0x01, Buffer.from([value ? 0xff : 0]));
export const octetString = (bytes: Uint8Array): Der => tagged(0x04, bytes);
export const utf8String = (text: string): Der => tagged(0x0c, Buffer.from(text, "utf8"));

/** Wraps a value in the context-specific tag `[number]`. */
export const explicit = (number: number, value: Uint8Array): Der => tagged(0xa0 + number, value);

/** A bit string; `unusedBits` are the lowest bits of the last byte. */
export const bitString = (bytes: Uint8Array, unusedBits = 0): Der => tagged(0x03, Buffer.from([unusedBits]), bytes);

/** A non-negative integer, big-endian; a zero byte keeps the sign bit clear. */
export function integer(bytes: Uint8Array): Der {
  const negative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return tagged(0x02, negative ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

/** An object identifier from its dotted form: two arcs in the first byte, then base 128. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** A point in time, to the second: UTCTime until 2049, as X.509 demands, GeneralizedTime after. */
export function time(date: Date): Der {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:T]/g, "");
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 + bytes.length, ...bytes]);
}

function base128(arc: number): number[] {
  const bytes = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}
