import { createReplicationSlot, type Lsn, parseLsn, type ServerVersion, type SlotSnapshot } from "@trunkline/protocol";
import type { Session } from "@trunkline/replication";

/** How the slot is made. */
export interface CreateSlotOptions {
  /** The slot's name. */
  readonly slot: string;
  /** What becomes of the snapshot that fits the slot's start. Default `"nothing"`. */
  readonly snapshot?: SlotSnapshot;
  /** Keep the slot on standbys (PostgreSQL 17). Default `false`. */
  readonly failover?: boolean;
  /** Gone with its session. Default `false`. */
  readonly temporary?: boolean;
  /** The server's major version, to refuse what it lacks before it is asked. Default: nothing is checked. */
  readonly serverVersion?: ServerVersion;
  /**
   * How long the server may wait for transactions that are open, in milliseconds; 0: no limit. At the limit it removes
   * the slot again, so that nothing is left behind. Default 60,000.
   */
  readonly lockTimeoutMs?: number;
}

/** A slot that was just made. */
export interface CreatedSlot {
  /** The slot's name. */
  readonly slot: string;
  /** Every transaction that commits from here on is sent; everything before is in the snapshot. */
  readonly consistentPoint: Lsn;
  /** To be imported until the session's next command of any kind; `undefined` unless exported. */
  readonly snapshotName: string | undefined;
}

/**
 * Creates a logical slot for pgoutput. It waits until every transaction that has written something is over. The limit
 * is `lock_timeout`, which the server heeds here while it does not heed `statement_timeout` (W63).
 * @param session a replication session; after an exported snapshot leave it alone until all have imported it
 * @throws PostgresError 42710 when the name is taken, 55P03 at the limit
 */
export async function createSlot(session: Session, options: CreateSlotOptions): Promise<CreatedSlot> {
  const { slot, snapshot = "nothing", failover, temporary, serverVersion, lockTimeoutMs = 60_000 } = options;
  await session.query(`SET lock_timeout = ${Math.max(0, Math.trunc(lockTimeoutMs))}`);
  const command = createReplicationSlot({
    slot,
    snapshot,
    ...(failover === undefined ? {} : { failover }),
    ...(temporary === undefined ? {} : { temporary }),
    ...(serverVersion === undefined ? {} : { serverVersion }),
  });
  const [result] = await session.query(command);
  const [name, consistentPoint, snapshotName] = result?.rows[0] ?? [];
  return {
    slot: name ?? slot,
    consistentPoint: parseLsn(consistentPoint ?? ""),
    snapshotName: snapshotName ?? undefined,
  };
}
