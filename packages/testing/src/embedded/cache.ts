import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { TestingError } from "../errors.ts";
import type { ServerUser } from "./server-user.ts";

/**
 * The directory that keeps binaries and initialised data directories between runs, and the data of running servers:
 * `trunkline-testing-<uid>` in the temporary directory, or `TRUNKLINE_TESTING_CACHE`. Made when missing.
 * @throws TestingError `cache_untrusted` when it belongs to somebody else: we run programs from it.
 */
export async function cacheDirectory(user: ServerUser): Promise<string> {
  const own = process.getuid?.() ?? 0;
  const directory =
    process.env["TRUNKLINE_TESTING_CACHE"] ?? join(await temporaryDirectory(user), `trunkline-testing-${own}`);
  await mkdir(directory, { recursive: true, mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error; // something else of that name: refused below
  });
  const found = await lstat(directory);
  if (!found.isDirectory() || found.uid !== own) {
    throw new TestingError("cache_untrusted", `${directory} is not a directory of user ${own}.`);
  }
  return directory;
}

/**
 * Fills a directory once: `build` works in an empty directory beside it, which then takes its name in one step.
 * When several processes do so at once, one of them wins and all use its result.
 */
export async function publishDirectory(target: string, build: (staging: string) => Promise<void>): Promise<string> {
  if (await exists(target)) return target;
  await removeAbandoned(target);
  const staging = `${target}.staging-${process.pid}-${randomBytes(4).toString("hex")}`;
  await mkdir(staging);
  try {
    await build(staging);
    await rename(staging, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return target;
}

/** Whether a process with that id runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether the path leads to anything. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function removeAbandoned(target: string): Promise<void> {
  const prefix = `${basename(target)}.staging-`;
  for (const name of await readdir(dirname(target))) {
    if (name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10))) {
      await rm(join(dirname(target), name), { recursive: true, force: true });
    }
  }
}

/** The temporary directory, unless it lies where the server's user can't enter (a root user's own TMPDIR). */
async function temporaryDirectory(user: ServerUser): Promise<string> {
  if (user.type === "self") return tmpdir();
  for (let path = tmpdir(); path !== dirname(path); path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return "/tmp";
  }
  return tmpdir();
}
