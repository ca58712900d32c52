import { ByteReader } from "../byte-reader.ts";
import type { BinaryParser } from "./type-parsers.ts";

/** A parser for binary arrays whose elements `element` parses; the same value as the text form gives. */
export function binaryArrayOf(element: BinaryParser): BinaryParser {
  return (bytes) => {
    const reader = new ByteReader(bytes);
    const dimensions = reader.uint32();
    if (dimensions > 6) throw reader.malformed(`An array of ${dimensions} dimensions`);
    reader.uint32(); // whether there are nulls: each element says so itself
    reader.uint32(); // the elements' type
    const lengths: number[] = [];
    for (let index = 0; index < dimensions; index++) {
      lengths.push(reader.uint32());
      reader.int32(); // the lower bound
    }
    const value = dimensions === 0 ? [] : readDimension(reader, lengths, 0, element);
    reader.end();
    return value;
  };
}

function readDimension(
  reader: ByteReader,
  lengths: readonly number[],
  dimension: number,
  element: BinaryParser,
): unknown[] {
  const values: unknown[] = [];
  const length = lengths[dimension] ?? 0;
  if (length === 0) throw reader.malformed("An array dimension of length 0");
  for (let index = 0; index < length; index++) {
    if (dimension + 1 < lengths.length) values.push(readDimension(reader, lengths, dimension + 1, element));
    else values.push(readElement(reader, element));
  }
  return values;
}

function readElement(reader: ByteReader, element: BinaryParser): unknown {
  const length = reader.int32();
  return length === -1 ? null : element(reader.bytes(length));
}
