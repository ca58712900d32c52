import type { OldestOpen } from "../explain/facts.ts";
import { causeInWords } from "../explain/words.ts";
import type { AfterFailure } from "../policy/failure-policy.ts";
import type { Work } from "./intake.ts";

/** What a handler has in hand, and how it has done so far. It is told of transactions, never of rows. */
export class HandlerWatch {
  readonly #maxRuns: number;
  #open: OldestOpen | undefined;
  #lastChangeMs: number | undefined;
  #handled = 0;
  #failures = 0;

  /** @param maxRuns how often the handler runs before the transaction is given up */
  constructor(maxRuns: number) {
    this.#maxRuns = maxRuns;
  }

  /** What it has in hand. */
  get open(): OldestOpen | undefined {
    return this.#open;
  }
  /** When it was last handed something. */
  get lastChangeMs(): number | undefined {
    return this.#lastChangeMs;
  }
  /** Transactions handled. */
  get handled(): number {
    return this.#handled;
  }
  /** Runs that failed. */
  get failures(): number {
    return this.#failures;
  }

  begins(work: Work, nowMs: number): void {
    this.#lastChangeMs = nowMs;
    const xid = work.type === "message" ? undefined : work.held.head.xid;
    const commitLsn = work.type === "message" ? work.end : work.held.head.commitLsn;
    this.#open = { xid, commitLsn, sinceMs: nowMs, failure: undefined };
  }

  /** What is stored aside counts as held from now on. */
  failed(error: unknown, count: number, next: AfterFailure, nowMs: number): void {
    this.#failures += 1;
    if (this.#open === undefined) return;
    this.#open =
      next.type === "retry"
        ? {
            ...this.#open,
            failure: { count, max: this.#maxRuns, error: causeInWords(error), nextTryMs: nowMs + next.waitMs },
          }
        : { ...this.#open, sinceMs: nowMs, failure: undefined };
  }

  handledOne(): void {
    this.#handled += 1;
  }

  /** It has nothing in hand: it is through, or what it had comes again. */
  settled(): void {
    this.#open = undefined;
  }
}
