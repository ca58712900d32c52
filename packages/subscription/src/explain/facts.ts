import type { Lsn } from "@trunkline/protocol";
import type { WalBudget } from "../health/wal-budget.ts";
import type { SlotVerdict } from "../slot/slot-verdict.ts";

/** Where the connection stands. Moments are milliseconds of the process' clock. */
export type ConnectionFacts =
  /** The process ended, or has given up. */
  | { readonly type: "stopped"; readonly sinceMs: number; readonly reason: string; readonly remedy: string }
  /** The server refused the login: SQLSTATE class 28. */
  | { readonly type: "loginRefused"; readonly message: string }
  /** Connecting, or waiting to try again. */
  | {
      readonly type: "down";
      readonly sinceMs: number;
      readonly error: string;
      /** The number of the next attempt, and when it is made. */
      readonly attempt: number;
      readonly nextAttemptMs: number;
    }
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
  readonly xid: number;
  readonly commitLsn: Lsn;
  readonly sinceMs: number;
  /** `undefined` while its first attempt runs, or has not failed. */
  readonly failure:
    | { readonly count: number; readonly max: number; readonly error: string; readonly nextTryMs: number }
    | undefined;
}

/** How the handler does. */
export interface HandlerFacts {
  readonly name: string;
  readonly oldestOpen: OldestOpen | undefined;
  /** Transactions after the oldest open one that are done. */
  readonly laterDone: number;
  readonly handledPerSecond: number;
  readonly writtenPerSecond: number;
  /** Whether what is handed over and not done grows. */
  readonly backlogGrows: boolean;
}

/** What the server said when it was last sampled. */
export interface SampledFacts {
  readonly atMs: number;
  readonly intervalMs: number;
  readonly walEnd: Lsn;
  /** What the walsender has sent, or decoded and passed over. */
  readonly sent: Lsn | undefined;
  readonly confirmed: Lsn | null;
  readonly restart: Lsn | null;
  /** Since when restart_lsn has stood still although confirmed moved; `undefined` when it hasn't. */
  readonly restartStillSinceMs: number | undefined;
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
  readonly verdict: SlotVerdict;
  readonly connection: ConnectionFacts;
  /** Since when it is suspended by `sys.suspend`; `undefined` when it is not. */
  readonly suspendedMs: number | undefined;
  readonly handler: HandlerFacts;
  /** A transaction that is being streamed before its commit. */
  readonly openTransaction:
    | { readonly xid: number; readonly bytes: bigint; readonly pid: number | undefined }
    | undefined;
  /** Whether reading is held back since too much waits. */
  readonly backpressure: boolean;
  readonly received: Lsn;
  readonly durable: Lsn;
  readonly acked: Lsn;
  /** When `acked` was sent. */
  readonly ackedMs: number;
  /** When the next status update is due. */
  readonly nextAckMs: number;
  /** When the last change came; `undefined` when none has. */
  readonly lastChangeMs: number | undefined;
  readonly trend: "catching up" | "keeping pace" | "falling behind";
  readonly budget: WalBudget;
  /** `max_slot_wal_keep_size` in bytes; `undefined` for -1, no limit. */
  readonly maxSlotWalKeepBytes: bigint | undefined;
  readonly sampled: SampledFacts;
}
