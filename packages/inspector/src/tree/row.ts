import {
  isProcess,
  metadataOf,
  type ProcessInfo,
  processInfo,
  type SupervisedChild,
  type SupervisorMetadata,
} from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import type { Charts } from "../show/chart.ts";
import { shownReason } from "../show/reason.ts";
import { seenSnapshot } from "../show/snapshot.ts";
import { statePath } from "../show/state-value.ts";
import type { Facet, Proc, Reason, Status } from "../wire.ts";
import type { NodeLife, TreeNode } from "./node.ts";
import type { TreeClock } from "./offset.ts";

type Ended = Extract<NodeLife, { readonly type: "ended" }>;

/** What rows are made with. */
export interface RowContext {
  readonly charts: Charts;
  readonly clock: TreeClock;
}

/** Asks a process what it tells of itself. Actors that are no processes tell nothing, and are not adopted by the question. */
export function askMetadata(node: TreeNode, actor: AnyActorRef): void {
  node.metadata = isProcess(actor) ? metadataOf(actor) : {};
  const { supervisor } = node.metadata;
  node.supervised = supervisor === undefined ? undefined : byProcessAndId(supervisor);
}

/** A child as its supervisor knows it; `undefined`: nobody supervises it, or not any more. */
export function supervisedEntry(node: TreeNode): SupervisedChild | undefined {
  const supervised = node.parent?.supervised;
  if (supervised === undefined) return undefined;
  return (node.life.type === "running" ? supervised.get(node.life.actor) : undefined) ?? supervised.get(node.id);
}

/**
 * Whether an ended child is being started again. While a start takes its time its supervisor counts the child as stopped; one that
 * crashed and may be restarted is stopped for good only by a supervisor that is stopping itself.
 */
export function isComingBack(node: TreeNode, reason: Reason, entry: SupervisedChild): boolean {
  if (entry.status !== "stopped") return true;
  const parent = node.parent?.life;
  if (parent?.type !== "running" || seenSnapshot(parent.actor).value === "stopping") return false;
  const isCrash = reason.type === "error" || (reason.type === "killed" && entry.shutdown !== "brutal_kill");
  return isCrash && entry.restart !== "temporary";
}

/** The row of a node as it is now. */
export function makeRow(node: TreeNode, context: RowContext): Proc {
  const entry = supervisedEntry(node);
  const { life } = node;
  if (life.type === "ended") return endedRow(node, life, entry);
  const { actor } = life;
  const info = isProcess(actor) ? processInfo(actor) : undefined;
  const { supervisor } = node.metadata;
  const name = info?.registeredNames.join(", ") ?? "";
  const chart = context.charts.of(node.metadata.of ?? actor)?.chart.id;
  return {
    ref: node.ref,
    ...(node.parent === undefined ? {} : { parent: node.parent.ref }),
    id: node.id,
    ...(name === "" ? {} : { name }),
    kind: String(node.metadata.kind ?? info?.initialCall ?? kindOf(actor)),
    type: supervisor === undefined ? (entry?.type ?? "worker") : "supervisor",
    status: "running",
    value: statePath(seenSnapshot(actor).value),
    mailbox: info?.mailboxDepth ?? null,
    restarts: entry?.restarts ?? node.restarts,
    startedAt: info === undefined ? node.startedAt : context.clock.toUnix(info.startedAt),
    restart: entry?.restart ?? "none",
    shutdown: entry?.shutdown ?? "brutal_kill",
    suspended: info?.suspended ?? false,
    ...(supervisor === undefined ? {} : supervisorFields(supervisor, context.clock)),
    ...lastExitOf(node, entry, context.clock),
    ...(chart === undefined ? {} : { chart }),
    detail: facetsOf(node),
  };
}

// An ended process keeps what was last shown of it.
function endedRow(node: TreeNode, { at, reason }: Ended, entry: SupervisedChild | undefined): Proc {
  const last: Proc = node.row ?? blankRow(node);
  const { budget: _budget, children: _children, ...kept } = last;
  return {
    ...kept,
    status: endedStatus(node, reason, entry),
    mailbox: last.mailbox === null ? null : 0,
    lastExit: { at: Math.round(at), reason: inRow(reason), downMs: 0 },
    detail: [],
  };
}

function endedStatus(node: TreeNode, reason: Reason, entry: SupervisedChild | undefined): Status {
  if (entry !== undefined && isComingBack(node, reason, entry)) return "restarting";
  return reason.type === "error" || reason.type === "killed" ? "crashed" : "stopped";
}

function blankRow(node: TreeNode): Proc {
  return {
    ref: node.ref,
    ...(node.parent === undefined ? {} : { parent: node.parent.ref }),
    id: node.id,
    kind: node.id,
    type: "worker",
    status: "stopped",
    value: "",
    mailbox: null,
    restarts: node.restarts,
    startedAt: node.startedAt,
    restart: "none",
    shutdown: "brutal_kill",
    suspended: false,
    detail: [],
  };
}

function supervisorFields(supervisor: SupervisorMetadata, clock: TreeClock): Partial<Proc> {
  return {
    strategy: supervisor.strategy,
    budget: {
      used: supervisor.restartedAtMs.length,
      max: supervisor.maxRestarts,
      seconds: supervisor.maxSeconds,
      at: supervisor.restartedAtMs.map((at) => clock.toUnix(at)),
    },
    children: {
      count: supervisor.childCount,
      ...(supervisor.maxChildren === undefined ? {} : { max: supervisor.maxChildren }),
    },
  };
}

function lastExitOf(
  node: TreeNode,
  entry: SupervisedChild | undefined,
  clock: TreeClock,
): { readonly lastExit?: NonNullable<Proc["lastExit"]> } {
  const exit = entry?.lastExit;
  if (exit !== undefined) {
    const { atMs, reason, downMs } = exit;
    return {
      lastExit: { at: clock.toUnix(atMs), reason: inRow(shownReason(reason)), downMs: Math.round(downMs ?? 0) },
    };
  }
  if (node.lastExit === undefined) return {};
  return { lastExit: { ...node.lastExit, reason: inRow(node.lastExit.reason) } };
}

// Where it was thrown is told among the crashes, once.
function inRow({ stack: _stack, ...reason }: Reason): Reason {
  return reason;
}

function facetsOf(node: TreeNode): Facet[] {
  const { answer, ladder, plots, supervisor } = node.metadata;
  return [
    ...(answer === undefined ? [] : (["answer"] as const)),
    ...(ladder === undefined ? [] : (["ladder"] as const)),
    ...(plots === undefined ? [] : (["plots"] as const)),
    ...(supervisor === undefined ? [] : (["children"] as const)),
  ];
}

// What a plain actor was started as: the id of its logic, the name it was invoked by, or its own id.
function kindOf(actor: AnyActorRef): ProcessInfo["initialCall"] {
  const logic: unknown = "logic" in actor ? actor.logic : undefined;
  if (typeof logic === "object" && logic !== null && "id" in logic && typeof logic.id === "string") return logic.id;
  return typeof actor.src === "string" ? actor.src : actor.id;
}

function byProcessAndId(supervisor: SupervisorMetadata): ReadonlyMap<AnyActorRef | string, SupervisedChild> {
  const children = new Map<AnyActorRef | string, SupervisedChild>();
  for (const child of supervisor.children) {
    children.set(child.id, child);
    if (child.process !== undefined) children.set(child.process, child);
  }
  return children;
}
