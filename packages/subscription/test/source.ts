import { makeRuntime, silentLogger } from "@trunkline/process";
import { type PostgresServer, sharedPostgres, type TestDatabase } from "@trunkline/testing";

/** A quiet runtime: what the tests provoke is nobody's news. */
export const quiet = { runtime: makeRuntime({ logger: silentLogger }) };

/** A database with a table `things (id, note)`, and the options that lead to it. */
export const source = async () => within(await sharedPostgres());

/** The same on a server of one's own. */
export async function within(server: PostgresServer) {
  const database = await server.database();
  await database.query("CREATE TABLE things (id int PRIMARY KEY, note text)");
  const slot = `s_${database.name}`;
  const options = {
    connection: { connectionString: database.url },
    slot,
    publications: { name: "things_pub", tables: ["things"] },
    backoff: { minMs: 20, maxMs: 100 },
    health: false,
  } as const;
  return { server, database, slot, options };
}

/** Rows of `things`. */
export interface Things {
  readonly things: { readonly id: number; readonly note: string | null };
}

/** The slot as the server shows it. */
export async function slotOf(database: TestDatabase, slot: string) {
  const [row] = await database.query<{ active: boolean; confirmed: string; pid: number | null }>(
    `SELECT active, confirmed_flush_lsn::text AS confirmed, active_pid AS pid
     FROM pg_replication_slots WHERE slot_name = $1`,
    [slot],
  );
  return row;
}

/** Asks until the answer is there; the test's own limit ends it. */
export async function until<T>(ask: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
