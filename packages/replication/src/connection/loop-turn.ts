/** For so many milliseconds the frames of a busy stream may keep the event loop from its turn. */
const LIMIT_MS = 1;

/**
 * Knows for how long the event loop has had no turn. Reads can't tell: libuv makes up to 32 in a row before anything
 * else runs. So an immediate that is set at the first work after a turn says when the next one has come.
 */
export class LoopTurn {
  readonly #now: () => number;
  readonly #passed: () => void;
  #since = 0;
  #immediate: NodeJS.Immediate | undefined;

  /** @param now a monotonic clock in milliseconds. @param passed called in each turn that follows upon work. */
  constructor(now: () => number, passed: () => void) {
    this.#now = now;
    this.#passed = passed;
  }

  /** Says that there is work: called before each piece of it. */
  work(): void {
    if (this.#immediate !== undefined) return;
    this.#since = this.#now();
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      this.#passed();
    });
  }

  /** Whether the work since the last turn has taken a millisecond: the event loop is to have its turn. */
  get due(): boolean {
    return this.#immediate !== undefined && this.#now() - this.#since >= LIMIT_MS;
  }

  /** Forgets the turn that is awaited. */
  close(): void {
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }
}
