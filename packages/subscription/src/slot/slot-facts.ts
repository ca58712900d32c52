import { type Lsn, parseLsn, quoteLiteral } from "@trunkline/protocol";

/** What `pg_replication_slots` says of a slot. A column that this server does not have is `null`. */
export interface SlotRow {
  readonly name: string;
  readonly plugin: string | null;
  readonly type: string;
  readonly database: string | null;
  readonly temporary: boolean;
  readonly active: boolean;
  /** The backend that holds it. */
  readonly activePid: number | null;
  readonly restartLsn: Lsn | null;
  /** `null` while the slot is being created. */
  readonly confirmedFlushLsn: Lsn | null;
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  readonly walStatus: string | null;
  /** Bytes that may still be written before the slot is lost; `null` without a limit, or when it is lost. */
  readonly safeWalBytes: bigint | null;
  readonly twoPhase: boolean;
  /** A standby removed rows that it needed (PostgreSQL 16). */
  readonly conflicting: boolean | null;
  /** Why it is lost (PostgreSQL 17): `wal_removed`, `rows_removed`, `wal_level_insufficient`, `idle_timeout`. */
  readonly invalidationReason: string | null;
  /** Since when nobody holds it, the server's text (PostgreSQL 17). */
  readonly inactiveSince: string | null;
  readonly failover: boolean | null;
  /** A copy on a standby that is kept in step with the primary's (PostgreSQL 17). */
  readonly synced: boolean | null;
}

/** What the server is, from IDENTIFY_SYSTEM. */
export interface SystemIdentity {
  readonly systemId: string;
  readonly timeline: number;
  /** Where its WAL ends. */
  readonly walEnd: Lsn;
  readonly database: string | null;
}

/** Where an earlier timeline ended, from TIMELINE_HISTORY. */
export interface TimelineEnd {
  readonly timeline: number;
  readonly end: Lsn;
}

/**
 * Asks for the slot in a form that every server from 14 to 18 answers: whichever columns it has, as JSON.
 * @throws ProtocolError `text_invalid`
 */
export function slotRowSql(slot: string): string {
  return `SELECT row_to_json(s)::text FROM pg_catalog.pg_replication_slots s WHERE s.slot_name = ${quoteLiteral(slot)}`;
}

/** Reads a row of `pg_replication_slots` as JSON text (`row_to_json`); `undefined` when there is none. */
export function parseSlotRow(json: string | null | undefined): SlotRow | undefined {
  if (json === null || json === undefined) return undefined;
  const row = JSON.parse(json) as Readonly<Record<string, unknown>>;
  return {
    name: textOf(row["slot_name"]) ?? "",
    plugin: textOf(row["plugin"]),
    type: textOf(row["slot_type"]) ?? "",
    database: textOf(row["database"]),
    temporary: row["temporary"] === true,
    active: row["active"] === true,
    activePid: numberOf(row["active_pid"]),
    restartLsn: lsnOf(row["restart_lsn"]),
    confirmedFlushLsn: lsnOf(row["confirmed_flush_lsn"]),
    walStatus: textOf(row["wal_status"]),
    safeWalBytes: bytesOf(row["safe_wal_size"]),
    twoPhase: row["two_phase"] === true,
    conflicting: flagOf(row["conflicting"]),
    invalidationReason: textOf(row["invalidation_reason"]),
    inactiveSince: textOf(row["inactive_since"]),
    failover: flagOf(row["failover"]),
    synced: flagOf(row["synced"]),
  };
}

/** Reads the row of IDENTIFY_SYSTEM: systemid, timeline, xlogpos, dbname. */
export function parseSystemIdentity(row: readonly (string | null)[]): SystemIdentity {
  const [systemId, timeline, walEnd, database = null] = row;
  return { systemId: systemId ?? "", timeline: Number(timeline), walEnd: parseLsn(walEnd ?? ""), database };
}

/**
 * Reads the `content` that TIMELINE_HISTORY answers: one line for each earlier timeline, with its number and where it
 * was left. Lines that are empty or begin with `#` are passed over.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function parseTimelineHistory(content: string): readonly TimelineEnd[] {
  return content.split("\n").flatMap((line) => {
    const parts = /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/i.exec(line);
    return parts === null ? [] : [{ timeline: Number(parts[1]), end: parseLsn(parts[2] ?? "") }];
  });
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);
const flagOf = (value: unknown): boolean | null => (typeof value === "boolean" ? value : null);
const lsnOf = (value: unknown): Lsn | null => (typeof value === "string" ? parseLsn(value) : null);
const bytesOf = (value: unknown): bigint | null => (typeof value === "number" ? BigInt(Math.trunc(value)) : null);
