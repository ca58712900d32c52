import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { expect, test, vi } from "vitest";

const read = (name: string) => readFile(new URL(name, import.meta.url), "utf8");

/** The text between fences, in order. */
const blocks = (markdown: string) => [...markdown.matchAll(/^```\w*\n(.*?)^```$/gms)].map((match) => match[1]);

test("the README opens with the program in readme-example.ts, and its output is what the README says", async () => {
  const [program, output] = blocks(await read("../README.md"));
  expect(program).toBe(await read("./readme-example.ts"));
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...words) => {
    lines.push(words.map((word) => (typeof word === "string" ? word : inspect(word))).join(" "));
  });
  await import("./readme-example.ts");
  log.mockRestore();
  expect(`${lines.join("\n")}\n`).toBe(output);
});
