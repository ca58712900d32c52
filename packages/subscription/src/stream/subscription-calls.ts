import type { Lsn } from "@trunkline/protocol";
import type { ErrorAction } from "../errors/rule.ts";
import type { Answer } from "../explain/answer.ts";
import type { IntakeLimits } from "./intake.ts";

/** What was done at the end. */
export interface Drained {
  /** Whether the handler was through with what it had in hand. */
  readonly drained: boolean;
  /** Transactions that had been received and were not handled; they come again. */
  readonly abandoned: number;
  /** The position that was acknowledged last; `undefined` when no stream ever ran. */
  readonly ackedTo: Lsn | undefined;
}

/** Where a subscription stands. Positions are `undefined` until the first stream starts. */
export interface Stats {
  /** `preparing`, `opening`, `standingBy`, `streaming`, `backingOff`, `draining`, … */
  readonly state: string;
  /** Whether {@link SubscriptionCalls.pause} holds it. */
  readonly paused: boolean;
  /** The greatest position that the server has told of. `received >= dispatched >= durable >= acked`. */
  readonly received: Lsn | undefined;
  /** Up to here everything has been handed out. */
  readonly dispatched: Lsn | undefined;
  /** Up to here everything is handled: where it resumes. */
  readonly durable: Lsn | undefined;
  /** What the server has been told. */
  readonly acked: Lsn | undefined;
  /** Transactions that are received and not handled. */
  readonly unfinished: number;
  readonly buffered: IntakeLimits;
  /** Transactions handled since the start. */
  readonly handled: number;
  /** Runs of the handler that failed. */
  readonly failures: number;
  /** Why the last session ended, and what was done about it. */
  readonly lastError:
    | { readonly error: unknown; readonly code: string; readonly action: ErrorAction; readonly remedy: string }
    | undefined;
  /** Why the slot is not advancing, or that it is, in words: see `explain`. */
  readonly answer: Answer;
}

/** What can be called on a subscription. */
export interface SubscriptionCalls {
  /** Hand out no further transaction; the one in hand goes on, and the connection stays. */
  pause: { reply: undefined };
  /** Hand out transactions again. */
  resume: { reply: undefined };
  /** Where it stands, as this process knows it. */
  stats: { reply: Stats };
  /** End: see `stopSubscription`. */
  stop: { args: { drainMs?: number }; reply: Drained };
}
