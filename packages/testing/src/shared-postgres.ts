import type { PostgresServer } from "./postgres-server.ts";
import { type StartPostgresOptions, startPostgres } from "./start-postgres.ts";

// On globalThis, because a test runner may load this module once per test file within one process.
const key = Symbol.for("@trunkline/testing/shared");
const shared: typeof globalThis & { [key]?: Map<string, Promise<PostgresServer>> } = globalThis;

/**
 * One server per process and set of options, started by the first who asks, ended with the process. Make a database
 * per test in it; don't stop it, nor change its settings.
 * @throws as {@link startPostgres}
 */
export function sharedPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  const servers = shared[key] ?? new Map<string, Promise<PostgresServer>>();
  shared[key] = servers;
  const name = JSON.stringify(options);
  const started = servers.get(name) ?? startPostgres(options);
  servers.set(name, started);
  started.catch(() => servers.delete(name)); // the next one tries again
  return started;
}
