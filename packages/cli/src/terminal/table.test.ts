import { expect, test } from "vitest";
import { coloursFor } from "./colours.ts";
import { table } from "./table.ts";

test("columns are as wide as their widest cell, and lines have no space at their ends", () => {
  expect(
    table(
      [{ title: "SLOT" }, { title: "LAG", align: "right" }, { title: "X" }],
      [
        ["a", "1 B", ""],
        ["longer", "10 B", "y"],
      ],
    ),
  ).toBe(["SLOT     LAG  X", "a        1 B", "longer  10 B  y"].join("\n"));
});

test("colours show on a terminal alone, and not with NO_COLOR or a dumb one", () => {
  const red = (isTTY: boolean, environment: Record<string, string>) => coloursFor({ isTTY }, environment).red("x");
  expect(red(true, {})).toBe("\u001b[31mx\u001b[39m");
  expect([red(false, {}), red(true, { NO_COLOR: "1" }), red(true, { TERM: "dumb" })]).toEqual(["x", "x", "x"]);
});
