import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PostgresServer, TestDatabase } from "@trunkline/testing";

const run = promisify(execFile);

/** A physical standby, ended and removed by `await using`. */
export interface Standby extends AsyncDisposable {
  /** The same database, on the standby. */
  readonly url: string;
}

/**
 * Copies the data of a server of our own while it runs, and starts a standby from it that follows by a slot. It has what
 * was there before the call.
 */
export async function standbyOf(primary: PostgresServer, database: TestDatabase): Promise<Standby> {
  const [row] = await database.query<{ data: string }>("SELECT current_setting('data_directory') AS data");
  const source = row?.data ?? "";
  const parent = await mkdtemp(join(tmpdir(), "standby-"));
  const data = join(parent, "data");
  await database.query("SELECT pg_create_physical_replication_slot('standby')");
  await copyData(database, primary.version, source, data);
  const { uid, gid } = await stat(source);
  if (process.getuid?.() === 0) await run("chown", ["-R", `${uid}:${gid}`, parent]);
  const [program = ""] = (await readFile(join(source, "postmaster.opts"), "utf8")).split(" ");
  const url = new URL(database.url);
  const settings = {
    listen_addresses: "",
    unix_socket_directories: parent,
    primary_conninfo: `host=${primary.host} port=${primary.port} user=${decodeURIComponent(url.username)}`,
    primary_slot_name: "standby",
    hot_standby_feedback: "on",
  };
  const port = primary.port; // names the socket only
  const given = Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const child = spawn(program, ["-D", data, ...given], {
    stdio: "ignore",
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
  });
  const exited = once(child, "exit");
  const end = (): void => void child.kill("SIGQUIT");
  process.on("exit", end);
  return {
    url: `postgres://${url.username}@/${database.name}?host=${encodeURIComponent(parent)}&port=${port}`,
    [Symbol.asyncDispose]: async () => {
      process.off("exit", end);
      end();
      await exited;
      await rm(parent, { recursive: true, force: true });
    },
  };
}

/** A base backup by hand, since the binaries of npm have no `pg_basebackup`. */
async function copyData(database: TestDatabase, version: number, from: string, to: string): Promise<void> {
  await using client = await database.client();
  await client.query(version >= 15 ? "SELECT pg_backup_start('s', true)" : "SELECT pg_start_backup('s', true, false)");
  await run("cp", ["-a", from, to]);
  const stopped = await client.query<{ labelfile: string }>(
    `SELECT labelfile FROM ${version >= 15 ? "pg_backup_stop()" : "pg_stop_backup(false)"}`,
  );
  await rm(join(to, "postmaster.pid"));
  await run("sh", ["-c", 'rm -rf "$0"/pg_replslot/*', to]);
  await writeFile(join(to, "backup_label"), stopped.rows[0]?.labelfile ?? "");
  await writeFile(join(to, "standby.signal"), "");
}
