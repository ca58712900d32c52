import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";

const lsn = /\b[0-9A-F]+\/[0-9A-F]+\b/g;

test("progress.ts answers calls while it streams, prints what the README says, and is the README's program", async () => {
  const readme = await readFile(new URL("../../../packages/replication/README.md", import.meta.url), "utf8");
  const program = await readFile(new URL("progress.ts", import.meta.url), "utf8");
  const after = readme.split(`\`\`\`ts\n${program}\`\`\`\n`)[1];
  const [, output] = /^\s*```text\n(.*?)```/s.exec(after ?? "") ?? [];
  const lines: unknown[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: unknown) => void lines.push(line));
  await import("./progress.ts");
  log.mockRestore();
  expect(lines).toEqual(["0 changes, no commit yet", expect.stringMatching(/^1010 changes, committed up to .+\/.+$/)]);
  expect(`${lines.join("\n")}\n`.replaceAll(lsn, "LSN")).toBe(output?.replaceAll(lsn, "LSN"));
});
