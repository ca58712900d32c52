import { describe, expect, test } from "vitest";
import { fillUnchangedToast, type Row, unchangedToast } from "./row.ts";

describe("fillUnchangedToast", () => {
  test("takes what was not sent from the old row, and nothing else", () => {
    const row: Row = { id: 2, big: unchangedToast, word: null };
    expect(fillUnchangedToast(row, { id: 1, big: "long", word: "old" })).toEqual({ id: 2, big: "long", word: null });
    expect(row["big"]).toBe(unchangedToast);
  });

  test("leaves what the old row does not have", () => {
    expect(fillUnchangedToast({ id: 1, toString: unchangedToast }, { id: 1 })).toEqual({
      id: 1,
      toString: unchangedToast,
    });
  });

  test("answers with the same row when it is complete", () => {
    const row = { id: 1 };
    expect(fillUnchangedToast(row, { id: 2 })).toBe(row);
  });

  test("fills a column that is called __proto__ without touching the prototype", () => {
    const filled = fillUnchangedToast(own("__proto__", unchangedToast), own("__proto__", { evil: true }));
    expect(Object.getPrototypeOf(filled)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(filled, "__proto__")?.value).toEqual({ evil: true });
  });
});

function own(name: string, value: unknown): Row {
  return Object.defineProperty({}, name, { value, enumerable: true, configurable: true, writable: true });
}
