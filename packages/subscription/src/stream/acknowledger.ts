import type { Clock } from "@trunkline/process";

/** What keepalives allow is gathered for so long, in milliseconds: they come all the time. */
const idleMs = 1000;
/** What handlers finish soon after a report is gathered for so long, in milliseconds. */
const busyMs = 10;
/**
 * And for so long again, where data has come meanwhile, it waits for data to go with, which then comes every 1 to 3 ms: a
 * tenth of what a report costs by itself.
 */
const rideMs = 5;

/**
 * Decides when the durable position is reported: in the next turn of the loop after a handler is through; where that is
 * within 10 ms of the report before, at the end of these, or, while data comes, with what comes after the next handler is
 * through, 5 ms later at the latest; and a second after a keepalive has moved it, unless a handler is through before.
 */
export class Acknowledger {
  readonly #clock: Clock;
  readonly #report: () => void;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #dueMs: number | undefined;
  /** Data has come since the report was put off. */
  #flows = false;
  #rides = false;
  #cancel: (() => void) | undefined;
  #stopped = false;

  /** @param report reports by a message of its own, since nothing came that it could have gone with */
  constructor(clock: Clock, report: () => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** The durable position has moved. */
  moved(by: "handler" | "keepalive"): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.now();
    const gatheredMs = this.#reportedMs + busyMs;
    if (by === "keepalive") this.#reportAt(nowMs + idleMs, nowMs);
    else if (nowMs < gatheredMs) this.#reportAt(gatheredMs, nowMs);
    else if (this.#dueMs !== undefined && this.#dueMs - nowMs <= rideMs) this.#rides = true;
    else this.#reportAt(nowMs, nowMs);
  }

  /** Data has just come: whether the position is to be reported with the answer to it. If so, it counts as reported. */
  rides(): boolean {
    this.#flows = true;
    if (!this.#rides) return false;
    this.#reported();
    return true;
  }

  /** Reports nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#forget();
  }

  /** Unless that is to happen earlier. */
  #reportAt(dueMs: number, nowMs: number): void {
    if (this.#dueMs !== undefined && this.#dueMs <= dueMs) return;
    this.#forget();
    this.#dueMs = dueMs;
    this.#flows = false;
    this.#cancel = dueMs > nowMs ? this.#after(dueMs - nowMs) : this.#clock.yieldToLoop(() => this.#fire());
  }

  #after(ms: number): () => void {
    const timer = this.#clock.setTimeout(() => this.#fire(), ms);
    return () => this.#clock.clearTimeout(timer);
  }

  #fire(): void {
    if (this.#flows && this.#dueMs === this.#reportedMs + busyMs) {
      this.#dueMs = this.#clock.now() + rideMs;
      this.#cancel = this.#after(rideMs);
      return;
    }
    this.#reported();
    this.#report();
  }

  #reported(): void {
    this.#forget();
    this.#reportedMs = this.#clock.now();
  }

  #forget(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueMs = undefined;
    this.#rides = false;
  }
}
