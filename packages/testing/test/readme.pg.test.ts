import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";

test("the program that opens the README prints what the README says", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const [, program, output] = /```ts\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(program).toBe(await readFile(new URL("readme.ts", import.meta.url), "utf8"));
  const lines: unknown[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: unknown) => void lines.push(line));
  await import("./readme.ts");
  log.mockRestore();
  expect(`${lines.join("\n")}\n`).toBe(output);
});
