import type { Clock, TimerHandle } from "@trunkline/process";

interface Timer {
  readonly at: number;
  readonly fn: () => void;
}

/** A clock that jumps from timer to timer when told to, so that no run ever waits. */
export class SteppedClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    const timer: Timer = { at: this.#now + ms, fn };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as Timer);
  }

  yieldToLoop(fn: () => void): () => void {
    const handle = setImmediate(fn);
    return () => clearImmediate(handle);
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  /** Jumps to the next timer and fires it; `false` when none waits. */
  fireNext(): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.at < next.at) next = timer;
    if (next === undefined) return false;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.at);
    next.fn();
    return true;
  }
}
