import { ByteReader } from "../byte-reader.ts";

/** One tag-length-value of DER. `content` is a view; `end` is the offset behind it. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly end: number;
}

/**
 * Reads the element that begins at the offset.
 * @throws ProtocolError `message_truncated`, or `message_malformed` for a length that DER does not allow.
 * @see https://www.itu.int/rec/T-REC-X.690
 */
export function readDerElement(bytes: Uint8Array, offset: number): DerElement {
  const reader = new ByteReader(bytes, offset);
  const tag = reader.uint8();
  let length = reader.uint8();
  if (length >= 0x80) {
    const octets = length - 0x80;
    if (octets === 0 || octets > 4) throw reader.malformed(`A DER length of ${octets} octets`, reader.offset - 1);
    length = 0;
    for (const octet of reader.bytes(octets)) length = length * 256 + octet;
  }
  const content = reader.bytes(length);
  return { tag, content, end: reader.offset };
}

/** The dotted form of an object identifier. @throws ProtocolError `message_malformed` when the element is none. */
export function readDerOid({ tag, content }: DerElement): string {
  const reader = new ByteReader(content);
  if (tag !== 0x06 || content.length === 0) throw reader.malformed(`An element of tag ${tag} for an identifier`);
  const parts: number[] = [];
  let part = 0;
  for (const byte of content) {
    part = part * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(part);
      part = 0;
    }
  }
  const [first = 0, ...rest] = parts;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join(".");
}
