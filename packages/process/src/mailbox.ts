/** Anything an actor receives. */
export interface Message {
  readonly type: string;
}

/** Limits of a process's mailbox. */
export interface MailboxOptions {
  /** The most messages that may wait; one more is refused. Default: no limit. */
  readonly capacity?: number;
}

const noMessages: readonly Message[] = [];

/**
 * What has been sent to one incarnation and not handled yet. XState's own queue has no length, so the kernel counts in
 * front of it: `deferred` behind a signal, `sent` when a message is handed to XState, `taken` when the logic sees it, `held` while suspended.
 */
export class Mailbox {
  readonly capacity: number;
  #sent: Message[] = [];
  #head = 0;
  #held: Message[] | undefined;
  readonly #deferred: Message[] = [];

  constructor(options: MailboxOptions | undefined) {
    this.capacity = options?.capacity ?? Number.POSITIVE_INFINITY;
  }

  /** Messages that wait. */
  get depth(): number {
    return this.#sent.length - this.#head + (this.#held?.length ?? 0) + this.#deferred.length;
  }

  get full(): boolean {
    return this.depth >= this.capacity;
  }

  get suspended(): boolean {
    return this.#held !== undefined;
  }

  /** Waits behind a signal that is on its way; `sent` follows when that has arrived. */
  deferred(message: Message): void {
    this.#deferred.push(message);
  }

  /** The oldest of the deferred has its turn. */
  undeferred(): void {
    this.#deferred.shift();
  }

  sent(message: Message): void {
    this.#sent.push(message);
  }

  /** The logic is about to see `message`. One that came past the kernel (a machine's `sendTo`) was never counted. */
  taken(message: Message): void {
    if (this.#sent[this.#head] !== message) return;
    this.#head += 1;
    if (this.#head === this.#sent.length) {
      this.#sent.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#sent.length) {
      this.#sent = this.#sent.slice(this.#head);
      this.#head = 0;
    }
  }

  suspend(): void {
    this.#held ??= [];
  }

  hold(message: Message): void {
    this.#held?.push(message);
  }

  /** Ends the suspension and hands out what was held, oldest first. */
  resume(): readonly Message[] {
    const held = this.#held ?? noMessages;
    this.#held = undefined;
    return held;
  }

  /** Takes back messages that are held, so that nobody has seen them. */
  remove(matches: (message: Message) => boolean): void {
    if (this.#held !== undefined) this.#held = this.#held.filter((message) => !matches(message));
  }

  /** What waits, oldest first. */
  waiting(): readonly Message[] {
    return [...(this.#held ?? noMessages), ...this.#sent.slice(this.#head), ...this.#deferred];
  }

  /** Empties it and hands out what was lost. */
  drain(): readonly Message[] {
    if (this.depth === 0) return noMessages;
    const lost = this.waiting();
    this.#sent = [];
    this.#head = 0;
    this.#held = undefined;
    this.#deferred.length = 0;
    return lost;
  }
}
