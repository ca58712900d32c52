import { dateFromClock, type Lsn, type Row } from "@trunkline/protocol";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { AnyChange, Relations, SubscriptionChange } from "./change.ts";
import type { HeldTransaction } from "./held-transaction.ts";

/** One committed transaction, as its handler gets it. */
export interface Transaction<R extends Relations = Record<string, Row>> {
  readonly xid: number;
  /** Where its commit record starts: the same each time the transaction is delivered. */
  readonly commitLsn: Lsn;
  /** When it was committed, to the millisecond. */
  readonly committedAt: Date;
  /** The replication origin it was replayed from; `undefined` where it was made here. */
  readonly origin: string | undefined;
  /** 1 for the first run of the handler, 2 after it has failed once. */
  readonly attempt: number;
  /**
   * Its changes, in order, to be read once in each run. A transaction that doesn't fit into the buffer is read while it
   * arrives; when the connection is lost meanwhile, reading throws `transaction_cut`: roll back, it comes again.
   */
  readonly changes: AsyncIterable<SubscriptionChange<R>>;
  /**
   * Aborted when this delivery no longer counts: the connection was lost in the middle of it, or the process ends. Made
   * when it is asked for: a copy of the transaction by spreading is without it.
   */
  readonly signal: AbortSignal;
  /**
   * The position to save in the sink's own transaction. Ask after reading: what was not read then is dropped.
   * @throws SubscriptionError `transaction_cut`
   */
  checkpoint(): Promise<Checkpoint>;
}

/** What a checkpoint says beside the position. */
export type CheckpointOwner = Omit<Checkpoint, "lsn">;

/** What a transaction is made from. */
export interface TransactionParts {
  readonly held: HeldTransaction;
  readonly attempt: number;
  readonly delivery: { readonly signal: AbortSignal };
  readonly owner: () => CheckpointOwner;
}

/** A held transaction as its handler gets it. A class: its accessor stands on the prototype, made once. */
class HandedOut implements Transaction {
  readonly xid: number;
  readonly commitLsn: Lsn;
  readonly committedAt: Date;
  readonly origin: string | undefined;
  readonly attempt: number;
  readonly changes: AsyncIterable<AnyChange>;
  readonly checkpoint: () => Promise<Checkpoint>;
  readonly #delivery: TransactionParts["delivery"];

  constructor({ held, attempt, delivery, owner }: TransactionParts) {
    const { xid, commitLsn, commitClock } = held.head;
    const committedAt = dateFromClock(commitClock);
    this.xid = xid;
    this.commitLsn = commitLsn;
    this.committedAt = typeof committedAt === "number" ? new Date(Number.NaN) : committedAt;
    this.origin = held.origin;
    this.attempt = attempt;
    this.changes = { [Symbol.asyncIterator]: (): AsyncIterator<AnyChange, undefined> => held.read() };
    this.checkpoint = async () => {
      if (held.endLsn === undefined) held.discard();
      return { ...owner(), lsn: await held.whole() };
    };
    this.#delivery = delivery;
  }

  get signal(): AbortSignal {
    return this.#delivery.signal;
  }
}

/** A held transaction as its handler gets it. */
export const transactionOf = (parts: TransactionParts): Transaction => new HandedOut(parts);
