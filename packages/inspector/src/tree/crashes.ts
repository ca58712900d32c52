import type { Crashes, Reason, Ref } from "../wire.ts";
import { pathOf, type TreeNode } from "./node.ts";

const kept = 100;

type Crash = Crashes["items"][number];
type Budget = NonNullable<Crash["budget"]>;

interface Entry {
  readonly crash: Omit<Crash, "then" | "budget">;
  readonly parent: Ref | undefined;
  readonly id: string;
  outcome: Crash["then"];
  budget: Budget | undefined;
}

/** The last 100 crashes, and what came of each. */
export class CrashLog {
  readonly #entries: Entry[] = [];
  #count = 0;
  /** Grows with each crash and with what becomes of one. */
  version = 0;

  /** Notes a crash, once for each incarnation. */
  add(node: TreeNode, at: number, reason: Reason): void {
    if (this.#entries.some(({ crash }) => crash.ref === node.ref)) return;
    this.#count += 1;
    this.#entries.unshift({
      crash: { n: this.#count, at, ref: node.ref, path: pathOf(node), reason },
      parent: node.parent?.ref,
      id: node.id,
      outcome: { did: "not restarted" },
      budget: undefined,
    });
    if (this.#entries.length > kept) this.#entries.pop();
    this.version += 1;
  }

  /** Its supervisor means to start it again, and has not yet. */
  restarting(ref: Ref, budget: Budget | undefined): void {
    this.#settle(ref, { did: "restarting" }, budget);
  }

  /** It was started again. */
  restarted(ref: Ref, successor: Ref, afterMs: number, budget: Budget | undefined): void {
    this.#settle(ref, { did: "restarted", afterMs, ref: successor }, budget);
  }

  /** The last crash of this child was one too many for its supervisor. */
  gaveUpOn(parent: Ref, id: string, budget: Budget | undefined): void {
    const entry = this.#entries.find((known) => known.parent === parent && known.id === id);
    if (entry !== undefined) this.gaveUp(entry.crash.ref, budget);
  }

  /** Its crash brought its parent down. */
  gaveUp(ref: Ref, budget: Budget | undefined): void {
    this.#settle(ref, { did: "gave up" }, budget);
  }

  /** Newest first. */
  frame(): Crashes {
    return {
      t: "crashes",
      items: this.#entries.map(({ crash, outcome, budget }) => ({
        ...crash,
        // biome-ignore lint/suspicious/noThenProperty: what happened then; it is no function, so nothing awaits it
        then: outcome,
        ...(budget === undefined ? {} : { budget }),
      })),
    };
  }

  #settle(ref: Ref, outcome: Crash["then"], budget: Budget | undefined): void {
    const entry = this.#entries.find(({ crash }) => crash.ref === ref);
    if (entry === undefined || (entry.outcome.did === outcome.did && entry.outcome.ref === outcome.ref)) return;
    entry.outcome = outcome;
    entry.budget = budget ?? entry.budget;
    this.version += 1;
  }
}
