/**
 * A stream is busy when this many bytes came within one `coalesceMs`. A thousand small transactions a second stay
 * below it, and are read one by one without delay; a walsender at work sends some hundred bytes every 10 µs.
 */
const BUSY_BYTES = 4096;

/**
 * A read that brings as much has gathered enough: 96 KiB. What a pause lets gather is some 40 to 75 KB of small rows,
 * while a server that can send faster than that would be held up by pauses.
 */
const ENOUGH_BYTES = 96 * 1024;

/** A busy stream stays busy for so many milliseconds: a walsender that opens its next segment is not idle. */
const LINGER_MS = 20;

/**
 * For so many milliseconds from its beginning a stream counts as busy: it begins with what was written while nobody
 * listened. Reading the first packets one by one can teach the server's TCP to go on sending one packet a row
 * (docs/decisions/0006-speed.md).
 */
const BEGINNING_MS = 500;

/**
 * Decides after each read whether to let bytes gather in the kernel for a while. An eager reader is woken for every
 * small packet of a busy walsender, and makes both sides pay for it; waiting about a millisecond costs a fifth.
 */
export class ReadPacer {
  readonly #coalesceMs: number;
  readonly #now: () => number;
  #windowStart = Number.NEGATIVE_INFINITY;
  #windowBytes = 0;
  #busyUntil = Number.NEGATIVE_INFINITY;
  #streams = false;

  /** @param coalesceMs 0 turns it off. @param now a monotonic clock in milliseconds. */
  constructor(coalesceMs: number, now: () => number) {
    this.#coalesceMs = coalesceMs;
    this.#now = now;
  }

  /** Says that a replication stream begins: until it ends reads may be followed by pauses. */
  streamBegins(): void {
    this.#streams = true;
    this.#windowStart = Number.NEGATIVE_INFINITY;
    this.#busyUntil = this.#now() + BEGINNING_MS;
  }

  /** Says that it has ended: queries are answered without delay. */
  streamEnds(): void {
    this.#streams = false;
  }

  /**
   * Tells of a read that had room for `room` bytes. Answers for how many milliseconds not to read (0: go on reading).
   */
  afterRead(bytes: number, room: number): number {
    if (this.#coalesceMs === 0 || !this.#streams) return 0;
    const now = this.#now();
    if (now - this.#windowStart > this.#coalesceMs) {
      this.#windowStart = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += bytes;
    if (this.#windowBytes >= BUSY_BYTES) this.#busyUntil = Math.max(this.#busyUntil, now + LINGER_MS);
    return now < this.#busyUntil && bytes < Math.min(room, ENOUGH_BYTES) ? this.#coalesceMs : 0;
  }
}
