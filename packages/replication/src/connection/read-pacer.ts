/**
 * A stream is busy when this many bytes came within one `coalesceMs`. A thousand small transactions a second stay
 * below it, and are read one by one without delay; a walsender at work sends some hundred bytes every 10 µs.
 */
const BUSY_BYTES = 4096;

/** What one read may bring and still be worth waiting for more: a larger read has gathered enough by itself. */
const SMALL_READ_BYTES = 1 << 16;

/**
 * Decides after each read whether to let bytes gather in the kernel for a while. An eager reader is woken for every
 * small packet of a busy walsender, and makes both sides pay for it; waiting about a millisecond costs a fifth.
 */
export class ReadPacer {
  readonly #coalesceMs: number;
  readonly #now: () => number;
  #windowStart = 0;
  #windowBytes = 0;

  /** @param coalesceMs 0 turns it off. @param now a monotonic clock in milliseconds. */
  constructor(coalesceMs: number, now: () => number) {
    this.#coalesceMs = coalesceMs;
    this.#now = now;
  }

  /** Tells of a read. Answers for how many milliseconds not to read (0: go on reading). */
  afterRead(bytes: number): number {
    if (this.#coalesceMs === 0) return 0;
    const now = this.#now();
    if (now - this.#windowStart > this.#coalesceMs) {
      this.#windowStart = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += bytes;
    if (bytes >= SMALL_READ_BYTES || this.#windowBytes < BUSY_BYTES) return 0;
    this.#windowStart = Number.NEGATIVE_INFINITY; // what the pause has gathered is judged by itself
    return this.#coalesceMs;
  }
}
