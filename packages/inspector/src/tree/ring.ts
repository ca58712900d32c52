/** The last items of a sequence: one more, and the oldest is gone. */
export class Ring<T> {
  readonly #capacity: number;
  readonly #items: T[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(item: T): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Newest first. */
  newest(): T[] {
    return [...this.#items.slice(0, this.#next).reverse(), ...this.#items.slice(this.#next).reverse()];
  }
}
