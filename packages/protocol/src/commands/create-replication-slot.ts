import { ProtocolError } from "../protocol-error.ts";
import { flag, oneOf, requireServer, type ServerVersion, serverHas } from "./command-options.ts";
import { quoteIdentifier, quoteSlotName } from "./quoting.ts";

/**
 * What becomes of the snapshot that fits the slot's start: `export` names it, for other sessions to import until this
 * one's next command; `use` makes it the snapshot of the transaction that is open here; `nothing` throws it away.
 */
export type SlotSnapshot = "export" | "use" | "nothing";

/** Options of {@link createReplicationSlot}. */
export interface CreateReplicationSlotOptions {
  /** 1 to 63 lower-case letters, digits and underscores. */
  readonly slot: string;
  /** Output plugin. Default `"pgoutput"`. */
  readonly plugin?: string;
  /** Drop the slot when this session ends, and at the first error in it. Default `false`. */
  readonly temporary?: boolean;
  /** Default: the server's, `export`. */
  readonly snapshot?: SlotSnapshot;
  /** Decode prepared transactions at PREPARE (PostgreSQL 15). Default `false`. */
  readonly twoPhase?: boolean;
  /** Keep a copy on standbys, so that a failover keeps the slot (PostgreSQL 17). Default `false`; not with temporary. */
  readonly failover?: boolean;
  /** The server's major version, to refuse what it lacks before it is asked. Default: nothing is checked. */
  readonly serverVersion?: ServerVersion;
}

/** A snapshot option as a keyword, which servers from 10 to 18 read. */
const snapshotKeywords = { export: "EXPORT_SNAPSHOT", use: "USE_SNAPSHOT", nothing: "NOEXPORT_SNAPSHOT" } as const;

/**
 * `CREATE_REPLICATION_SLOT` for a logical slot. Keywords are written where they suffice (14 reads nothing else),
 * parentheses from PostgreSQL 15 on or where an option needs them.
 * @throws ProtocolError `identifier_invalid`, `text_invalid`, `option_invalid`; `option_conflict` for a temporary
 * failover slot; `option_unsupported` for what `serverVersion` doesn't have.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function createReplicationSlot(options: CreateReplicationSlotOptions): string {
  const { slot, plugin = "pgoutput", snapshot, serverVersion } = options;
  const temporary = flag(options.temporary, "temporary");
  const twoPhase = flag(options.twoPhase, "twoPhase");
  const failover = flag(options.failover, "failover");
  if (snapshot !== undefined) oneOf(snapshot, ["export", "use", "nothing"], "snapshot");
  if (failover && temporary) {
    throw new ProtocolError("option_conflict", "A temporary slot can't be kept over a failover.");
  }
  requireServer(serverVersion, 1, "A logical slot");
  if (twoPhase) requireServer(serverVersion, 15, "twoPhase");
  if (failover) requireServer(serverVersion, 17, "failover");
  const head = `${command(slot, temporary)} LOGICAL ${quoteIdentifier(plugin)}`;
  if (twoPhase || failover || serverHas(serverVersion, 15)) {
    const list = [
      ...(snapshot === undefined ? [] : [`SNAPSHOT '${snapshot}'`]),
      ...(twoPhase ? ["TWO_PHASE"] : []),
      ...(failover ? ["FAILOVER"] : []),
    ];
    return list.length === 0 ? head : `${head} (${list.join(", ")})`;
  }
  return snapshot === undefined ? head : `${head} ${snapshotKeywords[snapshot]}`;
}

/** Options of {@link createPhysicalReplicationSlot}. */
export interface CreatePhysicalReplicationSlotOptions {
  /** 1 to 63 lower-case letters, digits and underscores. */
  readonly slot: string;
  /** Drop the slot when this session ends, and at the first error in it. Default `false`. */
  readonly temporary?: boolean;
  /** Keep WAL from now on, not from the first connection on. Default `false`. */
  readonly reserveWal?: boolean;
}

/**
 * `CREATE_REPLICATION_SLOT` for a physical slot, in a form that every supported server reads.
 * @throws ProtocolError `identifier_invalid`, `option_invalid`.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function createPhysicalReplicationSlot(options: CreatePhysicalReplicationSlotOptions): string {
  const head = `${command(options.slot, flag(options.temporary, "temporary"))} PHYSICAL`;
  return flag(options.reserveWal, "reserveWal") ? `${head} RESERVE_WAL` : head;
}

function command(slot: string, temporary: boolean): string {
  return `CREATE_REPLICATION_SLOT ${quoteSlotName(slot)}${temporary ? " TEMPORARY" : ""}`;
}
