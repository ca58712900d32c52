import { ByteReader } from "../byte-reader.ts";
import { formatLsn } from "../lsn.ts";
import { binaryArrayOf } from "./array-binary.ts";
import { numericText } from "./numeric-binary.ts";
import { parseJson } from "./text-parsers.ts";
import { dateText, timestampText, timestamptzText, timeText, timetzText } from "./timestamp-binary.ts";
import { arrayTypes, typeOid } from "./type-oids.ts";
import type { BinaryParser } from "./type-parsers.ts";

/**
 * The parsers of the binary form (option `binary 'true'`) that give the same value as the text form does under
 * `DateStyle = ISO` and `TimeZone = UTC`. For other types {@link copyBytes}.
 */
export function defaultBinaryParser(oid: number): BinaryParser {
  return parsers.get(oid) ?? copyBytes;
}

/** The bytes as the type's send function wrote them, as a copy. */
export function copyBytes(bytes: Buffer): Uint8Array {
  return Uint8Array.from(bytes);
}

/** The JSON text of a binary jsonb, which bears its version, 1, in front. */
export function jsonbText(bytes: Buffer): string {
  const reader = new ByteReader(bytes);
  const version = reader.uint8();
  if (version !== 1) throw reader.malformed(`A jsonb of version ${version}`, 0);
  return reader.string(reader.remaining);
}

export function utf8Text(bytes: Buffer): string {
  return bytes.toString("utf8");
}

/** Reads the whole value by `read`; a value of another length is malformed. */
function whole(read: (reader: ByteReader) => unknown): BinaryParser {
  return (bytes) => {
    const reader = new ByteReader(bytes);
    const value = read(reader);
    reader.end();
    return value;
  };
}

function readBool(reader: ByteReader): boolean {
  const value = reader.uint8();
  if (value > 1) throw reader.malformed(`A bool of ${value}`, 0);
  return value === 1;
}

/** The shortest decimal that is this float4, as in the text form: 0.1, not 0.10000000149011612. */
function readFloat4(reader: ByteReader): number {
  const value = reader.bytes(4).readFloatBE(0);
  if (value === 0) return value; // toPrecision would lose the sign of -0
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

function readUuid(reader: ByteReader): string {
  return reader
    .bytes(16)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const scalars: readonly (readonly [number, BinaryParser])[] = [
  [typeOid.bool, whole(readBool)],
  [typeOid.bytea, copyOfBytea],
  [typeOid.char, utf8Text],
  [typeOid.name, utf8Text],
  [typeOid.int8, whole((reader) => reader.int64())],
  [typeOid.int2, whole((reader) => reader.int16())],
  [typeOid.int4, whole((reader) => reader.int32())],
  [typeOid.text, utf8Text],
  [typeOid.oid, whole((reader) => reader.uint32())],
  [typeOid.json, (bytes) => parseJson(utf8Text(bytes))],
  [typeOid.xml, utf8Text],
  [typeOid.float4, whole(readFloat4)],
  [typeOid.float8, whole((reader) => reader.bytes(8).readDoubleBE(0))],
  [typeOid.bpchar, utf8Text],
  [typeOid.varchar, utf8Text],
  [typeOid.date, whole(dateText)],
  [typeOid.time, whole(timeText)],
  [typeOid.timestamp, whole(timestampText)],
  [typeOid.timestamptz, whole(timestamptzText)],
  [typeOid.timetz, whole(timetzText)],
  [typeOid.numeric, whole(numericText)],
  [typeOid.uuid, whole(readUuid)],
  [typeOid.pg_lsn, whole((reader) => formatLsn(reader.uint64()))],
  [typeOid.jsonb, (bytes) => parseJson(jsonbText(bytes))],
];

function copyOfBytea(bytes: Buffer): Buffer {
  return Buffer.from(bytes);
}

const parsers: ReadonlyMap<number, BinaryParser> = new Map([
  ...scalars,
  ...arrayTypes.flatMap(([element, array]): [number, BinaryParser][] => {
    const scalar = scalars.find(([oid]) => oid === element);
    return scalar === undefined ? [] : [[array, binaryArrayOf(scalar[1])]];
  }),
]);
