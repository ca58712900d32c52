import pg from "pg";
import { TestingError } from "./errors.ts";
import type { TestClient } from "./test-client.ts";

/** How a slot is made. */
export interface SlotOptions {
  /** Output plugin; default `pgoutput`. */
  readonly plugin?: string;
  /** Whether prepared transactions are decoded when they are prepared; default false. */
  readonly twoPhase?: boolean;
  /** Whether standbys keep a copy; default false. Postgres 17 and later. */
  readonly failover?: boolean;
}

/** What the server says about a slot. LSNs are the server's own text. */
export interface SlotState {
  readonly active: boolean;
  /** Process id of the walsender that holds it. */
  readonly activePid: number | null;
  readonly restartLsn: string | null;
  readonly confirmedFlushLsn: string | null;
  readonly walStatus: string | null;
}

/** A logical replication slot that is dropped with `await using`, even while it is held. */
export interface TestSlot extends AsyncDisposable {
  readonly name: string;
  /** Where decoding starts, the server's text (`"0/15D68E0"`). */
  readonly consistentPoint: string;
  /** Answers `undefined` once the slot is gone. */
  state(): Promise<SlotState | undefined>;
}

/** Connections for making a slot (in the slot's database) and for everything after (in one that stays). */
export interface SlotConnections {
  readonly inside: () => Promise<TestClient>;
  readonly outside: () => Promise<TestClient>;
}

/** Makes a logical slot. */
export async function createSlot(connect: SlotConnections, name: string, options: SlotOptions): Promise<TestSlot> {
  await using client = await connect.inside();
  const flags = [false, options.twoPhase ?? false, ...(options.failover === undefined ? [] : [options.failover])];
  const sql = `SELECT lsn FROM pg_create_logical_replication_slot($1, $2, ${flags.join(", ")})`;
  const made = await client.query<{ lsn: string }>(sql, [name, options.plugin ?? "pgoutput"]);
  return {
    name,
    consistentPoint: made.rows[0]?.lsn ?? "",
    state: async () => {
      await using reader = await connect.outside();
      return await slotState(reader, name);
    },
    [Symbol.asyncDispose]: async () => {
      await using dropper = await connect.outside();
      await dropSlot(dropper, name);
    },
  };
}

/** Takes a slot from whoever holds it, and drops it. A slot that is gone already is fine. */
export async function dropSlot(client: TestClient, name: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const state = await slotState(client, name);
    if (state === undefined) return;
    // the second argument waits until the walsender is gone
    if (state.activePid !== null) await client.query("SELECT pg_terminate_backend($1, 5000)", [state.activePid]);
    try {
      await client.query("SELECT pg_drop_replication_slot($1)", [name]);
      return;
    } catch (error) {
      if (!isRetriable(error)) throw error;
    }
  }
  throw new TestingError("server_failed", `Slot ${name} was taken again each time its holder was ended.`);
}

/** `object_in_use`: somebody else took it in between; `undefined_object`: somebody else dropped it. */
function isRetriable(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === "55006" || error.code === "42704");
}

async function slotState(client: TestClient, name: string): Promise<SlotState | undefined> {
  const found = await client.query<SlotState>(
    `SELECT active, active_pid AS "activePid", restart_lsn AS "restartLsn",
       confirmed_flush_lsn AS "confirmedFlushLsn", wal_status AS "walStatus"
     FROM pg_replication_slots WHERE slot_name = $1`,
    [name],
  );
  return found.rows[0];
}
