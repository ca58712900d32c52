import { Fifo } from "./fifo.ts";
import type { Item } from "./item.ts";

/**
 * Why messages wait although no callback runs: an attempt to connect is under way (R75), or a query or the start of a
 * stream has no answer yet, or its refusal is still to come, which belongs to the event that asked for it (R50). Steps
 * wait for an answer too, and not for an attempt.
 */
export type Waiting = "nothing" | "attempt" | "result" | "streamStart" | "refusal";

/**
 * Messages that have their turns in microtasks before the event loop has its: handlers that send each other the next one
 * would never let it.
 */
const MESSAGES_A_LOOP = 100;

/** Who takes turns. */
export interface TurnHandlers {
  /** It is this item's turn. May call {@link Turns.run}, once. */
  handle(item: Item): void;
  /** A callback threw, or its promise was rejected. */
  failed(error: unknown): void;
  /** A round of turns is over. */
  rested(): void;
  /** Runs `fn` after pending I/O had its turn. */
  later(fn: () => void): void;
}

/**
 * One thing at a time: the order in which what waits gets its turn, and the lock that a callback holds. Steps of what is
 * under way come before messages. A synchronous callback takes its turn on the spot; while the promise of one is
 * pending, nobody else gets a turn.
 */
export class Turns {
  readonly #handlers: TurnHandlers;
  #answer: Item | undefined;
  readonly #steps = new Fifo<Item>();
  readonly #messages = new Fifo<Item>();
  #waiting: Waiting = "attempt";
  #running = false;
  #draining = false;
  /** Messages handled since the event loop is known to have had its turn. */
  #sinceLoop = 0;
  #awaitsLoop = false;
  #suspended = false;
  #halted = false;

  constructor(handlers: TurnHandlers) {
    this.#handlers = handlers;
  }

  /** Items that wait. */
  get depth(): number {
    return this.#messages.length + this.#steps.length + (this.#answer === undefined ? 0 : 1);
  }

  get waiting(): Waiting {
    return this.#waiting;
  }

  /** From now on messages wait for this, or for nothing. */
  waitFor(waiting: Waiting): void {
    this.#waiting = waiting;
  }

  /** Whether nobody can have a turn: the promise of a callback is pending, or the process is suspended or ends. */
  get blocked(): boolean {
    return this.#running || this.#suspended || this.#halted;
  }

  get halted(): boolean {
    return this.#halted;
  }

  /** Whether messages wait although nobody else has a turn: it is the event loop's. */
  get resting(): boolean {
    return this.#awaitsLoop && this.#sinceLoop >= MESSAGES_A_LOOP && this.#messages.length > 0;
  }

  /** Whether nothing is under way: no callback, no step, no answer. */
  get settled(): boolean {
    const nothingToDo = this.#answer === undefined && this.#steps.length === 0;
    return !this.#running && !this.#halted && this.#waiting === "nothing" && nothingToDo;
  }

  /** The answer that was waited for: it comes before all else. */
  answer(item: Item): void {
    this.#waiting = "nothing";
    this.#answer = item;
  }

  /** A step of what is under way: it comes before messages, and waits for the answer that was asked for before. */
  step(item: Item): void {
    this.#steps.put(item);
  }

  /** A message: it comes after those before it. */
  message(item: Item): void {
    this.#messages.put(item);
  }

  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
  }

  /** Nobody gets a turn any more, and what a pending callback comes to is dropped. */
  halt(): void {
    this.#halted = true;
  }

  /** Gives turns soon, not on the caller's stack; in a later turn of the event loop, if messages wait for that. */
  schedule(): void {
    queueMicrotask(() => {
      if (!this.#awaitsLoop) this.#goOn();
    });
  }

  /** Gives turns now, unless it is doing so already. */
  drain(): void {
    this.#drain(this.#messages.length);
  }

  /** As `drain`, but leaves the messages to the event loop if so many have had their turn. */
  #goOn(): void {
    this.#drain(this.#sinceLoop < MESSAGES_A_LOOP ? this.#messages.length : 0);
  }

  /** Gives turns to steps, and to so many messages: what arrives meanwhile waits for the next round. */
  #drain(messages: number): void {
    if (this.#draining) return;
    this.#draining = true;
    let budget = messages;
    while (!this.blocked) {
      let item = this.#takeStep();
      if (item === undefined && this.#waiting === "nothing" && budget > 0) {
        budget -= 1;
        this.#sinceLoop += 1;
        item = this.#messages.take();
      }
      if (item === undefined) break;
      this.#handlers.handle(item);
    }
    this.#draining = false;
    const more = !this.blocked && this.#waiting === "nothing" && this.#messages.length > 0;
    if (more) this.#awaitLoop();
    this.#handlers.rested();
  }

  #awaitLoop(): void {
    if (this.#awaitsLoop) return;
    this.#awaitsLoop = true;
    this.#handlers.later(() => {
      this.#awaitsLoop = false;
      this.#sinceLoop = 0;
      this.drain();
    });
  }

  /** Runs a callback; `then` gets what it returned, now or when its promise is fulfilled. */
  run(callback: () => unknown, then: (returned: unknown) => void): void {
    try {
      const returned = callback();
      if (!isThenable(returned)) {
        then(returned);
        return;
      }
      this.#running = true;
      returned.then(
        (value) => this.#continue(() => then(value)),
        (error) => this.#continue(() => this.#handlers.failed(error)),
      );
    } catch (error) {
      this.#handlers.failed(error);
    }
  }

  #takeStep(): Item | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    if (answer !== undefined) return answer;
    return this.#waiting === "nothing" || this.#waiting === "attempt" ? this.#steps.take() : undefined;
  }

  #continue(then: () => void): void {
    if (this.#halted) return;
    this.#running = false;
    try {
      then();
    } catch (error) {
      this.#handlers.failed(error);
    }
    this.#goOn();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
