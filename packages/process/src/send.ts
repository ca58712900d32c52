import type { EventObject } from "xstate";
import { processOf } from "./adopt.ts";
import { publishDeadLetter } from "./channels.ts";
import type { CastEvent, InfoEvent } from "./events.ts";
import { noproc } from "./exit-reason.ts";
import type { Message } from "./mailbox.ts";
import { MailboxError } from "./mailbox-error.ts";
import type { CastRequestOf, EventOf, InfoOf } from "./message-types.ts";
import type { Target } from "./name.ts";
import { NameError } from "./name-error.ts";
import { accept } from "./process-actor.ts";
import { whereis } from "./whereis.ts";

/**
 * Sends an event as it is. It always succeeds at the sender's side: what reaches a dead process is a dead letter.
 * @throws NameError `not_registered` for a local name or a via that nobody holds
 * @throws MailboxError `mailbox_full` when the target has a capacity and it is reached
 */
export function send<T extends Target>(target: T, event: EventOf<T> & EventObject): void {
  if (!post(target, event)) throw nobody(target);
}

/**
 * Sends `{ type: "cast", request }`; to nobody is fine.
 * @throws MailboxError `mailbox_full`
 */
export function cast<T extends Target>(target: T, request: CastRequestOf<T>): void {
  post(target, { type: "cast", request } satisfies CastEvent);
}

/**
 * Sends `{ type: "info", info }`, OTP's plain message, for logics that take infos; as `send` in all else.
 * @throws NameError, MailboxError as `send`
 */
export function info<T extends Target>(target: T, message: InfoOf<T>): void {
  const event: InfoEvent = { type: "info", info: message };
  if (!post(target, event)) throw nobody(target);
}

function nobody(target: Target): NameError {
  const name = typeof target === "string" ? `the name "${target}"` : "label" in target ? target.label : "it";
  return new NameError("not_registered", `Nobody holds ${name}.`);
}

/** @returns whether there is somebody of that name; one who has ended counts */
function post<M extends Message>(target: Target, message: M): boolean {
  const ref = whereis(target);
  if (ref === undefined) {
    publishDeadLetter({ target, message, why: "unknown_name", reason: noproc });
    return false;
  }
  const record = processOf(ref);
  if (accept(record, message) === "full") throw new MailboxError(record.mailbox.capacity, ref);
  return true;
}
