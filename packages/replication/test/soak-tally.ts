/** What a soak has seen: ids from 1 on, each committed once and delivered at least once. */
export class Tally {
  losses = 0;
  duplicates = 0;
  readonly #ids = new Set<number>();
  readonly #waiting = new Map<number, () => void>();

  /** How many different ids have been seen. */
  get seen(): number {
    return this.#ids.size;
  }

  add(id: number): void {
    if (this.#ids.has(id)) this.duplicates += 1;
    this.#ids.add(id);
    this.#waiting.get(id)?.();
  }

  /** Resolves when this id has been seen. */
  arrived(id: number): Promise<void> {
    if (this.#ids.has(id)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** How many of the ids from 1 to `last` have not been seen. */
  missing(last: number): number {
    let missing = 0;
    for (let id = 1; id <= last; id += 1) if (!this.#ids.has(id)) missing += 1;
    return missing;
  }
}
