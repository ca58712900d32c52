import type { AnyActorRef, AnyActorScope } from "xstate";
import type { ExitReason } from "./exit-reason.ts";
import type { Mailbox, Message } from "./mailbox.ts";
import type { ProcessMetadata } from "./metadata.ts";
import type { MonitorRef } from "./monitor-ref.ts";
import type { Target } from "./name.ts";
import type { Runtime } from "./runtime.ts";

/** Where one incarnation stands. `stopping`: it traps exits and was asked to stop; it still runs. */
export type Life =
  | { readonly type: "alive" }
  | { readonly type: "stopping"; readonly reason: ExitReason }
  | { readonly type: "exited"; readonly reason: ExitReason };

/** The life of a fresh process. */
export const alive: Life = { type: "alive" };

/** Someone who watches a process: gets one `otp.down`. */
export interface Monitor {
  readonly ref: MonitorRef;
  readonly observer: ProcessRecord;
  readonly watched: ProcessRecord | undefined;
  readonly address: Target;
  active: boolean;
}

/** A call that waits for this process. */
export interface PendingCall {
  calleeExited(reason: ExitReason): void;
}

/** A name held by this process. */
export interface HeldName {
  readonly label: string;
  release(): void;
}

/** How the kernel lets go of what a scope holds. */
export interface Releasable {
  /** It traps exits and was asked to stop. */
  stopRequested?(reason: ExitReason): void;
  release(reason: ExitReason): void;
}

/** What a process shows of itself through `sys` in place of the kernel's own answers. */
export interface SysHooks {
  /** Its state. */
  readonly getState?: () => unknown;
  /** Puts `change(state)` in place; throws what `change` throws, the state then unchanged. */
  readonly replaceState?: (change: (state: unknown) => unknown) => unknown;
  /** Messages that wait in a mailbox of its own, on top of the kernel's. */
  readonly depth?: () => number;
  /** Holds a mailbox of its own; the kernel then holds nothing. Give both or none. */
  readonly suspend?: () => void;
  readonly resume?: () => void;
  /** What of a state or a message may be shown: in `getStatus`, logs, traces and crash reports. */
  readonly formatStatus?: (value: unknown) => unknown;
  /** What it tells of itself to people who look. Called whenever somebody does. */
  readonly metadata?: () => ProcessMetadata;
}

/** What `sys` switched on for a process. */
export interface Debugging {
  observe(message: Message): void;
}

/** An actor scope whose effects are held back until the step that asked for them has succeeded. */
export interface GuardedScope {
  readonly scope: AnyActorScope;
  /** A step begins: its effects are held back. */
  begin(): void;
  /** Hands the effects of a step over to XState. */
  commit(): void;
  /** Forgets the effects of a failed step. */
  discard(): void;
}

/** The kernel's record of one incarnation of an actor. Sets are made when first needed: an idle process is small. */
export interface ProcessRecord {
  readonly ref: AnyActorRef;
  readonly parent: ProcessRecord | undefined;
  readonly runtime: Runtime;
  /** `false`: an actor that somebody else started and the kernel only watches. */
  readonly owned: boolean;
  readonly startedAt: number;
  life: Life;
  trapping: boolean;
  mailbox: Mailbox;
  /** Signals on their way: later messages queue behind them. */
  inFlight: number;
  lastMessage: Message | undefined;
  label: string | undefined;
  links: Set<ProcessRecord> | undefined;
  monitors: Set<Monitor> | undefined;
  watching: Set<Monitor> | undefined;
  children: Set<ProcessRecord> | undefined;
  /** Ids of ended children whose `xstate.done/error.actor` event is still to come: links tell, so it is dropped. */
  endedChildren: Map<string, number> | undefined;
  calls: Set<PendingCall> | undefined;
  names: Set<HeldName> | undefined;
  waiters: Array<(reason: ExitReason) => void> | undefined;
  scope: Releasable | undefined;
  /** What its logic sees of XState's actor scope: nothing it does after its end has an effect. */
  guard: GuardedScope | undefined;
  sys: SysHooks | undefined;
  debugging: Debugging | undefined;
}

const records = new WeakMap<AnyActorRef, ProcessRecord>();

/** The record of an actor, if it is a process or has been watched before. */
export function recordOf(ref: AnyActorRef): ProcessRecord | undefined {
  return records.get(ref);
}

/** Makes a record findable by its ref. */
export function keepRecord(record: ProcessRecord): void {
  records.set(record.ref, record);
}

/** Whether it still runs; a process that is stopping does. */
export function isAlive(record: ProcessRecord): boolean {
  return record.life.type !== "exited";
}

/** What it ended with; `undefined` while it lives. */
export function exitReasonOf(record: ProcessRecord): ExitReason | undefined {
  return record.life.type === "exited" ? record.life.reason : undefined;
}

/** A record in which nothing has happened yet. */
export function freshRecord(
  ref: AnyActorRef,
  parent: ProcessRecord | undefined,
  runtime: Runtime,
  owned: boolean,
  mailbox: Mailbox,
): ProcessRecord {
  return {
    ref,
    parent,
    runtime,
    owned,
    startedAt: runtime.clock.now(),
    life: alive,
    trapping: false,
    mailbox,
    inFlight: 0,
    lastMessage: undefined,
    label: undefined,
    links: undefined,
    monitors: undefined,
    watching: undefined,
    children: undefined,
    endedChildren: undefined,
    calls: undefined,
    names: undefined,
    waiters: undefined,
    scope: undefined,
    guard: undefined,
    sys: undefined,
    debugging: undefined,
  };
}
