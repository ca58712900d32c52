import { randomBytes } from "node:crypto";
import type { Row } from "@trunkline/protocol";
import {
  alterReplicationSlot,
  type Lsn,
  quoteLiteral,
  type RelationMessage,
  type TypeParsers,
} from "@trunkline/protocol";
import { type ConnectionOptions, connect, type Session } from "@trunkline/replication";
import { SubscriptionError } from "../errors/subscription-error.ts";
import { connectForSql, pinned } from "../session/sql-session.ts";
import { createSlot } from "../setup/create-slot.ts";
import { copyRows } from "./copy-rows.ts";
import { copyRowReader } from "./copy-text.ts";
import { copySql, publishedRelations } from "./published-tables.ts";

/** Who takes a snapshot's rows. Calls come one after another. */
export interface SnapshotHandlers {
  /** Before a table's first row, also of one that has none: the place to empty what an earlier attempt left. */
  readonly onTable?: (relation: RelationMessage) => void | Promise<void>;
  /** Some rows, in no order. They must be durable before `onDone` resolves. */
  readonly onRows: (relation: RelationMessage, rows: readonly Row[]) => void | Promise<void>;
  /** After the last row, before the slot becomes a lasting one: make everything durable here. */
  readonly onDone?: (done: SnapshotDone) => void | Promise<void>;
}

/** What was copied. */
export interface SnapshotDone {
  /** Every transaction that commits from here on is streamed; everything before is in the rows. */
  readonly consistentPoint: Lsn;
  readonly tables: readonly { readonly relation: RelationMessage; readonly rows: number }[];
}

/** Options of {@link takeSnapshot}. */
export interface SnapshotOptions extends SnapshotHandlers {
  /** Where the database is. Two sessions are opened. */
  readonly connection: ConnectionOptions;
  /** The slot to be made. It must not exist. */
  readonly slot: string;
  /** They must exist. */
  readonly publications: readonly string[];
  /** Where values get their parsers from: the same as for the stream. Default: `defaultTypes`. */
  readonly types?: TypeParsers;
  /** Keep the slot on standbys (PostgreSQL 17). Default `false`. */
  readonly failover?: boolean;
  /** How long the slot may wait for open transactions, in milliseconds; see `createSlot`. Default 60,000. */
  readonly lockTimeoutMs?: number;
  /** Gives up: nothing is left on the server. */
  readonly signal?: AbortSignal;
}

/**
 * Copies the published tables as they are at one point of the WAL, and leaves a slot that streams from that point: no
 * gap, no overlap.
 *
 * The slot exists if and only if the copy is complete. Until then there is a temporary slot that goes with its session,
 * whatever ends it, so a crash in the middle leaves nothing, and the next start begins anew.
 * @throws SubscriptionError `snapshot_gone`, `copy_malformed`; PostgresError 42710 when the slot exists; what the
 * handlers throw
 */
export async function takeSnapshot(options: SnapshotOptions): Promise<SnapshotDone> {
  const { connection, slot, failover = false, lockTimeoutMs, signal } = options;
  signal?.throwIfAborted();
  const opening = signal === undefined ? {} : { signal };
  const owner = await connect(pinned(connection), opening);
  const giveUp = (): void => void owner.close();
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    await owner.query("SET idle_session_timeout = 0");
    const temporary = `${slot.slice(0, 50)}_copy_${randomBytes(3).toString("hex")}`;
    const limit = lockTimeoutMs === undefined ? {} : { lockTimeoutMs };
    const made = await createSlot(owner, { slot: temporary, temporary: true, snapshot: "export", ...limit });
    // From here on the owner stays silent until the reader has imported the snapshot: any command would end it.
    const tables = await readWithin(options, made.snapshotName ?? "");
    const done: SnapshotDone = { consistentPoint: made.consistentPoint, tables };
    await options.onDone?.(done);
    signal?.throwIfAborted();
    await owner.query(
      `SELECT pg_copy_logical_replication_slot(${quoteLiteral(temporary)}, ${quoteLiteral(slot)}, false)`,
    );
    if (failover) await owner.query(alterReplicationSlot({ slot, failover }));
    return done;
  } finally {
    signal?.removeEventListener("abort", giveUp);
    await owner.close();
  }
}

async function readWithin(options: SnapshotOptions, snapshot: string): Promise<SnapshotDone["tables"]> {
  const { connection, publications, types, signal, onTable, onRows } = options;
  const session = await connectForSql(connection, signal === undefined ? {} : { signal });
  const giveUp = (): void => void session.close();
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    await importSnapshot(session, snapshot);
    const tables = [];
    for (const table of await publishedRelations(session, publications)) {
      const { relation } = table;
      await onTable?.(relation);
      const read = copyRowReader(relation.columns, types);
      const rows = await copyRows(session, copySql(table), read, (batch) => onRows(relation, batch));
      tables.push({ relation, rows });
    }
    await session.query("COMMIT");
    return tables;
  } finally {
    signal?.removeEventListener("abort", giveUp);
    await session.close();
  }
}

/** Row security must not leave rows out in silence: with it off such a table is an error. */
async function importSnapshot(session: Session, snapshot: string): Promise<void> {
  try {
    await session.query(
      "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET row_security = off",
    );
    await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await session.query(`SET TRANSACTION SNAPSHOT ${quoteLiteral(snapshot)}`);
  } catch (cause) {
    // Before PostgreSQL 17 a snapshot that is gone is an invalid parameter, since then an object that is missing (W67).
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code !== "22023" && code !== "42704") throw cause;
    throw new SubscriptionError("snapshot_gone", `Snapshot ${snapshot} can't be imported.`, { cause });
  }
}
