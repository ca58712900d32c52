import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { tutorialUrl } from "./follow.ts";
import { Placeholders } from "./placeholders.ts";
import { readSteps } from "./read-steps.ts";
import { Terminal } from "./terminal.ts";

const terminal = (placeholders = new Placeholders()): Terminal =>
  new Terminal({ cwd: () => process.cwd(), env: process.env, placeholders });

test("fences that name a file or a terminal are steps, others are not", () => {
  const page =
    "```js a.js\n1;\n```\n```sh terminal 2\ncd x\nls\n```\n```ts\nno\n```\n```text terminal 2\n^C\nbye\n```\n";
  expect(readSteps(page)).toEqual([
    { type: "file", name: "a.js", text: "1;\n" },
    { type: "command", terminal: 2, line: "cd x" },
    { type: "command", terminal: 2, line: "ls" },
    { type: "interrupt", terminal: 2 },
    { type: "output", terminal: 2, lines: ["bye"] },
  ]);
});

test("the tutorial has its three files, and every block of it is a step", async () => {
  const page = await readFile(tutorialUrl, "utf8");
  const files = readSteps(page).flatMap((step) => (step.type === "file" ? [step.name] : []));
  expect(files).toEqual(["postgres.js", "sql.js", "app.js"]);
  expect([...page.matchAll(/^```(\w*)$/gm)].filter(([, language]) => language !== "")).toEqual([]);
});

test("what is learned from a line is filled into a command", async () => {
  const one = terminal();
  await one.type("echo process 7 waits");
  await one.shows(["process <pid> waits"]);
  await one.type("echo kill <pid>");
  await one.shows(["kill 7"]);
});

test("a line that differs from the page fails, and so do a missing one and a command that fails", async () => {
  const one = terminal();
  await one.type("printf 'a\\nb\\n'");
  await one.shows(["…", "b"]);
  await one.type("echo a");
  await expect(one.shows(["b"])).rejects.toThrow("Expected the line\n  b");
  await one.type("echo a");
  await expect(one.shows(["a", "b"])).rejects.toThrow("Expected the line\n  b");
  await one.type("false");
  await expect(one.ended()).rejects.toThrow("It ended with 1");
});
