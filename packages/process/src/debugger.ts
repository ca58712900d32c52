import type { Clock } from "./clock.ts";
import type { Message } from "./mailbox.ts";
import type { Debugging } from "./record.ts";

/** What `sys.getStatistics` answers. Times are milliseconds of the tree's clock. */
export interface Statistics {
  readonly startTime: number;
  readonly currentTime: number;
  readonly messagesIn: number;
}

/** A message as it was handled. */
export interface LoggedMessage {
  /** Milliseconds of the tree's clock. */
  readonly at: number;
  /** The message, redacted. */
  readonly message: unknown;
}

/** What `sys` has switched on for one process. Off, it costs a comparison per message. */
export class Debugger implements Debugging {
  readonly #clock: Clock;
  readonly #show: (message: Message) => unknown;
  #countingSince: number | undefined;
  #messagesIn = 0;
  #logLength = 0;
  #log: LoggedMessage[] = [];
  #trace: ((message: LoggedMessage) => void) | undefined;

  constructor(clock: Clock, show: (message: Message) => unknown) {
    this.#clock = clock;
    this.#show = show;
  }

  observe(message: Message): void {
    if (this.#countingSince !== undefined) this.#messagesIn += 1;
    if (this.#logLength === 0 && this.#trace === undefined) return;
    const logged: LoggedMessage = { at: this.#clock.now(), message: this.#show(message) };
    if (this.#logLength > 0) {
      this.#log.push(logged);
      if (this.#log.length > this.#logLength) this.#log.shift();
    }
    try {
      this.#trace?.(logged);
    } catch {
      // Who watches must not harm who is watched: a trace that throws is switched off.
      this.#trace = undefined;
    }
  }

  switches(): { readonly log: boolean; readonly trace: boolean; readonly statistics: boolean } {
    return {
      log: this.#logLength > 0,
      trace: this.#trace !== undefined,
      statistics: this.#countingSince !== undefined,
    };
  }

  countMessages(on: boolean): void {
    this.#countingSince = on ? this.#clock.now() : undefined;
    this.#messagesIn = 0;
  }

  statistics(): Statistics | undefined {
    if (this.#countingSince === undefined) return undefined;
    return { startTime: this.#countingSince, currentTime: this.#clock.now(), messagesIn: this.#messagesIn };
  }

  keepLog(length: number): void {
    this.#logLength = Math.max(0, Math.trunc(length));
    this.#log = this.#logLength === 0 ? [] : this.#log.slice(-this.#logLength);
  }

  log(): readonly LoggedMessage[] {
    return [...this.#log];
  }

  traceTo(trace: ((message: LoggedMessage) => void) | undefined): void {
    this.#trace = trace;
  }
}
