import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { connectionOptionNames } from "./parse-options.ts";

const page = readFileSync(new URL("../../../../docs/reference/connection-options.md", import.meta.url), "utf8");

test("the page of connection options has a row for every option, and for nothing else", () => {
  const [table = ""] = page.split("\n## ");
  const rows = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows.toSorted()).toEqual([...connectionOptionNames].sort());
});
