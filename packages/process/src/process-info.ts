import type { AnyActorRef } from "xstate";
import { processOf } from "./adopt.ts";
import type { ExitReason } from "./exit-reason.ts";
import { initialCallOf } from "./initial-call.ts";
import type { ProcessRecord } from "./record.ts";

/** What the kernel knows of a process. */
export interface ProcessInfo {
  readonly process: AnyActorRef;
  readonly status: "running" | "stopping" | "exited";
  /** What it ended with, or was asked to end with. */
  readonly reason: ExitReason | undefined;
  /** What it was started as: the logic's id, or the actor's. */
  readonly initialCall: string;
  readonly label: string | undefined;
  readonly registeredNames: readonly string[];
  readonly parent: AnyActorRef | undefined;
  /** Its chain of parents, nearest first. */
  readonly ancestors: readonly AnyActorRef[];
  /** The processes started under it, oldest first. */
  readonly children: readonly AnyActorRef[];
  readonly links: readonly AnyActorRef[];
  readonly trapExit: boolean;
  readonly suspended: boolean;
  /** Messages that wait. */
  readonly mailboxDepth: number;
  /** When it was started, in milliseconds of the tree's clock. */
  readonly startedAt: number;
}

/** A copy of what the kernel knows of a process at this moment. */
export function processInfo(ref: AnyActorRef): ProcessInfo {
  const record = processOf(ref);
  const { life } = record;
  return {
    process: ref,
    status: life.type === "alive" ? "running" : life.type,
    reason: life.type === "alive" ? undefined : life.reason,
    initialCall: initialCallOf(ref),
    label: record.label,
    registeredNames: [...(record.names ?? [])].map((name) => name.label),
    parent: record.parent?.ref,
    ancestors: ancestorsOf(record),
    children: [...(record.children ?? [])].map((child) => child.ref),
    links: [...(record.links ?? [])].map((peer) => peer.ref),
    trapExit: record.trapping,
    suspended: record.mailbox.suspended,
    mailboxDepth: mailboxDepth(ref),
    startedAt: record.startedAt,
  };
}

/** How many messages wait for a process, those in a mailbox of its own included. */
export function mailboxDepth(ref: AnyActorRef): number {
  const record = processOf(ref);
  return record.mailbox.depth + (record.sys?.depth?.() ?? 0);
}

/** Gives a process a free-form label, shown in its crash report and its info. */
export function setLabel(self: AnyActorRef, label: string | undefined): void {
  processOf(self).label = label;
}

function ancestorsOf(record: ProcessRecord): AnyActorRef[] {
  const ancestors: AnyActorRef[] = [];
  for (let parent = record.parent; parent !== undefined; parent = parent.parent) ancestors.push(parent.ref);
  return ancestors;
}
