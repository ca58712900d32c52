import { type ExitReason, exited, isRunning, normal, type Runtime } from "@trunkline/process";
import type { Row } from "@trunkline/protocol";
import type { SubscriptionOptions } from "./options.ts";
import { causeOfStart } from "./stream/cause-of-start.ts";
import type { Relations } from "./stream/change.ts";
import type { Transaction } from "./stream/transaction.ts";
import { startSubscription, stopSubscription } from "./subscription.ts";

/** A transaction of a loop. */
export interface ConfirmableTransaction<R extends Relations = Record<string, Row>> extends Transaction<R> {
  /** Says that what was done for it is durable, without asking for the next one. */
  confirm(): void;
}

/** Options of {@link subscribe}: those of a subscription without handlers of transactions, and when to end. */
export interface SubscribeOptions<R extends Relations = Record<string, Row>>
  extends Omit<SubscriptionOptions<R>, "onTransaction" | "onChange" | "onFailure" | "restart" | "shutdown" | "id"> {
  /** Ends the loop when aborted, as `break` does. */
  readonly signal?: AbortSignal;
  /** Clock, randomness and logger. Default: the real ones; the console from `warn` on. */
  readonly runtime?: Runtime;
}

/**
 * The transactions as an async iterable, for scripts. Asking for the next one confirms the one before; `confirm()` does so
 * at once. Leaving the loop confirms nothing, since `break` and `throw` look alike: the transaction in hand comes again.
 * It connects when the loop begins, closes when it ends, and throws what stops it.
 */
export function subscribe<R extends Relations = Record<string, Row>>(
  options: SubscribeOptions<R>,
): AsyncIterable<ConfirmableTransaction<R>> {
  return { [Symbol.asyncIterator]: () => iterate(options) };
}

async function* iterate<R extends Relations>(
  options: SubscribeOptions<R>,
): AsyncGenerator<ConfirmableTransaction<R>, void, undefined> {
  const { signal, runtime, ...rest } = options;
  const aborted = (): boolean => signal?.aborted === true;
  if (aborted()) return;
  const offers = new Offers<R>();
  const ref = await startSubscription<R>(
    { ...rest, onTransaction: (transaction) => offers.put(transaction), onFailure: { retries: 0 } },
    runtime === undefined ? {} : { runtime },
  ).catch((error: unknown) => {
    throw causeOfStart(error);
  });
  void exited(ref).then((reason) => offers.end(reason));
  const abort = (): void => offers.end(normal);
  signal?.addEventListener("abort", abort, { once: true });
  if (aborted()) abort(); // it was aborted while the subscription started
  try {
    for (;;) {
      const next = await offers.take();
      if (next.type === "end") {
        if (next.reason.type === "error") throw next.reason.error;
        return;
      }
      yield next.transaction;
      next.transaction.confirm();
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    // What was confirmed is finished first; what was not is left as it is.
    if (isRunning(ref)) await stopSubscription(ref, offers.confirmed ? {} : { drainMs: 0 }).catch(() => undefined);
  }
}

type Next<R extends Relations> =
  | { readonly type: "transaction"; readonly transaction: ConfirmableTransaction<R> }
  | { readonly type: "end"; readonly reason: ExitReason };

/** Hands one transaction at a time from the handler to the loop. */
class Offers<R extends Relations> {
  #next: Next<R> | undefined;
  #taker: ((next: Next<R>) => void) | undefined;
  #confirmed = true;

  /** Whether the loop has nothing in hand that it did not confirm. */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Settles when the loop has confirmed it; never, when the loop is left. */
  put(transaction: Transaction<R>): Promise<void> {
    return new Promise((resolve) => {
      const confirm = (): void => {
        this.#confirmed = true;
        resolve();
      };
      this.#offer({ type: "transaction", transaction: { ...transaction, signal: transaction.signal, confirm } });
    });
  }

  /** Nothing more comes. */
  end(reason: ExitReason): void {
    this.#offer({ type: "end", reason });
  }

  async take(): Promise<Next<R>> {
    const next = this.#next ?? (await new Promise<Next<R>>((resolve) => (this.#taker = resolve)));
    this.#next = next.type === "end" ? next : undefined;
    this.#taker = undefined;
    if (next.type === "transaction") this.#confirmed = false;
    return next;
  }

  #offer(next: Next<R>): void {
    if (this.#next?.type === "end") return;
    if (this.#taker === undefined) this.#next = next;
    else this.#taker(next);
  }
}
