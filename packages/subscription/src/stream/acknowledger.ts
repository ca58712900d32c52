import type { Clock } from "@trunkline/process";

/** What keepalives allow is gathered for so long, in milliseconds: they come all the time. */
const idleMs = 1000;
/** What handlers finish soon after a report is gathered for so long, in milliseconds. */
const busyMs = 10;

/**
 * Decides when the durable position is reported: in the next turn of the loop after a handler is through, but at most
 * every 10 ms; a second after a keepalive has moved it, unless a handler is through before.
 */
export class Acknowledger {
  readonly #clock: Clock;
  readonly #report: () => void;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #dueMs: number | undefined;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(clock: Clock, report: () => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** The durable position has moved. */
  moved(by: "handler" | "keepalive"): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.now();
    const dueMs = by === "keepalive" ? nowMs + idleMs : Math.max(nowMs, this.#reportedMs + busyMs);
    if (this.#dueMs !== undefined && this.#dueMs <= dueMs) return;
    this.#cancel?.();
    this.#dueMs = dueMs;
    this.#cancel = dueMs > nowMs ? this.#after(dueMs - nowMs) : this.#clock.yieldToLoop(() => this.#fire());
  }

  /** Reports nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueMs = undefined;
  }

  #after(ms: number): () => void {
    const timer = this.#clock.setTimeout(() => this.#fire(), ms);
    return () => this.#clock.clearTimeout(timer);
  }

  #fire(): void {
    this.#cancel = undefined;
    this.#dueMs = undefined;
    this.#reportedMs = this.#clock.now();
    this.#report();
  }
}
