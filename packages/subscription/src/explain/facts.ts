import type { Lsn } from "@trunkline/protocol";
import type { WalBudget } from "../health/wal-budget.ts";
import type { SlotVerdict } from "../slot/slot-verdict.ts";

/** Where the connection stands; moments are milliseconds of the process' clock. */
export type ConnectionFacts =
  /** The process ended, or has given up. */
  | { readonly type: "stopped"; readonly sinceMs: number; readonly reason: string; readonly remedy: string }
  /** The server refused the login: SQLSTATE class 28. */
  | { readonly type: "loginRefused"; readonly message: string }
  /** Trying again, or waiting to. */
  | {
      readonly type: "down";
      readonly sinceMs: number;
      readonly error: string;
      /** What a person does about that error, as a sentence. */
      readonly remedy: string;
      /** The number of the next attempt, and when it is made; `undefined`: it is under way. */
      readonly attempt: number;
      readonly nextAttemptMs: number | undefined;
    }
  /** On its way to its first stream, or connected and waiting for the slot. */
  | { readonly type: "opening" }
  /** The tables are copied, before the first stream. */
  | { readonly type: "copying"; readonly sinceMs: number }
  /** Another instance owns the lock. */
  | {
      readonly type: "standby";
      readonly owner: {
        readonly pid: number;
        readonly application: string;
        readonly address: string;
        /** The server's text. */
        readonly since: string;
      };
    }
  | {
      readonly type: "streaming";
      readonly lastHeardMs: number;
      /** When the server was asked for an answer; `undefined` when it was not. */
      readonly askedMs: number | undefined;
      readonly livenessTimeoutMs: number;
    };

/** The oldest transaction that is not finished and is with its handler. */
export interface OldestOpen {
  /** `undefined` for a message that was written outside of transactions. */
  readonly xid: number | undefined;
  readonly commitLsn: Lsn;
  readonly sinceMs: number;
  /** `undefined` while its first attempt runs, or has not failed. */
  readonly failure:
    | { readonly count: number; readonly max: number; readonly error: string; readonly nextTryMs: number }
    | undefined;
}

/** How the handler does. Rates are bytes of WAL a second, over the last minute. */
export interface HandlerFacts {
  readonly name: string;
  readonly oldestOpen: OldestOpen | undefined;
  /** Transactions that have come and are not done. */
  readonly unfinished: number;
  /** Transactions after the oldest open one that are done. */
  readonly laterDone: number;
  readonly handledBytesPerSecond: number;
  readonly writtenBytesPerSecond: number;
  /** Whether what has come and is not done grows. */
  readonly backlogGrows: boolean;
}

/** What the server said when it was last sampled. */
export interface SampledFacts {
  readonly atMs: number;
  readonly walEnd: Lsn;
  /** What the walsender has sent, or decoded and passed over. */
  readonly sent: Lsn | undefined;
  readonly confirmed: Lsn | null;
  readonly restart: Lsn | null;
  /** Since when restart_lsn has stood still although confirmed moved; `undefined` when it hasn't. */
  readonly restartStillSinceMs: number | undefined;
  /** What was acknowledged before an earlier sample, and is not confirmed yet; `undefined` when all of it is. */
  readonly unconfirmed: { readonly acked: Lsn; readonly sinceMs: number } | undefined;
  /** The oldest transaction that is open on the server. */
  readonly oldestTransaction: { readonly pid: number; readonly sinceMs: number } | undefined;
}

/** All that {@link explain} goes by. */
export interface ExplainFacts {
  readonly nowMs: number;
  readonly id: string;
  readonly slot: string;
  readonly host: string;
  readonly user: string;
  /** `undefined` before anybody has looked at the slot. */
  readonly verdict: SlotVerdict | undefined;
  /** When the slot was looked at. */
  readonly verdictMs: number;
  readonly connection: ConnectionFacts;
  /** Since when it is suspended by `sys.suspend`; `undefined` when it is not. */
  readonly suspendedMs: number | undefined;
  /** Since when `pauseSubscription` holds it. */
  readonly pausedMs: number | undefined;
  readonly handler: HandlerFacts;
  /** A transaction that is being streamed before its commit. */
  readonly openTransaction:
    | { readonly xid: number; readonly bytes: bigint; readonly pid: number | undefined }
    | undefined;
  /** Whether reading is held back since too much waits. */
  readonly backpressure: boolean;
  /** The ledger's four positions; `undefined` before the first stream. */
  readonly received: Lsn | undefined;
  readonly dispatched: Lsn | undefined;
  readonly durable: Lsn | undefined;
  readonly acked: Lsn | undefined;
  /** When the next status update is due. */
  readonly nextAckMs: number;
  /** When the last change came; `undefined` when none has. */
  readonly lastChangeMs: number | undefined;
  readonly trend: "catching up" | "keeping pace" | "falling behind";
  readonly budget: WalBudget;
  /** `max_slot_wal_keep_size` in bytes; `undefined` for -1, no limit. */
  readonly maxSlotWalKeepBytes: bigint | undefined;
  /** `undefined` before the first sample. */
  readonly sampled: SampledFacts | undefined;
  /** How samples are taken: when the next is due, or that none is (`health: false`), and why the last one failed. */
  readonly sampler:
    | { readonly type: "off" }
    | {
        readonly type: "on";
        readonly intervalMs: number;
        readonly nextMs: number;
        readonly error: string | undefined;
      };
}
