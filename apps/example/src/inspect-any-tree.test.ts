import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the inspector serves the page of a tree with nothing else of ours in it, and lets the program end", async () => {
  const program = fileURLToPath(new URL("inspect-any-tree.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=@trunkline/source", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    expect(line).toMatch(/^inspector listening on http:\/\/127\.0\.0\.1:\d+\/\?token=\S+$/);
    const response = await fetch(line.split(" ").at(-1) ?? "");
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});
