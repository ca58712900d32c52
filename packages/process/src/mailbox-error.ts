import type { AnyActorRef } from "xstate";
import { pidOf } from "./emit-report.ts";

/** A message was refused: the mailbox of `process` holds as many as its capacity allows. */
export class MailboxError extends Error {
  override readonly name = "MailboxError";
  readonly code = "mailbox_full";
  readonly capacity: number;
  readonly process: AnyActorRef;

  constructor(capacity: number, process: AnyActorRef) {
    super(`The mailbox of ${pidOf(process)} is full (${capacity}). Send less, wait, or raise its capacity.`);
    this.capacity = capacity;
    this.process = process;
  }
}
