import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { removeOrphans } from "./orphans.ts";

test("a process that has come by a dead postmaster's id is left alone", async () => {
  const instances = await mkdtemp(join(tmpdir(), "orphans-"));
  const keeper = spawnSync(process.execPath, ["--version"]).pid;
  const directory = join(instances, `${keeper}-abcdef`);
  const data = join(directory, "data");
  const bystander = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
  const ended = once(bystander, "exit");
  onTestFinished(() => void bystander.kill("SIGKILL"));
  await mkdir(data, { recursive: true });
  await writeFile(join(data, "postmaster.pid"), `${bystander.pid}\n${data}\n`);

  await removeOrphans(instances);

  expect(existsSync(directory)).toBe(false);
  bystander.kill("SIGTERM"); // of two signals that wait, the lower number, SIGQUIT, would come first
  await ended;
  expect(bystander.signalCode).toBe("SIGTERM");
});
