import { type From, isPending, replyError } from "@trunkline/process";

/** The calls that were handed to `handleCall` and may still be open. Answered ones are forgotten now and then. */
export class OpenCalls {
  readonly #froms = new Set<From>();
  #sweepAt = 64;

  get size(): number {
    return this.#froms.size;
  }

  add(from: From): void {
    this.#froms.add(from);
    if (this.#froms.size < this.#sweepAt) return;
    for (const known of this.#froms) if (!isPending(known)) this.#froms.delete(known);
    this.#sweepAt = Math.max(64, 2 * this.#froms.size);
  }

  /** Answers all that are still open with an error. */
  fail(error: unknown): void {
    for (const from of this.#froms) replyError(from, error);
    this.#froms.clear();
  }
}
