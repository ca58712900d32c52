import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";

interface Row {
  readonly rule: string;
  readonly status: "holds" | "differs" | "n/a";
  readonly note?: string;
}

const root = new URL("../", import.meta.url);

async function rulesOfTests(): Promise<Set<string>> {
  const names = await readdir(root, { recursive: true });
  const files = names.filter((name) => name.endsWith(".test.ts") && !name.includes("node_modules"));
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, root), "utf8")));
  const rules = texts.flatMap((text) =>
    [...text.matchAll(/\btest\(\s*"((?:S\d+(?:, )?)+):/g)].map((match) => match[1] ?? ""),
  );
  return new Set(rules.flatMap((list) => list.split(", ")));
}

test("every rule of the kernel that holds or differs has a test whose name begins with it, and every other a reason", async () => {
  const rows: readonly Row[] = JSON.parse(await readFile(new URL("conformance.json", root), "utf8"));
  const tested = await rulesOfTests();
  const untested = rows.filter(({ rule, status }) => status !== "n/a" && !tested.has(rule)).map(({ rule }) => rule);
  expect(untested).toEqual([]);
  expect(rows.filter(({ status, note }) => status !== "holds" && note === undefined)).toEqual([]);
  expect(rows.map(({ rule }) => Number(rule.slice(1)))).toEqual([
    ...Array.from({ length: 32 }, (_, index) => index + 1),
    ...Array.from({ length: 70 }, (_, index) => index + 126),
  ]);
});
