import type { AnyActorRef, Snapshot } from "xstate";
import { processOf } from "./adopt.ts";
import { CallError } from "./call-error.ts";
import { Debugger, type LoggedMessage, type Statistics } from "./debugger.ts";
import { deliverLater } from "./delivery.ts";
import { pidOf } from "./emit-report.ts";
import { noproc, type ReasonLike } from "./exit-reason.ts";
import { initialCallOf } from "./initial-call.ts";
import type { Message } from "./mailbox.ts";
import type { Target } from "./name.ts";
import { deliver } from "./process-actor.ts";
import { isAlive, type ProcessRecord, type SysHooks } from "./record.ts";
import { shown } from "./shown.ts";
import { stop } from "./stop.ts";
import { whereis } from "./whereis.ts";

/** What `sys.getStatus` answers. Nothing in it is secret: see `SysHooks.formatStatus`. */
export interface ProcessStatus {
  /** What it was started as. */
  readonly module: string;
  readonly status: "running" | "suspended";
  readonly parent: AnyActorRef | undefined;
  readonly mailboxDepth: number;
  readonly debug: { readonly log: boolean; readonly trace: boolean; readonly statistics: boolean };
  /** Its state, redacted. */
  readonly state: unknown;
}

/**
 * Looking into a running process, and holding it. Every function rejects with CallError `noproc` for one that has ended.
 * It works on any actor started through this library; one with a state or mailbox of its own shows it with `provide`.
 * @see https://www.erlang.org/doc/apps/stdlib/sys.html
 */
export const sys = {
  /** What a process shows of itself in place of the kernel's own answers; merged with what it gave before. */
  provide(self: AnyActorRef, hooks: SysHooks): void {
    const record = processOf(self);
    record.sys = { ...record.sys, ...hooks };
  },

  /** Its state: the context of its snapshot, or the snapshot where there is none; or what it provides. */
  async getState(target: Target): Promise<unknown> {
    const record = living(target);
    return record.sys?.getState === undefined ? stateOf(record) : record.sys.getState();
  },

  /**
   * Puts `change(state)` in the place of its state and resolves with it. When `change` throws, the call rejects with what
   * it threw, and the state is as it was.
   */
  async replaceState(target: Target, change: (state: unknown) => unknown): Promise<unknown> {
    const record = living(target);
    if (record.sys?.replaceState !== undefined) return record.sys.replaceState(change);
    return replaceContext(record, change);
  },

  /** What it is, where it stands, and its state: for people, so redacted. */
  async getStatus(target: Target): Promise<ProcessStatus> {
    const record = living(target);
    return {
      module: initialCallOf(record.ref),
      status: isSuspended(record) ? "suspended" : "running",
      parent: record.parent?.ref,
      mailboxDepth: record.mailbox.depth + (record.sys?.depth?.() ?? 0),
      debug: debuggerOf(record)?.switches() ?? { log: false, trace: false, statistics: false },
      state: shownState(record.ref),
    };
  },

  /** Holds it: messages wait, in order; its parent's stop request does not. */
  async suspend(target: Target): Promise<void> {
    const record = living(target);
    suspended.add(record);
    if (record.sys?.suspend === undefined) record.mailbox.suspend();
    else record.sys.suspend();
  },

  /** Lets it go on, with what has waited first. */
  async resume(target: Target): Promise<void> {
    const record = living(target);
    suspended.delete(record);
    if (record.sys?.resume !== undefined) record.sys.resume();
    else if (record.mailbox.suspended) deliver(record, { type: "otp.sys.resume" });
  },

  /** Counts its messages from now on, or no more. */
  async statistics(target: Target, on: boolean): Promise<void> {
    const record = living(target);
    switchable(record).countMessages(on);
  },

  /** What has been counted since `statistics(target, true)`; `undefined` when nothing is. */
  async getStatistics(target: Target): Promise<Statistics | undefined> {
    return debuggerOf(living(target))?.statistics();
  },

  /** Keeps its last `length` messages, redacted; 0 ends that. */
  async log(target: Target, length: number): Promise<void> {
    const record = living(target);
    switchable(record).keepLog(length);
  },

  /** The messages kept, oldest first. */
  async getLog(target: Target): Promise<readonly LoggedMessage[]> {
    return debuggerOf(living(target))?.log() ?? [];
  },

  /** Hands each message, redacted, to `trace` just before it is handled; `undefined` ends that. */
  async trace(target: Target, trace: ((message: LoggedMessage) => void) | undefined): Promise<void> {
    const record = living(target);
    switchable(record).traceTo(trace);
  },

  /** As `stop`: it is asked to stop, as if by its parent. */
  terminate(target: Target, reason: ReasonLike = "normal"): Promise<void> {
    return stop(target, reason);
  },
} as const;

/**
 * The state of a process as people may see it: what `sys.getStatus` shows, in this turn.
 * @throws CallError `noproc` when it has ended
 */
export function shownState(ref: AnyActorRef): unknown {
  const record = living(ref);
  return shown(record, record.sys?.getState === undefined ? stateOf(record) : record.sys.getState());
}

/** A message as people may see it when it is sent to this process: what its `formatStatus` leaves of it, redacted. */
export function shownMessage(ref: AnyActorRef, message: Message): unknown {
  return shown(processOf(ref), message);
}

const suspended = new WeakSet<ProcessRecord>();

const isSuspended = (record: ProcessRecord): boolean => suspended.has(record);

function living(target: Target): ProcessRecord {
  const ref = whereis(target);
  const record = ref === undefined ? undefined : processOf(ref);
  if (record === undefined || !isAlive(record)) {
    throw new CallError("noproc", "There is no such process to look into.", { reason: noproc });
  }
  return record;
}

function debuggerOf(record: ProcessRecord): Debugger | undefined {
  return record.debugging instanceof Debugger ? record.debugging : undefined;
}

function switchable(record: ProcessRecord): Debugger {
  const known = debuggerOf(record);
  if (known !== undefined) return known;
  const made = new Debugger(record.runtime.clock, (message: Message) => shown(record, message));
  record.debugging = made;
  return made;
}

function stateOf(record: ProcessRecord): unknown {
  const snapshot: unknown = record.ref.getSnapshot();
  return hasContext(snapshot) ? snapshot.context : snapshot;
}

function hasContext(snapshot: unknown): snapshot is { readonly context: unknown } {
  return typeof snapshot === "object" && snapshot !== null && "context" in snapshot;
}

// Through the mailbox, so that no step under way loses it; the answer is there when the event has been handled.
function replaceContext(record: ProcessRecord, change: (state: unknown) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const apply = (snapshot: Snapshot<unknown>): Snapshot<unknown> => {
      try {
        const state = change(hasContext(snapshot) ? snapshot.context : snapshot);
        const next = hasContext(snapshot) ? { ...snapshot, context: state } : asSnapshot(state);
        resolve(state);
        return next;
      } catch (error) {
        reject(error);
        return snapshot;
      }
    };
    deliverLater(undefined, () => {
      if (isAlive(record)) deliver(record, { type: "otp.sys.replace", change: apply } as Message);
      else reject(new CallError("noproc", `${pidOf(record.ref)} has ended.`, { reason: noproc }));
    });
  });
}

function asSnapshot(state: unknown): Snapshot<unknown> {
  if (typeof state === "object" && state !== null && "status" in state) return state as Snapshot<unknown>;
  throw new TypeError("The state of this actor is its snapshot: return one, with a status.");
}
