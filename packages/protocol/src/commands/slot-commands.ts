import { ProtocolError } from "../protocol-error.ts";
import { flag, requireServer, type ServerVersion } from "./command-options.ts";
import { quoteSlotName } from "./quoting.ts";

/** Options of {@link alterReplicationSlot}: at least one of `failover` and `twoPhase`. */
export interface AlterReplicationSlotOptions {
  /** The slot's name. */
  readonly slot: string;
  /** Keep a copy on standbys, or no longer (PostgreSQL 17). */
  readonly failover?: boolean;
  /** Decode prepared transactions at PREPARE, or no longer (PostgreSQL 18). */
  readonly twoPhase?: boolean;
  /** The server's major version, to refuse what it lacks before it is asked. Default: nothing is checked. */
  readonly serverVersion?: ServerVersion;
}

/**
 * `ALTER_REPLICATION_SLOT` (PostgreSQL 17).
 * @throws ProtocolError `identifier_invalid`; `option_invalid` when there is nothing to change; `option_unsupported`.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function alterReplicationSlot({ slot, failover, twoPhase, serverVersion }: AlterReplicationSlotOptions): string {
  const name = quoteSlotName(slot);
  requireServer(serverVersion, 17, "ALTER_REPLICATION_SLOT");
  const changes: string[] = [];
  if (failover !== undefined) changes.push(`FAILOVER ${flag(failover, "failover")}`);
  if (twoPhase !== undefined) {
    requireServer(serverVersion, 18, "Altering twoPhase");
    changes.push(`TWO_PHASE ${flag(twoPhase, "twoPhase")}`);
  }
  if (changes.length === 0) {
    throw new ProtocolError(
      "option_invalid",
      `Nothing is to be changed in slot ${name}: failover and twoPhase are absent.`,
    );
  }
  return `ALTER_REPLICATION_SLOT ${name} (${changes.join(", ")})`;
}

/** Options of {@link dropReplicationSlot}. */
export interface DropReplicationSlotOptions {
  /** The slot's name. */
  readonly slot: string;
  /** Wait until nobody uses the slot. Default `false`: error `object_in_use` (55006) at once. */
  readonly wait?: boolean;
}

/**
 * `DROP_REPLICATION_SLOT`.
 * @throws ProtocolError `identifier_invalid`, `option_invalid`.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function dropReplicationSlot({ slot, wait }: DropReplicationSlotOptions): string {
  return `DROP_REPLICATION_SLOT ${quoteSlotName(slot)}${flag(wait, "wait") ? " WAIT" : ""}`;
}

/** Options of {@link readReplicationSlot}. */
export interface ReadReplicationSlotOptions {
  /** The slot's name. */
  readonly slot: string;
  /** The server's major version, to refuse what it lacks before it is asked. Default: nothing is checked. */
  readonly serverVersion?: ServerVersion;
}

/**
 * `READ_REPLICATION_SLOT` (PostgreSQL 15): type, restart LSN and timeline of a *physical* slot, all NULL when there is
 * none. For a logical slot the server answers 0A000: look into `pg_replication_slots` instead.
 * @throws ProtocolError `identifier_invalid`, `option_unsupported`.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function readReplicationSlot({ slot, serverVersion }: ReadReplicationSlotOptions): string {
  requireServer(serverVersion, 15, "READ_REPLICATION_SLOT");
  return `READ_REPLICATION_SLOT ${quoteSlotName(slot)}`;
}
