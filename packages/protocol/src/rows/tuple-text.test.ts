import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  insertMessage,
  relationMessage,
  type SyntheticValue,
  unchanged,
  updateMessage,
} from "../../test/synthetic-messages.ts";
import { createChangeDecoder } from "./change-decoder.ts";
import { unchangedToast } from "./row.ts";

const TEXT = 25;
const BYTEA = 17;

/** A decoder that knows a table of so many text columns; the last one is bytea. */
function decoderOf(columns: number) {
  const decoder = createChangeDecoder();
  const names = Array.from({ length: columns }, (_, index) => [`c${index}`, TEXT] as const);
  decoder.decode(relationMessage(1, [...names.slice(0, -1), ["raw", BYTEA]]));
  return decoder;
}

/** The values of the new row in `message`, in the columns' order. */
function valuesOf(decoder: ReturnType<typeof createChangeDecoder>, message: Buffer): unknown[] {
  const change = decoder.decode(message);
  return "new" in change ? Object.values(change.new) : [];
}

const ascii = (length: number): string => "abcdefghijklmnopqrstuvwxyz".repeat(20).slice(0, length);

/** Lengths about the borders: what is copied, what is long, what fills a run. */
const lengths = fc.constantFrom(0, 1, 2, 11, 12, 13, 14, 40, 100, 126, 127, 128, 129, 240, 251, 256, 257, 300);
const texts = fc.oneof(
  { weight: 4, arbitrary: lengths.map(ascii) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(lengths, fc.constantFrom("é", "€", "😀", "\ufffd", "\u0080"))
      .map(([length, odd]) => ascii(length) + odd),
  },
);
const values: fc.Arbitrary<string | null> = fc.oneof({ weight: 6, arbitrary: texts }, fc.constantFrom(null, unchanged));

function expected(value: SyntheticValue): unknown {
  if (value === unchanged) return unchangedToast;
  return typeof value === "string" ? Buffer.from(value).toString("utf8") : value;
}

describe("the text of a tuple's columns", () => {
  test("is each column's own, whatever stands beside it and whatever came before", () => {
    const rows = fc.array(fc.array(values, { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rows, (tuples) => {
        const decoder = decoderOf(6);
        for (const tuple of tuples) {
          const raw = Buffer.from([0xff, 0x74, 0]);
          expect(valuesOf(decoder, insertMessage(1, [...tuple, raw]))).toEqual([...tuple.map(expected), raw]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("of an old row is not mixed with that of the new one", () => {
    const decoder = decoderOf(3);
    const change = decoder.decode(updateMessage(1, ["O", ["old a", "old b", null]], ["new a", "new b", null]));
    expect(change).toMatchObject({
      old: { row: { c0: "old a", c1: "old b", raw: null } },
      new: { c0: "new a", c1: "new b", raw: null },
    });
  });

  test("that is no UTF-8 becomes U+FFFD as it does in a column alone", () => {
    const bytes = fc.uint8Array({ maxLength: 16 }).map((odd) => Buffer.from(odd));
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 3, maxLength: 3 }), (columns) => {
        const decoder = decoderOf(4);
        const message = insertMessage(1, ["", "", "", null]);
        const head = message.subarray(0, 8); // tag, relation, N, number of columns
        const tuple = columns.flatMap((column) => [Buffer.from([0x74, 0, 0, 0, column.length]), column]);
        const values = valuesOf(decoder, Buffer.concat([head, ...tuple, Buffer.from("n")]));
        expect(values).toEqual([...columns.map((column) => column.toString("utf8")), null]);
      }),
      { numRuns: 300 },
    );
  });

  test("is right again after many rows that were not ASCII", () => {
    const decoder = decoderOf(3);
    for (let row = 0; row < 1500; row++) {
      const odd = row % 600 === 0 ? "ü" : "u";
      expect(valuesOf(decoder, insertMessage(1, [`${odd}ber`, `row ${row}`, null]))).toEqual([
        `${odd}ber`,
        `row ${row}`,
        null,
      ]);
    }
  });
});
