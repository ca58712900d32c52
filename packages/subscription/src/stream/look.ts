import { quoteLiteral } from "@trunkline/protocol";
import type { QueryResult } from "@trunkline/replication";
import { holdersSql, parseHolders, type SlotHolders, tryLockSql } from "../ownership/slot-lock.ts";
import { parseSlotRow, type SlotRow, slotRowSql } from "../slot/slot-facts.ts";

/** What one look at the server tells. */
export interface Looked {
  /** Whether this session holds the slot's lock. */
  readonly locked: boolean;
  /** Our own backend. */
  readonly ownPid: number;
  readonly holders: SlotHolders;
  readonly slot: SlotRow | undefined;
  /** Those of the publications that exist. */
  readonly publications: readonly string[];
}

/** What is looked at. */
export interface LookSubject {
  readonly slot: string;
  readonly publications: readonly string[];
}

/** The statements of a look, in one message: takes the slot's lock if it is free, then asks for the rest. */
export function lookSql({ slot, publications }: LookSubject): string {
  const names = publications.map((name) => quoteLiteral(name)).join(", ");
  return [
    tryLockSql(slot),
    "SELECT pg_backend_pid()",
    holdersSql(slot),
    slotRowSql(slot),
    `SELECT pubname FROM pg_publication WHERE pubname IN (${names})`,
  ].join("; ");
}

/** Reads the answer to {@link lookSql}. */
export function parseLook(results: readonly QueryResult[]): Looked {
  const [lock, pid, holders, slot, publications] = results;
  return {
    locked: lock?.rows[0]?.[0] === "t",
    ownPid: Number(pid?.rows[0]?.[0]),
    holders: parseHolders(holders?.rows[0]?.[0] ?? "{}"),
    slot: parseSlotRow(slot?.rows[0]?.[0]),
    publications: (publications?.rows ?? []).map(([name]) => name ?? ""),
  };
}
