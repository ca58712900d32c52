import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where distributions put the programs of each PostgreSQL version. */
const DISTRIBUTION = "/usr/lib/postgresql";

/** The path of `pg_recvlogical`: the one on PATH, else the newest of the distribution's; `undefined` without one. */
export function findPgRecvlogical(): string | undefined {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((directory) => directory !== "");
  const versions = existsSync(DISTRIBUTION) ? readdirSync(DISTRIBUTION).sort((a, b) => Number(b) - Number(a)) : [];
  const installed = versions.map((version) => join(DISTRIBUTION, version, "bin"));
  return [...installed, ...onPath].map((directory) => join(directory, "pg_recvlogical")).find(existsSync);
}
