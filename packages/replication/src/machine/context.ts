import type { ExitReason } from "@trunkline/process";
import type { BackoffRule } from "../backoff.ts";

/** What follows when the session is gone. */
export type Goal =
  | { readonly type: "none" }
  /** Connect again: at once, or after the wait that the failures so far ask for. */
  | { readonly type: "reconnect"; readonly now: boolean }
  | { readonly type: "exit"; readonly reason: ExitReason };

/** What survives a change of state. Nothing in it is secret: no options, no SQL, no data. */
export interface ConnectionContext {
  readonly autoReconnect: boolean;
  readonly backoff: BackoffRule;
  /** How long a connection must last until it counts as good, in milliseconds. */
  readonly stableAfterMs: number;
  /** Attempts to connect so far. */
  readonly attempts: number;
  /** Failures in a row: attempts that failed, and reconnects that were lost before they were good for anything. */
  readonly failures: number;
  /** The next loss counts as a failure: this connection is itself a reconnect that has not proved good. */
  readonly onProbation: boolean;
  /** Whether the start has been acknowledged. */
  readonly started: boolean;
  readonly goal: Goal;
}

/** What a machine is started with. */
export type ConnectionInput = Pick<ConnectionContext, "autoReconnect" | "backoff" | "stableAfterMs">;

/** The context of a machine that has done nothing yet. */
export function initialContext(input: ConnectionInput): ConnectionContext {
  return {
    autoReconnect: input.autoReconnect,
    backoff: input.backoff,
    stableAfterMs: input.stableAfterMs,
    attempts: 0,
    failures: 0,
    onProbation: false,
    started: false,
    goal: { type: "none" },
  };
}
