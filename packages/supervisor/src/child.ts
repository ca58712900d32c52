import type { ExitReason, ResolvedChildSpec } from "@trunkline/process";
import type { AnyActorRef } from "xstate";

/** What a supervisor knows of one child. `restarting`: a restart failed and the next attempt is due. */
export type ChildState =
  | { readonly status: "running"; readonly ref: AnyActorRef }
  | { readonly status: "restarting"; readonly lastRef: AnyActorRef | undefined }
  | { readonly status: "stopped" };

/** How an incarnation ended, when (milliseconds of the tree's clock), and how long the child was away, once it is back. */
export interface LastExit {
  readonly atMs: number;
  readonly reason: ExitReason;
  readonly downMs: number | undefined;
}

/** One child: its spec for good, its state for now, and what people who look want to know of its past. */
export interface Child {
  readonly spec: ResolvedChildSpec;
  state: ChildState;
  /** How often it was started again. */
  restarts: number;
  lastExit: LastExit | undefined;
}

export const stopped: ChildState = { status: "stopped" };

/** A child that was never started. */
export const newChild = (spec: ResolvedChildSpec): Child => ({
  spec,
  state: stopped,
  restarts: 0,
  lastExit: undefined,
});

/** It runs: notes that it is back, if it was away. */
export function noteStart(child: Child, nowMs: number): void {
  if (child.lastExit === undefined) return;
  child.restarts += 1;
  child.lastExit = { ...child.lastExit, downMs: nowMs - child.lastExit.atMs };
}

/** Its incarnation has ended. */
export function noteExit(child: Child, reason: ExitReason, atMs: number): void {
  child.lastExit = { atMs, reason, downMs: undefined };
}

/**
 * The children of a supervisor in start order, found by id and by ref in constant time. A child that is added goes to
 * the end; one that is stopped and started again keeps its place.
 */
export class ChildTable {
  readonly #byId = new Map<unknown, Child>();
  readonly #byRef = new Map<AnyActorRef, Child>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: unknown): Child | undefined {
    return this.#byId.get(id);
  }

  /** The child whose running incarnation this is. */
  byRef(ref: AnyActorRef): Child | undefined {
    return this.#byRef.get(ref);
  }

  has(child: Child): boolean {
    return this.#byId.get(child.spec.id) === child;
  }

  add(child: Child): void {
    this.#byId.set(child.spec.id, child);
    if (child.state.status === "running") this.#byRef.set(child.state.ref, child);
  }

  remove(child: Child): void {
    if (!this.has(child)) return;
    this.set(child, stopped);
    this.#byId.delete(child.spec.id);
  }

  set(child: Child, state: ChildState): void {
    if (child.state.status === "running") this.#byRef.delete(child.state.ref);
    child.state = state;
    if (state.status === "running" && this.has(child)) this.#byRef.set(state.ref, child);
  }

  clear(): void {
    this.#byId.clear();
    this.#byRef.clear();
  }

  /** In start order: the table itself, for whoever only reads and at once. */
  values(): Iterable<Child> {
    return this.#byId.values();
  }

  /** In start order: a copy, so that the table may change while it is walked. */
  all(): Child[] {
    return [...this.#byId.values()];
  }

  /** This child and those after it, in start order. */
  from(child: Child): Child[] {
    const all = this.all();
    return all.slice(all.indexOf(child));
  }
}
