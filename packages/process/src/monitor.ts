import type { AnyActorRef } from "xstate";
import { processOf } from "./adopt.ts";
import { deliverLater } from "./delivery.ts";
import type { DownEvent } from "./events.ts";
import { noproc } from "./exit-reason.ts";
import { type MonitorRef, makeMonitorRef } from "./monitor-ref.ts";
import type { Target } from "./name.ts";
import { deliverNow } from "./process-actor.ts";
import { isAlive, type Monitor } from "./record.ts";
import { whereis } from "./whereis.ts";

const monitors = new WeakMap<MonitorRef, Monitor>();

/**
 * Watches a process: `self` gets one `otp.down` event when it ends, or at once with reason `noproc` when it has ended or
 * nobody holds the name. One-way, and each call counts by itself.
 * @see https://www.erlang.org/doc/system/ref_man_processes.html#monitors
 */
export function monitor(self: AnyActorRef, target: Target): MonitorRef {
  const observer = processOf(self);
  const ref = whereis(target);
  const watched = ref === undefined ? undefined : processOf(ref);
  const made: Monitor = { ref: makeMonitorRef(), observer, watched, address: target, active: true };
  monitors.set(made.ref, made);
  observer.watching ??= new Set();
  observer.watching.add(made);
  if (watched !== undefined && isAlive(watched)) {
    watched.monitors ??= new Set();
    watched.monitors.add(made);
  } else {
    deliverLater(observer, () => {
      if (!made.active) return;
      made.active = false;
      observer.watching?.delete(made);
      deliverNow(observer, { type: "otp.down", ref: made.ref, process: target, reason: noproc } satisfies DownEvent);
    });
  }
  return made.ref;
}

/**
 * Ends a monitor: no `otp.down` of it comes any more. One that waits in the mailbox stays, unless `flush` is asked for.
 * @returns whether the monitor was still to fire
 */
export function demonitor(ref: MonitorRef, options: { readonly flush?: boolean } = {}): boolean {
  const made = monitors.get(ref);
  if (made === undefined) return false;
  const wasActive = made.active;
  made.active = false;
  made.observer.watching?.delete(made);
  made.watched?.monitors?.delete(made);
  if (options.flush === true) made.observer.mailbox.remove((message) => "ref" in message && message.ref === ref);
  return wasActive;
}
