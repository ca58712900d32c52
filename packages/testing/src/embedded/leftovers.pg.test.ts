import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startPostgres } from "../start-postgres.ts";
import { isAlive } from "./cache.ts";

test("SIGKILL of the program leaves neither postmaster nor directory", async () => {
  const { program, postmaster, directory } = await startProgram("start-and-wait.ts");
  program.kill("SIGKILL");
  await removed(directory);
  expect(isAlive(postmaster)).toBe(false);
});

test("Ctrl-C leaves neither postmaster nor directory", async () => {
  const { program, postmaster, directory } = await startProgram("start-and-wait.ts");
  process.kill(-(program.pid ?? 0), "SIGINT"); // as a terminal does: to the whole process group
  await removed(directory);
  expect(isAlive(postmaster)).toBe(false);
});

test("a program that comes to its end is not held up by its server, which goes with it", async () => {
  const { program, directory } = await startProgram("start-and-return.ts");
  if (program.exitCode === null) await once(program, "exit");
  expect(program.exitCode).toBe(0);
  await removed(directory);
});

test("the keeper outlives a signal that asks everybody to end", async () => {
  await using server = await startPostgres({ settings: {} });
  await using client = await server.client();
  const keeper = Number.parseInt(basename(server.socketDir ?? ""), 10);
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) process.kill(keeper, signal);
  await server.reload({ work_mem: "5MB" }); // goes by way of the keeper
  expect((await client.query("SELECT 1 AS n")).rows).toEqual([{ n: 1 }]);
});

test("a server whose keeper was killed as well is removed by the next start", async () => {
  const { program, postmaster, directory } = await startProgram("start-and-wait.ts");
  const keeper = Number.parseInt(basename(directory), 10);
  process.kill(keeper, "SIGKILL");
  program.kill("SIGKILL");
  await Promise.all([ended(keeper), once(program, "exit")]);
  expect(existsSync(directory)).toBe(true);
  await using _ = await startPostgres({ settings: {} });
  expect(existsSync(directory)).toBe(false);
  await ended(postmaster);
});

interface Started {
  readonly program: ChildProcess;
  readonly postmaster: number;
  readonly directory: string;
}

/** Runs a program of `test/` in a process group of its own, until it has said where its server lives. */
async function startProgram(name: string): Promise<Started> {
  const file = fileURLToPath(new URL(`../../test/${name}`, import.meta.url));
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const program = spawn(process.execPath, ["--conditions=@trunkline/source", "--import", tsx, file], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(program.stdout), "line");
  return { program, ...JSON.parse(String(line)) };
}

/** Resolves when the directory is gone; the test's own timeout bounds it. */
async function removed(directory: string): Promise<void> {
  const watcher = watch(dirname(directory));
  try {
    while (existsSync(directory)) await once(watcher, "change");
  } finally {
    watcher.close();
  }
}

/** A process that is not our child tells nobody when it ends: ask now and then. */
async function ended(pid: number): Promise<void> {
  while (isAlive(pid)) await setTimeout(20);
}
