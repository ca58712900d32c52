import fc from "fast-check";
import { expect, test } from "vitest";
import { shortText } from "./short-text.ts";

test("a short text is what toString makes of the same bytes, at every length", () => {
  for (let length = 0; length <= 20; length++) {
    const bytes = Buffer.from(`<${"abcdefghijklmnopqrstuvwxyz".slice(0, length)}>`);
    expect(shortText(bytes, 1, bytes.length - 1)).toBe(bytes.toString("utf8", 1, bytes.length - 1));
  }
});

test("a short text of any bytes is what toString makes of them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 14 }), fc.nat(3), (odd, from) => {
      const bytes = Buffer.concat([Buffer.from("xyz").subarray(0, from), odd, Buffer.from("end")]);
      expect(shortText(bytes, from, from + odd.length)).toBe(Buffer.from(odd).toString("utf8"));
    }),
    { numRuns: 300 },
  );
});
