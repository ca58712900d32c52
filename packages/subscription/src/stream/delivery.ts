import type { HeldTransaction } from "./held-transaction.ts";

/**
 * One delivery of a transaction to its handler, for as long as the handler runs. Its signal is made when it is asked for:
 * most handlers never ask, and a signal costs more than a small transaction.
 */
export class Delivery {
  readonly #held: HeldTransaction;
  readonly #ended: AbortSignal;
  #controller: AbortController | undefined;
  #over = false;

  /** @param ended aborted when the subscription ends */
  constructor(held: HeldTransaction, ended: AbortSignal) {
    this.#held = held;
    this.#ended = ended;
  }

  /** Aborted when the connection is lost before the transaction's Commit, or the subscription ends. */
  get signal(): AbortSignal {
    this.#controller ??= this.#watch();
    return this.#controller.signal;
  }

  /** The handler is through: nothing reaches its signal any more. */
  over(): void {
    this.#over = true;
    if (this.#controller === undefined) return;
    this.#held.whenCut = undefined;
    this.#ended.removeEventListener("abort", this.#abort);
  }

  // Not AbortSignal.any: the signal of the subscription would remember each transaction for as long as it lives.
  #watch(): AbortController {
    const controller = new AbortController();
    if (this.#ended.aborted || this.#held.cut) controller.abort(this.#ended.reason);
    else if (!this.#over) {
      this.#held.whenCut = this.#abort;
      this.#ended.addEventListener("abort", this.#abort, { once: true });
    }
    return controller;
  }

  readonly #abort = (): void => this.#controller?.abort(this.#ended.reason);
}
