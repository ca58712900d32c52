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
  #asked = false;

  constructor(clock: Clock, timings: Timings, pulse: Pulse) {
    this.#clock = clock;
    this.#timings = timings;
    this.#pulse = pulse;
    this.#heardAt = clock.now();
    this.#repeatAt = this.#heardAt + timings.statusMs;
    this.#bytesRead = pulse.bytesRead();
    this.#arm();
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
    const bytesRead = this.#pulse.bytesRead();
    if (bytesRead !== this.#bytesRead || this.#pulse.deaf()) {
      this.#bytesRead = bytesRead;
      this.#heardAt = now;
      this.#asked = false;
      return;
    }
    const silentMs = now - this.#heardAt;
    if (silentMs >= this.#timings.goneAfterMs && this.#asked) {
      this.stop();
      this.#pulse.gone(silentMs);
    } else if (silentMs >= this.#timings.askAfterMs && !this.#asked) {
      this.#asked = true;
      this.#pulse.ask();
    }
  }
}
