import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isAlive } from "./cache.ts";

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
  if (directory !== data) return;
  try {
    process.kill(Number(pid), "SIGQUIT");
  } catch {
    // gone already
  }
}
