import type { DecodedMessage, Lsn } from "@trunkline/protocol";

/** One change of a transaction, and where it stands in the WAL. */
export interface Placed {
  readonly message: DecodedMessage;
  readonly at: Lsn;
}

/** A whole transaction, as it was committed. */
export interface Transaction {
  readonly xid: number;
  readonly commitLsn: Lsn;
  readonly endLsn: Lsn;
  readonly changes: readonly Placed[];
}

/**
 * Where a consumer stores what it has seen. It outlives the process that writes to it, as a database would: a
 * transaction that comes again after a break is recognised by its commit LSN and counted once.
 */
export interface Sink {
  /** Stores a transaction, unless it is there already. @returns whether it was new */
  store(transaction: Transaction): boolean;
  /** Resolves when the transaction has been stored. */
  stored(xid: number): Promise<void>;
  readonly changes: number;
  readonly repeats: number;
  readonly reached: Lsn;
}

/** An empty sink in memory. */
export function createSink(zero: Lsn): Sink {
  const commits = new Set<Lsn>();
  const xids = new Set<number>();
  const waiting = new Map<number, () => void>();
  const sink = {
    changes: 0,
    repeats: 0,
    reached: zero,
    store({ xid, commitLsn, endLsn, changes }: Transaction): boolean {
      if (commits.has(commitLsn)) {
        sink.repeats += 1;
        return false;
      }
      commits.add(commitLsn);
      xids.add(xid);
      sink.changes += changes.length;
      sink.reached = endLsn;
      waiting.get(xid)?.();
      return true;
    },
    stored: (xid: number): Promise<void> =>
      new Promise((resolve) => {
        if (xids.has(xid)) resolve();
        else waiting.set(xid, resolve);
      }),
  };
  return sink;
}
