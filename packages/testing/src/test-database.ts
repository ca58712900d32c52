import { randomBytes } from "node:crypto";
import pg from "pg";
import type { TestClient } from "./test-client.ts";
import { createPublication, type PublicationOptions, type TestPublication } from "./test-publication.ts";
import { createSlot, dropSlot, type SlotOptions, type TestSlot } from "./test-slot.ts";

/** A database of one test. `await using` ends its sessions, drops its slots and prepared transactions, and drops it. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** A superuser's URL of this database. */
  readonly url: string;
  /** A connected client of its own; `config` wins over the URL. */
  client(config?: pg.ClientConfig): Promise<TestClient>;
  /** Runs one statement on a connection kept for this, and answers its rows. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Makes a publication; the default name is unique. */
  publication(name?: string, options?: PublicationOptions): Promise<TestPublication>;
  /** Makes a logical slot; the default name is unique in the whole server, as slot names must be. */
  slot(name?: string, options?: SlotOptions): Promise<TestSlot>;
}

/** What a test's database needs of its server. */
export interface DatabaseHost {
  /** False when there is nobody to drop anything. */
  reachable(): Promise<boolean>;
  /** Connects as superuser; the default is the server's own database. */
  connect(database?: string, config?: pg.ClientConfig): Promise<TestClient>;
  urlOf(database: string): string;
}

/** `t_` and eight random hex digits. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(4).toString("hex")}`;
}

/** Makes a database; from `template0`, which nobody's open session can block. */
export async function createDatabase(host: DatabaseHost, name = uniqueName("t")): Promise<TestDatabase> {
  await using admin = await host.connect();
  await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0`);
  const connect = () => host.connect(name);
  let kept: Promise<TestClient> | undefined;
  const connectKept = async () => {
    const client = await connect();
    client.once("end", () => {
      kept = undefined; // lost with its server: the next query opens another
    });
    return client;
  };
  return {
    name,
    url: host.urlOf(name),
    client: (config) => host.connect(name, config),
    query: async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) => {
      kept ??= connectKept();
      const client = await kept.catch((error: unknown) => {
        kept = undefined;
        throw error;
      });
      try {
        const result = await client.query<Row>(sql, [...values]);
        return result.rows;
      } catch (error) {
        // No answer of the server: the client is of no use any more, and refuses all further queries in the same turn. Its
        // `end` would never come to one who asks on and on.
        if (!(error instanceof pg.DatabaseError)) kept = undefined;
        throw error;
      }
    },
    publication: (publication = uniqueName("p"), options = {}) =>
      ifReachable(host, createPublication(connect, publication, options)),
    slot: (slot = uniqueName("s"), options = {}) =>
      ifReachable(host, createSlot({ inside: connect, outside: () => host.connect() }, slot, options)),
    [Symbol.asyncDispose]: async () => {
      if (!(await host.reachable())) return;
      await (await kept?.catch(() => undefined))?.[Symbol.asyncDispose]();
      await dropDatabase(host, name);
    },
  };
}

/** A server that was stopped takes what it had with it: nothing is left to drop. */
async function ifReachable<T extends AsyncDisposable>(host: DatabaseHost, making: Promise<T>): Promise<T> {
  const made = await making;
  const drop = made[Symbol.asyncDispose];
  return Object.assign(made, {
    [Symbol.asyncDispose]: async () => {
      if (await host.reachable()) await drop();
    },
  });
}

async function dropDatabase(host: DatabaseHost, name: string): Promise<void> {
  await using admin = await host.connect();
  const slots = await admin.query<{ name: string }>(
    "SELECT slot_name AS name FROM pg_replication_slots WHERE database = $1 AND NOT temporary",
    [name],
  );
  for (const slot of slots.rows) await dropSlot(admin, slot.name);
  await rollBackPrepared(host, admin, name);
  await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
}

/** A prepared transaction belongs to no session, so FORCE can't end it; it is rolled back from within its database. */
async function rollBackPrepared(host: DatabaseHost, admin: TestClient, name: string): Promise<void> {
  const prepared = await admin.query<{ gid: string }>("SELECT gid FROM pg_prepared_xacts WHERE database = $1", [name]);
  if (prepared.rows.length === 0) return;
  await using inside = await host.connect(name);
  for (const { gid } of prepared.rows) await inside.query(`ROLLBACK PREPARED ${pg.escapeLiteral(gid)}`);
}
