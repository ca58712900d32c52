import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { hostname, platform } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { isAlive } from "./cache.ts";

const run = promisify(execFile);

/**
 * Where servers live while they run: one directory for each machine or container that shares the cache, since process
 * ids mean nothing in another. The name is short, for a socket's path may have only about 100 bytes.
 */
export async function instancesDirectory(cache: string): Promise<string> {
  const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 4);
  const directory = join(cache, `run-${host}`);
  await mkdir(directory, { recursive: true });
  return directory;
}

/**
 * Ends and removes servers whose keeper was itself killed, the one death it can't clean up after. The directories are
 * named `<keeper's pid>-<random>`.
 */
export async function removeOrphans(instances: string): Promise<void> {
  for (const name of await readdir(instances)) {
    if (isAlive(Number.parseInt(name, 10))) continue;
    const directory = join(instances, name);
    await quitPostmaster(join(directory, "data"));
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** The first two lines of the pid file are the postmaster's id and its data directory. */
async function quitPostmaster(data: string): Promise<void> {
  const [pid, directory] = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n");
  if (directory !== data || !(await commandLine(Number(pid))).includes(data)) return;
  try {
    process.kill(Number(pid), "SIGQUIT");
  } catch {
    // gone already
  }
}

/** A process' arguments, empty when it is gone. After a restart of the machine somebody else may bear a postmaster's id. */
async function commandLine(pid: number): Promise<string> {
  if (platform() === "linux") return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return run("ps", ["-o", "args=", "-p", String(pid)]).then(
    ({ stdout }) => stdout,
    () => "",
  );
}
