import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asText, parseBool, parseBytea, parseFloating, parseInt8, parseInteger, parseJson } from "./text-parsers.ts";
import { textReader } from "./text-readers.ts";
import { createTupleText } from "./tuple-text.ts";
import type { TextParser } from "./type-parsers.ts";

/** Reads the text from the middle of a larger buffer. */
function read(parser: TextParser, text: string): unknown {
  const bytes = Buffer.from(`99${text}99`);
  return textReader(parser, createTupleText())(bytes, 2, bytes.length - 2);
}

/** What a call gives: its value, or the code or name of the error it throws. */
function outcome(call: () => unknown): unknown {
  try {
    return { value: call() };
  } catch (error) {
    return error instanceof Error ? ("code" in error ? error.code : error.name) : error;
  }
}

const inputs: readonly (readonly [name: string, parser: TextParser, texts: fc.Arbitrary<string>])[] = [
  ["text", asText, fc.string({ unit: "binary" })],
  ["bool", parseBool, fc.constantFrom("t", "f", "", "x", "tt", "true")],
  ["int4", parseInteger, fc.integer().map(String)],
  ["int4 of any length, or none", parseInteger, fc.stringMatching(/^-?[0-9a ]{0,17}$/)],
  ["int8", parseInt8, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  ["int8 of any length", parseInt8, fc.stringMatching(/^-?[0-9]{0,19}$/)],
  ["int8 that is none", parseInt8, fc.stringMatching(/^-?[0-9a ]{0,4}$/)],
  ["float8", parseFloating, fc.double().map(String)],
  ["json", parseJson, fc.json()],
  ["bytea", parseBytea, fc.uint8Array().map((bytes) => `\\x${Buffer.from(bytes).toString("hex")}`)],
  ["bytea of either form, or none", parseBytea, fc.stringMatching(/^\\\\x[0-9a-gA-F]{0,4}$|^[a\\\\0-7]{0,8}$/)],
];

describe("the reader of a default parser", () => {
  test.each(inputs)("%s gives what the parser gives", (_name, parser, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(outcome(() => read(parser, text))).toEqual(outcome(() => parser(text)));
      }),
    );
  });

  test("is that of a parser it does not know: the parser gets the text", () => {
    expect(read((text) => `<${text}>`, "é")).toBe("<é>");
  });
});

describe("default parsers", () => {
  test.each([
    ["9223372036854775807", 9223372036854775807n],
    ["-9223372036854775808", -9223372036854775808n],
    ["999999999999999", 999999999999999n],
    ["1000000000000000", 1000000000000000n],
    ["0", 0n],
  ])("int8 %s is exact", (text, value) => {
    expect(read(parseInt8, text)).toBe(value);
  });

  test.each(["", "-", "+1", "1.5", "0x10", " 1", "1n"])("int4 and int8 refuse %s", (text) => {
    expect(outcome(() => read(parseInteger, text))).toBe("value_malformed");
    expect(outcome(() => read(parseInt8, text))).toBe("value_malformed");
  });

  test.each([
    ["Infinity", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["NaN", Number.NaN],
    ["-0", -0],
    ["1e+15", 1e15],
    ["1e-05", 0.00001],
  ])("floating %s", (text, value) => {
    expect(parseFloating(text)).toBe(value);
  });

  test.each(["", "abc", "infinity"])("floating refuses %s", (text) => {
    expect(outcome(() => parseFloating(text))).toBe("value_malformed");
  });

  test("bytea reads both of the server's forms", () => {
    expect(parseBytea("\\x00ff41")).toEqual(Buffer.from([0, 255, 65]));
    expect(parseBytea("\\x")).toEqual(Buffer.alloc(0));
    expect(parseBytea("a\\000\\377\\\\b")).toEqual(Buffer.from([97, 0, 255, 92, 98]));
  });

  test.each(["\\x0", "\\xzz", "a\\", "a\\9", "a\\400"])("bytea refuses %s", (text) => {
    expect(outcome(() => parseBytea(text))).toBe("value_malformed");
  });
});
