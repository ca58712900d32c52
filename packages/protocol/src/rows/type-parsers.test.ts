import * as pgTypes from "pg-types";
import { describe, expect, test } from "vitest";
import { insertMessage, relationMessage } from "../../test/synthetic-messages.ts";
import { createChangeDecoder } from "./change-decoder.ts";
import { defaultTypes, jsonText } from "./default-types.ts";
import { nodePostgresTypes } from "./node-postgres-types.ts";
import type { Row } from "./row.ts";
import { asDate } from "./timestamp-text.ts";
import { overrideTypes, type TypeParsers } from "./type-parsers.ts";

/** The row that a value of each type becomes; `[type, text or binary form]` for each column. */
function rowOf(types: TypeParsers, values: readonly (readonly [typeOid: number, value: string | Uint8Array])[]): Row {
  const decoder = createChangeDecoder({ types });
  decoder.decode(
    relationMessage(
      1,
      values.map(([oid], index) => [`c${index}`, oid]),
    ),
  );
  const message = decoder.decode(
    insertMessage(
      1,
      values.map(([, value]) => value),
    ),
  );
  if (message.kind !== "insert") throw new Error(message.kind);
  return message.new;
}

describe("types", () => {
  test.each([
    ["pg-types", pgTypes],
    ["nodePostgresTypes", nodePostgresTypes],
  ])("of node-postgres (%s) fit as they are, and rows then have its values", (_name, types) => {
    const row = rowOf(types, [
      [20, "9007199254740993"],
      [1184, "2026-11-22 10:11:12.5+00"],
      [600, "(1,2)"],
      [23, "7"],
    ]);
    expect(row).toEqual({
      c0: "9007199254740993",
      c1: new Date("2026-11-22T10:11:12.500Z"),
      c2: { x: 1, y: 2 },
      c3: 7,
    });
  });

  test("can be overridden one by one, others staying as they were", () => {
    const types = overrideTypes(defaultTypes, { 20: Number, 1184: asDate });
    expect(
      rowOf(types, [
        [20, "5"],
        [1184, "2026-11-22 00:00:00+00"],
        [23, "7"],
      ]),
    ).toEqual({
      c0: 5,
      c1: new Date("2026-11-22"),
      c2: 7,
    });
  });

  test("overridden for the text form keep the default for the binary one", () => {
    const types = overrideTypes(defaultTypes, { 23: (text) => `<${text}>` });
    expect(
      rowOf(types, [
        [23, "7"],
        [23, Buffer.from([0, 0, 0, 8])],
      ]),
    ).toEqual({ c0: "<7>", c1: 8 });
  });

  test("can be overridden for the binary form", () => {
    const types = overrideTypes(defaultTypes, { 600: { binary: (bytes) => bytes.readDoubleBE(8) } });
    const point = Buffer.alloc(16);
    point.writeDoubleBE(-2, 8);
    expect(
      rowOf(types, [
        [600, point],
        [600, "(1,-2)"],
      ]),
    ).toEqual({ c0: -2, c1: "(1,-2)" });
  });

  test("are asked once for each column of a Relation, not for values", () => {
    const asked: string[] = [];
    function getTypeParser(oid: number, format: "text" | "binary"): (value: unknown) => unknown {
      asked.push(`${oid} ${format}`);
      return String;
    }
    const decoder = createChangeDecoder({ types: { getTypeParser } });
    decoder.decode(relationMessage(1, [["a", 23]]));
    for (let row = 0; row < 3; row++) decoder.decode(insertMessage(1, ["1"]));
    expect(asked.sort()).toEqual(["23 binary", "23 text"]);
  });

  test("with jsonText leave JSON as the server wrote it, in arrays and in binary form too", () => {
    const types = overrideTypes(defaultTypes, jsonText);
    const json = '{"b":1,  "b":12345678901234567890}';
    expect(
      rowOf(types, [
        [114, json],
        [3802, "null"],
        [199, '{"{\\"a\\": 1}",NULL}'],
        [114, Buffer.from(json)],
        [3802, Buffer.from("\x01null")],
      ]),
    ).toEqual({ c0: json, c1: "null", c2: ['{"a": 1}', null], c3: json, c4: "null" });
  });
});
