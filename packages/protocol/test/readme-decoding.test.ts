import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";

test("the README's program that decodes a change prints what the README says", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const section = readme.slice(readme.indexOf("## Decode what pgoutput sends"));
  const [, program, output] = /```ts\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(section) ?? [];
  expect(program).toBe(await readFile(new URL("readme-decoding.ts", import.meta.url), "utf8"));
  const lines: unknown[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: unknown) => void lines.push(line));
  await import("./readme-decoding.ts");
  log.mockRestore();
  expect(`${lines.join("\n")}\n`).toBe(output);
});
