import {
  Actor,
  type AnyActorLogic,
  type EventFromLogic,
  type Observer,
  type SnapshotFrom,
  type Subscription,
} from "xstate";
import { publishDeadLetter } from "./channels.ts";
import { deliverLater } from "./delivery.ts";
import type { Message } from "./mailbox.ts";
import { exitReasonOf, isAlive, type ProcessRecord, recordOf } from "./record.ts";

const ignoreError = (): void => {};

/**
 * XState's actor with a door: what is sent to it is counted, and refused once its process has ended. Everything else
 * is XState's own.
 */
export class ProcessActor<L extends AnyActorLogic> extends Actor<L> {
  override send(event: EventFromLogic<L>): void {
    const record = recordOf(this);
    if (record === undefined) super.send(event);
    else accept(record, event);
  }

  /** Hands an event to XState without counting it. */
  deliver(event: Message): void {
    super.send(event as EventFromLogic<L>);
  }

  /** Stops the actor, whoever its parent is. Within its own step it stops when the step is over. */
  halt(): void {
    if (this._parent === undefined) super.stop();
    else this.deliver({ type: "xstate.stop" });
  }

  /** A stopped actor stays stopped: XState would revive it with its old state. */
  override start(): this {
    const record = recordOf(this);
    return record !== undefined && !isAlive(record) ? this : super.start();
  }

  override subscribe(observer: Observer<SnapshotFrom<L>>): Subscription;
  override subscribe(
    next?: (snapshot: SnapshotFrom<L>) => void,
    error?: (error: unknown) => void,
    complete?: () => void,
  ): Subscription;
  override subscribe(
    nextOrObserver?: Observer<SnapshotFrom<L>> | ((snapshot: SnapshotFrom<L>) => void),
    error?: (error: unknown) => void,
    complete?: () => void,
  ): Subscription {
    const observer: Observer<SnapshotFrom<L>> =
      typeof nextOrObserver === "object"
        ? nextOrObserver
        : {
            ...(nextOrObserver === undefined ? {} : { next: nextOrObserver }),
            ...(error === undefined ? {} : { error }),
            ...(complete === undefined ? {} : { complete }),
          };
    // XState rethrows an error that any one observer does not take, and Node ends. Here the exit reason tells.
    if (observer.error !== undefined) return super.subscribe(observer);
    return super.subscribe({
      next: (snapshot) => observer.next?.(snapshot),
      error: ignoreError,
      complete: () => observer.complete?.(),
    });
  }
}

/** What became of a message. */
export type Acceptance = "accepted" | "dead" | "full";

/** Takes a message into the mailbox and on to the actor; what cannot be taken becomes a dead letter. */
export function accept(record: ProcessRecord, message: Message): Acceptance {
  if (!isAlive(record)) {
    publishDeadLetter({ target: record.ref, message, why: "dead", reason: exitReasonOf(record) });
    return "dead";
  }
  if (record.mailbox.full) {
    publishDeadLetter({ target: record.ref, message, why: "full", reason: undefined });
    return "full";
  }
  enqueue(record, message);
  return "accepted";
}

function enqueue(record: ProcessRecord, message: Message): void {
  if (!record.owned) {
    record.ref.send(message);
    return;
  }
  if (record.inFlight === 0) {
    record.mailbox.sent(message);
    deliver(record, message);
    return;
  }
  record.mailbox.deferred(message);
  deliverLater(record, () => {
    if (!isAlive(record)) return;
    record.mailbox.undeferred();
    record.mailbox.sent(message);
    deliver(record, message);
  });
}

/**
 * A message of the kernel's own whose turn has come in the delivery queue; no capacity refuses it. It is handled at once,
 * ahead of what was counted while it was on its way, so it is not counted: it would never be found at the head.
 */
export function deliverNow<M extends Message>(record: ProcessRecord, message: M): void {
  if (isAlive(record)) deliver(record, message);
}

/** Hands a message to XState. */
export function deliver(record: ProcessRecord, message: Message): void {
  if (record.ref instanceof ProcessActor) record.ref.deliver(message);
  else record.ref.send(message);
}

/** Stops the actor behind a record. */
export function halt(record: ProcessRecord): void {
  const { ref } = record;
  if (ref instanceof ProcessActor) ref.halt();
  else if (ref instanceof Actor && ref._parent === undefined) ref.stop();
  else ref.send({ type: "xstate.stop" });
}
