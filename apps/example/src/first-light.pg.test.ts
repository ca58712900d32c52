import { readFile } from "node:fs/promises";
import { format } from "node:util";
import { expect, test, vi } from "vitest";

test("the program in the README is first-light.ts and prints what the README says", async () => {
  const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
  const [, program, output] =
    /```ts\n(import \{ exited \}[\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(program).toBe(await readFile(new URL("first-light.ts", import.meta.url), "utf8"));
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...data: unknown[]) => {
    lines.push(format(...data));
  });
  const expected = (output ?? "").trimEnd().split("\n");
  await import("./first-light.ts");
  await vi.waitUntil(() => lines.length >= expected.length, { timeout: 10_000 });
  log.mockRestore();
  expect(lines).toEqual(expected);
});
