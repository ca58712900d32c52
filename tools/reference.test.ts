import { expect, test } from "vitest";
import { readProject } from "./reference/read-project.ts";
import { undocumented } from "./reference/undocumented.ts";

test("an exported name, a method and an option without a docstring are found, and nothing else", async () => {
  const folder = "tools/fixtures/undocumented";
  const { project } = await readProject({ entryPoints: [`${folder}/index.ts`], tsconfig: `${folder}/tsconfig.json` });
  expect(undocumented(project)).toEqual(["Half.go", "HalfOptions.retries", "bare"]);
});
