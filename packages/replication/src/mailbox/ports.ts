import type { Logger } from "@trunkline/process";
import type { MailboxEvent } from "../machine/events.ts";
import type { ConnectionState } from "../machine/states.ts";

/** What a mailbox can reach: the machine, the session, and the log. All calls return at once and never throw. */
export interface MailboxPorts {
  /** Where the machine stands. */
  state(): ConnectionState;
  /** Asks the machine for a change of mode. */
  tell(event: MailboxEvent): void;
  /** Sends each of `messages` as CopyData, in one write. */
  write(messages: readonly Uint8Array[]): void;
  /** Hand over no data any more until `release`. */
  hold(): void;
  release(): void;
  /** Runs `fn` after pending I/O had its turn. */
  later(fn: () => void): void;
  readonly log: Logger;
}

/** What a mailbox is set up with. */
export interface MailboxOptions {
  /** Hand exit signals of linked processes to `handleInfo` instead of ending with them. */
  readonly trapExit: boolean;
  /** Answer calls that are still open with the reason when a connection is lost and made anew. */
  readonly failPendingOnDisconnect: boolean;
}
