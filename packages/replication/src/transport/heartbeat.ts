import type { Clock } from "@trunkline/process";
import type { Timings } from "./timings.ts";

/** What a heartbeat looks at and does. */
export interface Pulse {
  /** Bytes received so far. */
  bytesRead(): number;
  /** Whether we are not reading, so that silence says nothing. */
  deaf(): boolean;
  /** Time for a status update. */
  repeat(): void;
  /** Ask the server for a sign of life. */
  ask(): void;
  /** It gave none. */
  gone(silentMs: number): void;
}

/**
 * One coarse timer for each replication stream: repeats status updates and doubts a silent server. Silence counts only
 * while we read, starts anew when we read again, and is followed by a question before a verdict: so neither a server
 * with `wal_sender_timeout = 0`, nor a pause of ours, nor a long silent decoding, nor a busy handler looks like a dead
 * peer.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #timings: Timings;
  readonly #pulse: Pulse;
  #timer: unknown;
  #repeatAt: number;
  #heardAt: number;
  #bytesRead: number;
  #askedAt: number | undefined;

  constructor(clock: Clock, timings: Timings, pulse: Pulse) {
    this.#clock = clock;
    this.#timings = timings;
    this.#pulse = pulse;
    this.#heardAt = clock.now();
    this.#repeatAt = this.#heardAt + timings.statusMs;
    this.#bytesRead = pulse.bytesRead();
    this.#arm();
  }

  /** When something was last heard, or silence last began to count; to the look, not to the byte. */
  get heardAtMs(): number {
    return this.#quiet() ? this.#heardAt : this.#clock.now();
  }

  /** When the server was asked for a sign of life that has not come; `undefined` while it was not. */
  get askedAtMs(): number | undefined {
    return this.#quiet() ? this.#askedAt : undefined;
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const waitMs = Math.min(this.#repeatAt - this.#clock.now(), this.#timings.lookEveryMs);
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.setTimeout(() => this.#tick(), waitMs);
  }

  #tick(): void {
    const now = this.#clock.now();
    if (now >= this.#repeatAt) {
      this.#repeatAt = now + this.#timings.statusMs;
      this.#pulse.repeat();
    }
    this.#arm();
    this.#listen(now);
  }

  #listen(now: number): void {
    if (!this.#quiet()) {
      this.#bytesRead = this.#pulse.bytesRead();
      this.#heardAt = now;
      this.#askedAt = undefined;
      return;
    }
    const silentMs = now - this.#heardAt;
    if (silentMs >= this.#timings.goneAfterMs && this.#askedAt !== undefined) {
      this.stop();
      this.#pulse.gone(silentMs);
    } else if (silentMs >= this.#timings.askAfterMs && this.#askedAt === undefined) {
      this.#askedAt = now;
      this.#pulse.ask();
    }
  }

  #quiet(): boolean {
    return this.#pulse.bytesRead() === this.#bytesRead && !this.#pulse.deaf();
  }
}
