import fc from "fast-check";
import { expect, test } from "vitest";
import { copyRowReader, unescapeCopy } from "./copy-text.ts";

const TEXT = 25;
const written: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

/** What the server does to a value. */
const escaped = (text: string): string => text.replaceAll(/[\b\f\n\r\t\v\\]/g, (character) => written[character] ?? "");
const line = (values: readonly (string | null)[]): Buffer =>
  Buffer.from(`${values.map((value) => (value === null ? "\\N" : escaped(value))).join("\t")}\n`);
const columnsOf = (values: readonly unknown[]) => values.map((_, index) => ({ name: `c${index}`, typeOid: TEXT }));

test("values are parsed by their types, in the table's order, and NULL is null", () => {
  const read = copyRowReader([
    { name: "id", typeOid: 20 },
    { name: "note", typeOid: TEXT },
    { name: "flags", typeOid: 1000 },
    { name: "gone", typeOid: 20 },
  ]);
  const row = read(Buffer.from("9007199254740993\ta\\tb\\\\N\t{t,NULL}\t\\N\n"));
  expect(row).toEqual({ id: 9007199254740993n, note: "a\tb\\N", flags: [true, null], gone: null });
  expect(Object.keys(row)).toEqual(["id", "note", "flags", "gone"]);
});

test("the text \\N is not NULL, nor is the empty text", () => {
  expect(copyRowReader(columnsOf([1, 2]))(line(["\\N", ""]))).toEqual({ c0: "\\N", c1: "" });
});

test("whatever a value holds comes back", () => {
  const text = fc.string({ unit: "binary" }).filter((value) => !value.includes("\0"));
  const special = fc.string({ unit: fc.constantFrom(..."\b\f\n\r\t\v\\Nx.,é🙂") });
  const value = fc.option(fc.oneof(text, special));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
      const row = copyRowReader(columnsOf(values))(line(values));
      expect(Object.values(row)).toEqual(values);
    }),
    { numRuns: 50 },
  );
});

test("a row with more or fewer columns than its table is refused", () => {
  const read = copyRowReader(columnsOf([1, 2]));
  for (const bad of ["a\n", "a\tb\tc\n", "\n"]) {
    expect(() => read(Buffer.from(bad)), bad).toThrow(expect.objectContaining({ code: "copy_malformed" }));
  }
});

test("a table without columns has rows without values", () => {
  expect(copyRowReader([])(Buffer.from("\n"))).toEqual({});
});

test("escapes that the server does not write are refused", () => {
  for (const bad of ["\\x41", "\\101", "\\.", "\\", "a\\Nb"]) {
    expect(() => unescapeCopy(bad), bad).toThrow(expect.objectContaining({ code: "copy_malformed" }));
  }
});

test("a value that its parser refuses is told with its column", () => {
  const read = copyRowReader([{ name: "tags", typeOid: 1009 }]);
  expect(() => read(Buffer.from("{a\n"))).toThrow(/The value of tags could not be parsed/);
});

test("a column called __proto__ is a column", () => {
  const row = copyRowReader([{ name: "__proto__", typeOid: TEXT }])(line(["x"]));
  expect(Object.getOwnPropertyDescriptor(row, "__proto__")?.value).toBe("x");
});
