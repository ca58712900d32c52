import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quoteIdentifier, quoteLiteral, quoteSlotName } from "./quoting.ts";

const withCode = (code: string) => expect.objectContaining({ name: "ProtocolError", code });

/** Reads a quoted token as Postgres' scanner does: it ends at the first quote that is not doubled. */
function unquote(token: string, quote: string): { readonly text: string; readonly rest: string } {
  let text = "";
  let index = 1;
  while (token[index] !== quote || token[index + 1] === quote) {
    if (index >= token.length) throw new Error("never closed");
    if (token[index] === quote) index += 1;
    text += token[index];
    index += 1;
  }
  return { text, rest: token.slice(index + 1) };
}

const printable = fc.string({ unit: fc.constantFrom("a", "Z", '"', "'", "\\", " ", ",", ";", "-", "é", "🐘", "\n") });

test("whatever an identifier holds, the scanner reads it back whole and nothing after it", () => {
  fc.assert(
    fc.property(printable, (name) => {
      fc.pre(name !== "" && Buffer.byteLength(name) <= 63);
      expect(unquote(quoteIdentifier(name), '"')).toEqual({ text: name, rest: "" });
    }),
  );
});

test("whatever a string constant holds, the scanner reads it back whole and nothing after it", () => {
  fc.assert(
    fc.property(printable, (text) => {
      expect(unquote(quoteLiteral(text), "'")).toEqual({ text, rest: "" });
    }),
  );
});

describe("refused, because the server would read something else", () => {
  test.each(["a\0b", "\0"])("a zero byte: %j", (text) => {
    expect(() => quoteIdentifier(text)).toThrow(withCode("text_invalid"));
    expect(() => quoteLiteral(text)).toThrow(withCode("text_invalid"));
  });

  test.each(["\ud83d", "a\udc18b"])("half a surrogate pair: %j", (text) => {
    expect(() => quoteIdentifier(text)).toThrow(withCode("text_invalid"));
    expect(() => quoteLiteral(text)).toThrow(withCode("text_invalid"));
  });

  test("an empty identifier, and one of 64 bytes; 63 are fine", () => {
    expect(() => quoteIdentifier("")).toThrow(withCode("identifier_invalid"));
    expect(() => quoteIdentifier("x".repeat(64))).toThrow(withCode("identifier_invalid"));
    expect(() => quoteIdentifier(`${"é".repeat(31)}xx`)).toThrow(withCode("identifier_invalid"));
    expect(quoteIdentifier("x".repeat(63))).toBe(`"${"x".repeat(63)}"`);
    expect(quoteIdentifier(`${"é".repeat(31)}x`)).toBe(`"${"é".repeat(31)}x"`);
  });

  test("what is no string", () => {
    expect(() => quoteIdentifier(12 as unknown as string)).toThrow(withCode("text_invalid"));
    expect(() => quoteLiteral(undefined as unknown as string)).toThrow(withCode("text_invalid"));
  });
});

describe("slot names", () => {
  test.each(["a", "9", "_", "my_slot_1", "s".repeat(63)])("%j is one", (slot) => {
    expect(quoteSlotName(slot)).toBe(`"${slot}"`);
  });

  test.each(["", "My", "a-b", "a b", 'a"b', "a\0", "é", "a\n", "s".repeat(64)])("%j is none", (slot) => {
    expect(() => quoteSlotName(slot)).toThrow(withCode("identifier_invalid"));
  });

  test("nor is what is no string", () => {
    expect(() => quoteSlotName(undefined as unknown as string)).toThrow(withCode("identifier_invalid"));
  });
});
