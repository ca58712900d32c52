/**
 * What a supervisor has still to do, in arrival order. One message is handled to its end, however long that takes,
 * before the next one is looked at: while a group restart runs, exits and requests wait.
 */
export class Inbox<Message extends object> {
  readonly #handle: (message: Message) => Promise<void> | undefined;
  readonly #failed: (error: unknown) => void;
  #queue: Message[] = [];
  #head = 0;
  #state: "idle" | "busy" | "closed" = "idle";
  #suspended = false;

  /** `failed`: told of an error that `handle` let through; the inbox is closed by then. */
  constructor(handle: (message: Message) => Promise<void> | undefined, failed: (error: unknown) => void) {
    this.#handle = handle;
    this.#failed = failed;
  }

  /** How many messages wait behind the one that is being handled. */
  get depth(): number {
    return this.#queue.length - this.#head;
  }

  push(message: Message): void {
    if (this.#state === "closed") return;
    this.#queue.push(message);
    this.#wake();
  }

  /** Puts a message before all others when they are held back: it is the last that will be handled. */
  pushLast(message: Message): void {
    if (this.#suspended) {
      this.#queue = [];
      this.#head = 0;
      this.#suspended = false;
    }
    this.push(message);
  }

  /** Handles nothing more after the message it is at; what arrives is kept. */
  suspend(): void {
    this.#suspended = true;
  }

  /** Goes on, with what has waited first. */
  resume(): void {
    this.#suspended = false;
    this.#wake();
  }

  /** Takes nothing more and forgets what waits. */
  close(): void {
    this.#state = "closed";
    this.#queue = [];
    this.#head = 0;
  }

  #wake(): void {
    if (this.#state !== "idle" || this.#suspended || this.depth === 0) return;
    this.#state = "busy";
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    try {
      for (let message = this.#next(); message !== undefined; message = this.#next()) {
        const handling = this.#handle(message);
        if (handling !== undefined) await handling;
      }
    } catch (error) {
      this.close();
      this.#failed(error);
    }
    if (this.#state === "busy") this.#state = "idle";
    // Resumed while the last message was being handled.
    this.#wake();
  }

  #next(): Message | undefined {
    if (this.#suspended) return undefined;
    const message = this.#queue[this.#head];
    this.#head += 1;
    if (this.#head >= this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }
}
