import type { AnyActorRef } from "xstate";
import { publishDeadLetter, publishExit } from "./channels.ts";
import { deliverLater } from "./delivery.ts";
import { emitReport } from "./emit-report.ts";
import type { DownEvent, ExitEvent, StopEvent } from "./events.ts";
import { type ExitReason, isClean, killed, shutdown } from "./exit-reason.ts";
import { initialCallOf } from "./initial-call.ts";
import { isActorRef } from "./is-actor-ref.ts";
import type { Message } from "./mailbox.ts";
import { deliverNow, halt } from "./process-actor.ts";
import { isAlive, type ProcessRecord, recordOf } from "./record.ts";
import { shown } from "./shown.ts";

/** Who ended it: its actor, already over (done, error, stopped by XState); code of its own that threw; or the kernel. */
export type EndedBy = "actor" | "code" | "kernel";

/**
 * The one way in which a process ends. When it returns, the process is dead in every respect: its mailbox is empty, its
 * descendants are dead, its actor is stopped, its names are free, its scope is released, its callers have their error.
 * Links and monitors hear of it later, in that order.
 */
export function finish(record: ProcessRecord, reason: ExitReason, by: EndedBy): void {
  if (!isAlive(record)) return;
  const report = crashReportDue(record, reason, by) ? crashReport(record, reason) : undefined;
  record.life = { type: "exited", reason };
  const lost = record.mailbox.drain();
  releaseNames(record);
  tellLinks(record, reason);
  tellMonitors(record, reason);
  endChildren(record, reason);
  if (by !== "actor") guarded(record, "XState's own stop", () => halt(record));
  record.scope?.release(reason);
  failCalls(record, reason);
  forgetWatching(record);
  record.parent?.children?.delete(record);
  for (const message of lost) publishDeadLetter({ target: record.ref, message, why: "lost", reason });
  if (report !== undefined) emitReport(record.runtime, report);
  publishExit(record.ref, record.parent?.ref, reason);
  record.guard = undefined;
  record.lastMessage = undefined;
}

/**
 * An exit signal arrives: over a link, from a parent, or sent with `exit`. A process that traps exits gets an event
 * (`otp.stop` from its parent, `otp.exit` from others); any other ends, unless the reason is `normal`.
 */
export function receiveExit(record: ProcessRecord, from: AnyActorRef | undefined, reason: ExitReason): void {
  if (!isAlive(record)) return;
  const fromParent = from !== undefined && record.parent?.ref === from;
  if (record.trapping) {
    if (fromParent) askToStop(record, from, reason);
    else deliverNow(record, { type: "otp.exit", from, reason } satisfies ExitEvent);
  } else if (reason.type !== "normal") finish(record, reason, "kernel");
}

/** The stop request, through the mailbox; one that does not trap exits ends at once. */
export function askToStop(record: ProcessRecord, from: AnyActorRef | undefined, reason: ExitReason): void {
  if (!record.trapping) {
    finish(record, reason, "kernel");
    return;
  }
  if (record.life.type === "alive") {
    record.life = { type: "stopping", reason };
    record.scope?.stopRequested?.(reason);
  }
  deliverNow(record, { type: "otp.stop", reason, from } satisfies StopEvent);
}

/**
 * Stops the actors that an actor has spawned or invoked, newest first, with all their descendants. XState leaves them
 * running when a machine throws; the kernel calls this on every exit. Safe to call twice.
 */
export function reap(ref: AnyActorRef, reason: ExitReason = killed): void {
  for (const child of childActors(ref).reverse()) {
    const record = recordOf(child);
    if (record !== undefined) finish(record, reason, "kernel");
    else {
      reap(child, reason);
      if (stillRuns(child)) guarded(recordOf(ref), "the stop of a child", () => child.send({ type: "xstate.stop" }));
    }
  }
}

// Inspectors run within XState's stop. One that throws must not leave a death half done.
function guarded(record: ProcessRecord | undefined, where: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (record !== undefined) emitReport(record.runtime, { report: "guard", process: record.ref, where, error });
  }
}

function stillRuns(ref: AnyActorRef): boolean {
  const snapshot: { readonly status?: unknown } | undefined = ref.getSnapshot();
  return snapshot?.status === "active";
}

function childActors(ref: AnyActorRef): AnyActorRef[] {
  const snapshot: unknown = ref.getSnapshot();
  if (typeof snapshot !== "object" || snapshot === null || !("children" in snapshot)) return [];
  const { children } = snapshot;
  if (typeof children !== "object" || children === null) return [];
  return Object.values(children).filter(isActorRef);
}

function endChildren(record: ProcessRecord, reason: ExitReason): void {
  const childReason = isClean(reason) ? shutdown() : reason;
  if (record.children !== undefined) {
    for (const child of [...record.children].reverse()) finish(child, childReason, "kernel");
  }
  reap(record.ref, childReason);
}

function releaseNames(record: ProcessRecord): void {
  if (record.names === undefined) return;
  for (const name of record.names) name.release();
  record.names = undefined;
}

function tellLinks(record: ProcessRecord, reason: ExitReason): void {
  if (record.links === undefined) return;
  for (const peer of record.links) {
    if (!isAlive(peer)) continue;
    deliverLater(peer, () => {
      // Unlinked meanwhile: no signal arrives.
      if (peer.links?.delete(record)) receiveExit(peer, record.ref, reason);
    });
  }
  record.links = undefined;
}

function tellMonitors(record: ProcessRecord, reason: ExitReason): void {
  if (record.monitors !== undefined) {
    for (const monitor of record.monitors) {
      deliverLater(monitor.observer, () => {
        if (!monitor.active) return;
        monitor.active = false;
        monitor.observer.watching?.delete(monitor);
        deliverNow(monitor.observer, {
          type: "otp.down",
          ref: monitor.ref,
          process: monitor.address,
          reason,
        } satisfies DownEvent);
      });
    }
    record.monitors = undefined;
  }
  if (record.waiters !== undefined) {
    for (const waiter of record.waiters) deliverLater(undefined, () => waiter(reason));
    record.waiters = undefined;
  }
}

function failCalls(record: ProcessRecord, reason: ExitReason): void {
  if (record.calls === undefined) return;
  for (const call of record.calls) call.calleeExited(reason);
  record.calls = undefined;
}

function forgetWatching(record: ProcessRecord): void {
  if (record.watching === undefined) return;
  for (const monitor of record.watching) {
    monitor.active = false;
    monitor.watched?.monitors?.delete(monitor);
  }
  record.watching = undefined;
}

// As OTP: a process that failed by itself says so; one that was ended by another does not, unless nobody else would.
function crashReportDue(record: ProcessRecord, reason: ExitReason, by: EndedBy): boolean {
  if (isClean(reason)) return false;
  return record.parent === undefined || (by !== "kernel" && reason.type === "error");
}

function crashReport(record: ProcessRecord, reason: ExitReason) {
  const ancestors: AnyActorRef[] = [];
  for (let parent = record.parent; parent !== undefined; parent = parent.parent) ancestors.push(parent.ref);
  const snapshot: unknown = record.ref.getSnapshot();
  return {
    report: "crash",
    process: record.ref,
    reason,
    initialCall: initialCallOf(record.ref),
    registeredNames: [...(record.names ?? [])].map((name) => name.label),
    ancestors,
    messageQueueLength: record.mailbox.depth,
    links: [...(record.links ?? [])].map((peer) => peer.ref),
    trapExit: record.trapping,
    lastMessage: record.lastMessage === undefined ? undefined : (shown(record, record.lastMessage) as Message),
    state: shown(record, stateIn(snapshot)),
    label: record.label,
  } as const;
}

function stateIn(snapshot: unknown): unknown {
  return typeof snapshot === "object" && snapshot !== null && "context" in snapshot ? snapshot.context : undefined;
}
