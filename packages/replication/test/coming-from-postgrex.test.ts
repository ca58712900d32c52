import { readFileSync } from "node:fs";
import * as kernel from "@trunkline/process";
import * as protocol from "@trunkline/protocol";
import { expect, test } from "vitest";
import * as replication from "../src/index.ts";
import { replicationOptionNames } from "../src/options/parse-replication-options.ts";

const page = readFileSync(new URL("../../../docs/coming-from-postgrex.md", import.meta.url), "utf8");

/** The right-hand cells of the table under a heading. */
function rightCells(heading: string): string[] {
  const [, after = ""] = page.split(`\n## ${heading}\n`);
  const [section = ""] = after.split("\n## ");
  const rows = section.split("\n").filter((line) => /^\| (?!-)/.test(line));
  return rows.slice(1).map((row) => row.split(" | ").at(-1) ?? "");
}

const callbacks = ["init", "handleConnect", "handleDisconnect", "handleData", "handleInfo", "handleCall"];
const known = new Set([
  ...Object.keys({ ...kernel, ...protocol, ...replication }),
  ...replicationOptionNames,
  ...[...callbacks, "handleResult", "handleStreamStart"],
  ...["childSpec", "startLink", "define", "getState", "suspend"],
]);

test.each(["Names", "Returns"])("every function that the table of %s leads to exists", (heading) => {
  const cells = rightCells(heading);
  const functions = cells.flatMap((cell) => [...cell.matchAll(/(\w+)\(/g)].map(([, name]) => name ?? ""));
  expect(functions.length).toBeGreaterThan(8);
  expect(functions.filter((name) => !known.has(name))).toEqual([]);
});

test("the table of returns leads to every instruction", () => {
  const cells = rightCells("Returns").join();
  for (const name of ["noreply", "query", "stream", "stopStream", "pause", "resume", "disconnect", "stop", "ignore"]) {
    expect(cells).toContain(`\`${name}(`);
  }
});

test("the options that the page names exist", () => {
  const section = page.split("\n## What to change in a module you port\n")[1] ?? "";
  for (const [, name = ""] of section.matchAll(/`(\w+): (?!:)/g)) expect(replicationOptionNames).toContain(name);
});
