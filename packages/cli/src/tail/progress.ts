import { formatLsn } from "@trunkline/protocol";
import { type SubscriptionRef, subscriptionStats } from "@trunkline/subscription";
import type { Screen } from "../terminal/screen.ts";

/** How often the status line is written anew, in milliseconds. */
const statusEveryMs = 500;

/** The status line of a tail. */
export class Progress implements Disposable {
  readonly #screen: Screen;
  readonly #count: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(screen: Screen, count: () => number) {
    this.#screen = screen;
    this.#count = count;
  }

  /** Tells of this subscription from now on. */
  of(ref: SubscriptionRef): void {
    clearInterval(this.#timer);
    if (!this.#screen.interactive) return;
    const show = (): void => {
      subscriptionStats(ref).then(
        ({ state, received }) => {
          const where = received === undefined ? "" : `, up to ${formatLsn(received)}`;
          if (this.#timer !== undefined)
            this.#screen.status(`${state}: ${this.#count()} changes${where}. Ctrl-C ends it.`);
        },
        () => {}, // it has just ended
      );
    };
    this.#timer = setInterval(show, statusEveryMs);
    show();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
