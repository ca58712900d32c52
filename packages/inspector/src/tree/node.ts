import type { ProcessMetadata, SupervisedChild } from "@trunkline/process";
import type { AnyActorRef, AnyTransitionDefinition } from "xstate";
import type { Proc, Reason, Ref } from "../wire.ts";
import type { Ring } from "./ring.ts";

/** A transition that was taken; what is shown of it is made when somebody looks. */
export interface Taken {
  readonly at: number;
  readonly event: string;
  /** `undefined`: its start. */
  readonly transition: AnyTransitionDefinition | undefined;
}

/** Where an incarnation stands. The ref of one that has ended is let go: what it held can be collected. */
export type NodeLife =
  | { readonly type: "running"; readonly actor: AnyActorRef }
  | { readonly type: "ended"; readonly at: number; readonly reason: Reason };

/** What is remembered of one incarnation of a process. Times are Unix milliseconds. */
export interface TreeNode {
  readonly ref: Ref;
  readonly id: string;
  readonly parent: TreeNode | undefined;
  /** In the order in which they were started; one that was restarted has its predecessor's place. */
  children: TreeNode[];
  life: NodeLife;
  readonly startedAt: number;
  restarts: number;
  lastExit: Proc["lastExit"];
  /** Events since its start, or since the inspector was attached. */
  received: number;
  sent: number;
  /** When it came into the state it is in, and how many events it had received by then. */
  since: number;
  receivedBefore: number;
  /** The state value of logic that is no machine. */
  lastValue: unknown;
  transitions: Ring<Taken> | undefined;
  /** What it told of itself when last asked. */
  metadata: ProcessMetadata;
  /** Of a supervisor: what it knows of its children, by process and by id. */
  supervised: ReadonlyMap<AnyActorRef | string, SupervisedChild> | undefined;
  /** What the pages were shown of it. */
  row: Proc | undefined;
  /** Whether something has happened to it since `row` was made. */
  changed: boolean;
}

/** A node in which nothing has happened yet. */
export function freshNode(actor: AnyActorRef, parent: TreeNode | undefined, at: number): TreeNode {
  return {
    ref: actor.sessionId,
    id: actor.id,
    parent,
    children: [],
    life: { type: "running", actor },
    startedAt: at,
    restarts: 0,
    lastExit: undefined,
    received: 0,
    sent: 0,
    since: at,
    receivedBefore: 0,
    lastValue: undefined,
    transitions: undefined,
    metadata: {},
    supervised: undefined,
    row: undefined,
    changed: true,
  };
}

/** The ids from the root to a node. */
export function pathOf(node: TreeNode): string[] {
  return node.parent === undefined ? [node.id] : [...pathOf(node.parent), node.id];
}
