import type { Lsn } from "@trunkline/protocol";
import type { Ticket } from "../ledger/ledger.ts";
import type { AnyChange } from "./change.ts";

/** What is known of a transaction when it begins. */
export interface TransactionHead {
  readonly ticket: Ticket;
  readonly xid: number;
  readonly commitLsn: Lsn;
  /** Microseconds since 2000-01-01 UTC. */
  readonly commitClock: bigint;
}

type End =
  | { readonly type: "open" }
  | { readonly type: "complete"; readonly endLsn: Lsn }
  | { readonly type: "cut"; readonly error: Error };

/** Who is told when changes have been let go. */
export type Freed = (changes: number, bytes: number) => void;

/**
 * The changes of one transaction between their arrival and their handler. One that is handed out whole keeps them, so
 * that the handler may run again; of one that is handed out while it arrives a change is let go when it is read, so that
 * its length does not matter.
 */
export class HeldTransaction {
  readonly head: TransactionHead;
  origin: string | undefined;
  /** Called when the connection is lost before its Commit. */
  whenCut: (() => void) | undefined;
  readonly #freed: Freed;
  #length = 0;
  #changes: (AnyChange | undefined)[] = [];
  #sizes: number[] = [];
  #read = 0;
  #end: End = { type: "open" };
  #keeps = true;
  #discards = false;
  #wake: (() => void) | undefined;
  #ended: (() => void)[] = [];

  constructor(head: TransactionHead, freed: Freed) {
    this.head = head;
    this.#freed = freed;
  }

  /** Where its commit record ends; `undefined` until its Commit has come. */
  get endLsn(): Lsn | undefined {
    return this.#end.type === "complete" ? this.#end.endLsn : undefined;
  }

  /** How many changes it has; 0 until its Commit has come. */
  get length(): number {
    return this.#length;
  }

  /** Whether its changes can be read from the first again. */
  get replayable(): boolean {
    return this.#keeps && this.#end.type === "complete";
  }

  get cut(): boolean {
    return this.#end.type === "cut";
  }

  /** Takes a change. Answers whether it is held: nobody may want it any more. */
  push(change: AnyChange, bytes: number): boolean {
    if (this.#discards) return false;
    this.#changes.push(change);
    this.#sizes.push(bytes);
    this.#waken();
    return true;
  }

  /** Its Commit has come. `length`: how many changes it has. */
  complete(endLsn: Lsn, length: number): void {
    this.#length = length;
    this.#finish({ type: "complete", endLsn });
  }

  /** The connection was lost before its Commit: it comes again, and whoever reads it gets `error`. */
  abandon(error: Error): void {
    if (this.#end.type !== "open") return;
    this.#finish({ type: "cut", error });
    this.whenCut?.();
  }

  /** It is handed out while it arrives: what is read is let go. */
  letGoWhatIsRead(): void {
    this.#keeps = false;
  }

  /** Nobody reads on: what is held is let go, and what is still to come isn't taken. */
  discard(): void {
    this.#discards = true;
    const held = this.#keeps ? this.#sizes : this.#sizes.slice(this.#read);
    const bytes = held.reduce((sum, size) => sum + size, 0);
    const changes = held.length;
    this.#changes = [];
    this.#sizes = [];
    this.#read = 0;
    this.#freed(changes, bytes);
    this.#waken();
  }

  /** Resolves when its Commit has come; rejects when the connection is lost before. */
  async whole(): Promise<Lsn> {
    while (this.#end.type === "open") await new Promise<void>((resolve) => this.#ended.push(resolve));
    if (this.#end.type === "cut") throw this.#end.error;
    return this.#end.endLsn;
  }

  /** Begins to read, from the first change where they are kept. One reader at a time. */
  rewind(): void {
    if (this.#keeps) this.#read = 0;
  }

  /** The next change, if it is here; `undefined` says nothing of what is still to come. */
  takeReady(): AnyChange | undefined {
    const change = this.#changes[this.#read];
    return change === undefined ? undefined : this.#take(change);
  }

  /** Reads the changes as {@link HeldTransaction.rewind} says. */
  read(): AsyncIterableIterator<AnyChange, undefined> {
    this.rewind();
    const iterator: AsyncIterableIterator<AnyChange, undefined> = {
      next: () => this.next(),
      return: () => Promise.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** The next change, waited for where it is not here yet. Rejects when the transaction is cut. */
  next(): Promise<IteratorResult<AnyChange, undefined>> {
    const value = this.takeReady();
    return value === undefined ? this.#nextToCome() : Promise.resolve({ done: false, value });
  }

  async #nextToCome(): Promise<IteratorResult<AnyChange, undefined>> {
    for (;;) {
      const value = this.takeReady();
      if (value !== undefined) return { done: false, value };
      if (this.#end.type === "cut") throw this.#end.error;
      if (this.#end.type === "complete" || this.#discards) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(change: AnyChange): AnyChange {
    if (this.#keeps) {
      this.#read += 1;
      return change;
    }
    const bytes = this.#sizes[this.#read] ?? 0;
    this.#changes[this.#read] = undefined;
    this.#read += 1;
    this.#compact();
    this.#freed(1, bytes);
    return change;
  }

  // Once in a while, so that taking from the front costs nothing on the average.
  #compact(): void {
    if (this.#read < 1024 || this.#read * 2 < this.#changes.length) return;
    this.#changes = this.#changes.slice(this.#read);
    this.#sizes = this.#sizes.slice(this.#read);
    this.#read = 0;
  }

  #finish(end: End): void {
    this.#end = end;
    this.#waken();
    for (const resolve of this.#ended.splice(0)) resolve();
  }

  #waken(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
