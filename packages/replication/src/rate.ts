/** Between two looks that are closer than this, in milliseconds, the earlier answer stands. */
const closestMs = 500;
/** After a pause longer than this, in milliseconds, the average since the last look would say nothing of now. */
const longestMs = 60_000;

/** How fast a counter grows, told whenever somebody looks: costs nothing while nobody does. */
export class Rate {
  #count = 0;
  #atMs: number | undefined;
  #perSecond: number | undefined;

  /** Per second since the last look; `undefined` at the first one, and at the first after a minute without. */
  at(count: number, nowMs: number): number | undefined {
    const elapsedMs = this.#atMs === undefined ? Number.POSITIVE_INFINITY : nowMs - this.#atMs;
    if (elapsedMs < closestMs) return this.#perSecond;
    this.#perSecond = elapsedMs > longestMs ? undefined : ((count - this.#count) / elapsedMs) * 1000;
    this.#count = count;
    this.#atMs = nowMs;
    return this.#perSecond;
  }
}
