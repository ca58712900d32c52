import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { expect, test, vi } from "vitest";

test("the program that opens the README prints what the README says", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const [, program, output] = /```ts\n(.*?)```.*?```text\n(.*?)```/s.exec(readme) ?? [];
  expect(program).toBe(await readFile(new URL("readme.ts", import.meta.url), "utf8"));
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words: unknown[]) => {
    lines.push(words.map((word) => (typeof word === "string" ? word : inspect(word))).join(" "));
  });
  const report = vi.spyOn(console, "error").mockImplementation(() => {}); // the loss is logged
  await import("./readme.ts");
  log.mockRestore();
  report.mockRestore();
  expect(`${lines.join("\n")}\n`).toBe(output);
});
