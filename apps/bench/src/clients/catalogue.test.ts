import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";

test("every client has a program, and a name of its own", () => {
  const missing = catalogue.filter(({ program }) => !existsSync(new URL(`./${program}.ts`, import.meta.url)));
  expect(missing).toEqual([]);
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
});
