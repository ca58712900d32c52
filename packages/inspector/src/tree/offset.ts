import { isProcess, runtimeOf } from "@trunkline/process";
import type { AnyActorRef } from "xstate";

/** A machine that slept, or whose clock was set, is no longer where its two clocks were. */
const driftMs = 1000;

/** Turns times of a tree's own clock, which counts from an arbitrary moment, into Unix milliseconds. */
export class TreeClock {
  readonly #now: (() => number) | undefined;
  readonly #unixMs: () => number;
  #offset: number;

  constructor(root: AnyActorRef, unixMs: () => number) {
    const clock = isProcess(root) ? runtimeOf(root).clock : undefined;
    this.#now = clock === undefined ? undefined : () => clock.now();
    this.#unixMs = unixMs;
    this.#offset = this.#difference();
  }

  /** The Unix time of a moment of the tree's clock: the same one each time, so that nothing seems to change. */
  toUnix(atMs: number): number {
    const difference = this.#difference();
    if (Math.abs(difference - this.#offset) > driftMs) this.#offset = difference;
    return Math.round(atMs + this.#offset);
  }

  #difference(): number {
    return this.#now === undefined ? 0 : this.#unixMs() - this.#now();
  }
}
