import { binaryArrayOf } from "./array-binary.ts";
import { arrayOf } from "./array-text.ts";
import { defaultBinaryParser, jsonbText, utf8Text } from "./binary-parsers.ts";
import { asText, parseBool, parseBytea, parseFloating, parseInt8, parseInteger, parseJson } from "./text-parsers.ts";
import { arrayTypes, typeOid } from "./type-oids.ts";
import type { BinaryParser, TextParser, TypeOverrides, TypeParsers } from "./type-parsers.ts";

const scalars: ReadonlyMap<number, TextParser> = new Map<number, TextParser>([
  [typeOid.bool, parseBool],
  [typeOid.int2, parseInteger],
  [typeOid.int4, parseInteger],
  [typeOid.oid, parseInteger],
  [typeOid.int8, parseInt8],
  [typeOid.float4, parseFloating],
  [typeOid.float8, parseFloating],
  [typeOid.bytea, parseBytea],
  [typeOid.json, parseJson],
  [typeOid.jsonb, parseJson],
]);

const arrays: ReadonlyMap<number, TextParser> = new Map<number, TextParser>(
  arrayTypes.map(([element, array]) => [
    array,
    arrayOf(scalars.get(element) ?? asText, element === typeOid.box ? ";" : ","),
  ]),
);

/**
 * Values that lose nothing: `bool` is a boolean; `int2`, `int4`, `oid`, `float4` and `float8` are numbers; `int8` is a
 * bigint; `bytea` is a Buffer of its own; `json` and `jsonb` are parsed; arrays of built-in types are arrays, with SQL
 * nulls as `null`. All else is the text the server sent: `numeric`, `date`, `time`, `timestamp`, `timestamptz` (see
 * `asDate` and `asEpochMicros`), `interval`, `money`, geometry, ranges, composites, enums, domains, and their arrays.
 *
 * The binary form gives the same values where it can be told exactly; else the bytes.
 */
export const defaultTypes: TypeParsers = { getTypeParser: defaultParser };

/** For {@link overrideTypes}: `json` and `jsonb` stay JSON text, which keeps big numbers, repeated keys and key order. */
export const jsonText: TypeOverrides = {
  [typeOid.json]: { text: asText, binary: utf8Text },
  [typeOid.jsonb]: { text: asText, binary: jsonbText },
  [arrayTypeOf(typeOid.json)]: { text: arrayOf(asText), binary: binaryArrayOf(utf8Text) },
  [arrayTypeOf(typeOid.jsonb)]: { text: arrayOf(asText), binary: binaryArrayOf(jsonbText) },
};

function defaultParser(oid: number, format: "text"): TextParser;
function defaultParser(oid: number, format: "binary"): BinaryParser;
function defaultParser(oid: number, format: "text" | "binary"): TextParser | BinaryParser {
  return format === "text" ? (scalars.get(oid) ?? arrays.get(oid) ?? asText) : defaultBinaryParser(oid);
}

function arrayTypeOf(element: number): number {
  return arrayTypes.find(([oid]) => oid === element)?.[1] ?? 0;
}
