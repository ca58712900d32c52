import { type ChildType, isRunning } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import type { Child } from "./child.ts";

/** One line of `whichChildren`. `ref`: the running process, `"restarting"` between attempts, `undefined` when stopped. */
export interface ChildInfo {
  readonly id: unknown;
  readonly ref: AnyActorRef | "restarting" | undefined;
  readonly type: ChildType;
  readonly modules: readonly unknown[];
}

/** What `countChildren` counts: all specs, those with a live process, and all specs of each type, alive or not. */
export interface ChildCounts {
  readonly specs: number;
  readonly active: number;
  readonly supervisors: number;
  readonly workers: number;
}

/** A child as `whichChildren` lists it. */
export function childInfo({ spec, state }: Child): ChildInfo {
  const ref = state.status === "running" ? state.ref : state.status === "restarting" ? "restarting" : undefined;
  return { id: spec.id, ref, type: spec.type, modules: spec.modules };
}

/** The children, counted. */
export function countChildren(children: readonly Child[]): ChildCounts {
  const supervisors = children.filter(({ spec }) => spec.type === "supervisor").length;
  const active = children.filter(({ state }) => state.status === "running" && isRunning(state.ref)).length;
  return { specs: children.length, active, supervisors, workers: children.length - supervisors };
}
