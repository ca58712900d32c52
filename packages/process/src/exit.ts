import type { AnyActorRef } from "xstate";
import { processOf } from "./adopt.ts";
import { deliverLater } from "./delivery.ts";
import { type ExitReason, killed, noproc, type ReasonLike, toExitReason } from "./exit-reason.ts";
import { finish, receiveExit } from "./finish.ts";
import type { Target } from "./name.ts";
import { exitReasonOf, isAlive } from "./record.ts";
import { whereis } from "./whereis.ts";

/**
 * Sends an exit signal, `from` a process or from outside. A target that does not trap exits ends with the reason
 * (`normal` it ignores, unless it is its own); one that traps gets an `otp.exit` event, or `otp.stop` when `from` is its
 * parent. Nothing happens to a target that has ended. The signal arrives in a later microtask; what is sent after it
 * arrives after it.
 */
export function exit(target: Target, reason: ReasonLike, from?: AnyActorRef): void {
  const ref = whereis(target);
  if (ref === undefined) return;
  const record = processOf(ref);
  if (!isAlive(record)) return;
  const resolved = toExitReason(reason);
  deliverLater(record, () => {
    if (resolved.type === "normal" && from === record.ref && !record.trapping) finish(record, resolved, "kernel");
    else receiveExit(record, from, resolved);
  });
}

/**
 * Ends a process at once; it cannot refuse. When this returns it is dead, and all its descendants with it: mailbox
 * emptied, scope released, names free; its links and monitors then hear `killed`. Code of it that is on the stack or
 * behind an `await` runs on, without effect on any process: fence what it does to the outside world there (S163).
 */
export function kill(target: Target): void {
  const ref = whereis(target);
  if (ref !== undefined) finish(processOf(ref), killed, "kernel");
}

/** From now on `self` gets exit signals as `otp.exit` and `otp.stop` events and lives. `on: false` ends that. */
export function trapExit(self: AnyActorRef, on = true): void {
  processOf(self).trapping = on;
}

/**
 * Resolves with the reason when the process ends; with `noproc` when it has ended already, or nobody holds the name.
 * Never rejects. For use outside any process; inside one, `monitor`.
 */
export function exited(target: Target): Promise<ExitReason> {
  const ref = whereis(target);
  if (ref === undefined) return Promise.resolve(noproc);
  const record = processOf(ref);
  if (!isAlive(record)) return Promise.resolve(noproc);
  return new Promise((resolve) => {
    record.waiters ??= [];
    record.waiters.push(resolve);
  });
}

/** Whether the process is there. XState's `status` does not tell: a stopped actor can still say `active`. */
export function isRunning(target: Target): boolean {
  const ref = whereis(target);
  return ref !== undefined && isAlive(processOf(ref));
}

/** What a process ended with; `undefined` while it runs. */
export function exitReason(ref: AnyActorRef): ExitReason | undefined {
  return exitReasonOf(processOf(ref));
}
