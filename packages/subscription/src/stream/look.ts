import { quoteLiteral } from "@trunkline/protocol";
import type { QueryResult } from "@trunkline/replication";
import { parseSlotRow, type SlotRow, slotRowSql } from "../slot/slot-facts.ts";

/** What one look at the server tells. */
export interface Looked {
  /** Whether this session holds the slot's lock. */
  readonly locked: boolean;
  readonly slot: SlotRow | undefined;
  /** Those of the publications that exist. */
  readonly publications: readonly string[];
}

/** What is looked at. */
export interface LookSubject {
  readonly slot: string;
  readonly publications: readonly string[];
}

/** The key of the slot's advisory lock; such locks belong to a database already. */
const lockKeySql = (slot: string): string => `hashtextextended(${quoteLiteral(`trunkline:${slot}`)}, 0)`;

/**
 * The statements of a look, in one message: takes the slot's advisory lock if it is free or ours, and never waits for it
 * (a session that waits pins `backend_xmin`); then the slot and the publications. The lock is the session's: it goes
 * with the connection (W138).
 */
export function lookSql({ slot, publications }: LookSubject): string {
  const names = publications.map((name) => quoteLiteral(name)).join(", ");
  return [
    `SELECT pg_try_advisory_lock(${lockKeySql(slot)})`,
    slotRowSql(slot),
    `SELECT pubname FROM pg_publication WHERE pubname IN (${names})`,
  ].join("; ");
}

/** Reads the answer to {@link lookSql}. */
export function parseLook(results: readonly QueryResult[]): Looked {
  const [lock, slot, publications] = results;
  return {
    locked: lock?.rows[0]?.[0] === "t",
    slot: parseSlotRow(slot?.rows[0]?.[0]),
    publications: (publications?.rows ?? []).map(([name]) => name ?? ""),
  };
}

/** Ends whoever holds the slot or its lock at that moment, and nobody else. */
export function takeOverSql(slot: string): string {
  const key = lockKeySql(slot);
  return `SELECT pg_terminate_backend(pid) FROM (
      SELECT active_pid AS pid FROM pg_replication_slots WHERE slot_name = ${quoteLiteral(slot)} AND active
      UNION
      SELECT pid FROM pg_locks
      WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid::bigint << 32 | objid::bigint) = ${key}
    ) AS holder WHERE pid IS NOT NULL AND pid <> pg_backend_pid()`;
}
