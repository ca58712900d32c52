import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { preparePassword } from "./prepare-password.ts";

const tablesAreLoaded = () =>
  Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("saslprep"));

test("SASLprep's tables are loaded by the first password that needs them, and by none of printable ASCII", async () => {
  const ascii = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index));
  expect(await preparePassword(ascii)).toBe(ascii);
  expect(await preparePassword("")).toBe("");
  expect(tablesAreLoaded()).toBe(false);
  expect(await preparePassword("ｐen\u00adcil")).toBe("pencil");
  expect(tablesAreLoaded()).toBe(true);
});

test.each(["pen\u0007cil", "\u007f", "a\u0627b", "\u00ad"])(
  "%j, which SASLprep forbids or empties, stays",
  async (password) => {
    expect(await preparePassword(password)).toBe(password);
  },
);
