import type { Clock, TimerHandle } from "./clock.ts";

interface Waiting {
  readonly at: number;
  readonly order: number;
  readonly fn: () => void;
}

/**
 * A clock that stands still until it is told to move, for tests of timeouts, restart budgets and back-off.
 * Yields to the loop are real: only waiting is simulated.
 */
export class SimulatedTime implements Clock {
  #now = 0;
  #order = 0;
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    const timer: Waiting = { at: this.#now + Math.max(0, ms), order: this.#order++, fn };
    this.#waiting.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#waiting.delete(handle as Waiting);
  }

  yieldToLoop(fn: () => void): () => void {
    const handle = setImmediate(fn);
    return () => clearImmediate(handle);
  }

  /** How many timers are waiting: a test of clean-up asserts 0. */
  get pending(): number {
    return this.#waiting.size;
  }

  /**
   * Moves the time on by `ms`, firing what falls due in order, and lets everything that follows from each timer
   * happen (`settle`) before the next fires.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let timer = this.#nextBefore(until); timer !== undefined; timer = this.#nextBefore(until)) {
      this.#waiting.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.fn();
      await settle();
    }
    this.#now = until;
  }

  #nextBefore(until: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const timer of this.#waiting) {
      if (timer.at > until) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  }
}

/** Resolves when the queued microtasks, and those they queue, have run and the event loop has turned once. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
