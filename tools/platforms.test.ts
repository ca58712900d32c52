import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const page = read("docs/platforms.md");
const testing = "packages/testing/src";

test("the page of platforms names every machine that there are binaries for", () => {
  const [, builds = ""] = /const builds[^{]*= \{([\s\S]*?)\n\};/.exec(read(`${testing}/embedded/machine.ts`)) ?? [];
  const architectures = [...builds.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  expect(architectures).toHaveLength(7);
  for (const name of architectures) expect(page).toMatch(new RegExp(`\\b${name}\\b`));
});

test("the error codes on the page of platforms exist, and so do the settings", () => {
  const [, table = ""] = /\| where \| `code`([\s\S]*?)\n\n/.exec(page) ?? [];
  const codes = [...table.matchAll(/^\| [^|]+ \| `(\w+)`/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(2);
  for (const code of codes) expect(read(`${testing}/errors.ts`)).toContain(`  ${code}:`);
  const settings = new Set(page.match(/TRUNKLINE_TEST_\w+/g));
  expect(settings.size).toBe(2);
  for (const name of settings) expect(read(`${testing}/start-postgres.ts`)).toContain(name);
});

test("the page of platforms has the lines of Node that CI runs, and a weight for every package", () => {
  const lines: number[] = parse(read(".github/workflows/ci.yml")).jobs.servers.strategy.matrix.node;
  for (const line of lines) expect(page).toMatch(new RegExp(`^\\| [^|]*\\b${line}\\b`, "m"));
  for (const folder of readdirSync(new URL("../packages", import.meta.url))) {
    expect(page).toMatch(new RegExp(`^@trunkline/${folder} +[\\d.]+ MB +\\d+ +\\d+ ms$`, "m"));
  }
});
