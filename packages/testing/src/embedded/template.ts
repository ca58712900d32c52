import { execFile } from "node:child_process";
import { appendFile, chown } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PostgresBinaries } from "./binaries.ts";
import { publishDirectory } from "./cache.ts";
import { type ServerUser, spawnAs } from "./server-user.ts";

const run = promisify(execFile);

/** The superuser of embedded servers. */
export const superuser = "postgres";

/** The file in the data directory that holds the settings of one server. */
export const settingsFile = "trunkline.conf";

/** Initialises a data directory once per build of Postgres; every server then starts from a copy of it. */
export async function templateDataDirectory(
  binaries: PostgresBinaries,
  user: ServerUser,
  cache: string,
): Promise<string> {
  return publishDirectory(join(cache, `template-${binaries.key}`), async (staging) => {
    if (user.type === "other") await chown(staging, user.uid, user.gid);
    const program = join(binaries.directory, "bin", "initdb");
    const how = ["--no-sync", "-A", "trust", "-E", "UTF8", "--locale=C", "-U", superuser];
    await run(program, ["-D", staging, ...how], { ...spawnAs(user), cwd: "/" });
    await appendFile(join(staging, "postgresql.conf"), `\ninclude_if_exists = '${settingsFile}'\n`);
  });
}
