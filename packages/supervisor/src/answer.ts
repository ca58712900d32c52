import { type ChildType, type From, isRunning, type ResolvedChildSpec, reply, replyError } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { type Child, newChild } from "./child.ts";
import { parseChildSpecFor } from "./child-spec.ts";
import { SupervisorError, shown } from "./error.ts";
import type { SupervisorRequest } from "./request.ts";
import type { Supervision } from "./supervision.ts";

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

/** Serves one request to its end and replies. A refusal is an answer too: the supervisor lives on. */
export async function answer(supervision: Supervision, request: SupervisorRequest, from: From): Promise<void> {
  try {
    reply(from, await serve(supervision, request));
  } catch (error) {
    if (!(error instanceof SupervisorError)) throw error;
    replyError(from, error);
  }
}

function serve(supervision: Supervision, request: SupervisorRequest): unknown {
  switch (request.type) {
    case "startChild":
      return startChild(supervision, request.spec);
    case "terminateChild":
      return supervision.stop(known(supervision, request.id));
    case "restartChild":
      return restartChild(supervision, known(supervision, request.id));
    case "deleteChild": {
      const child = known(supervision, request.id);
      refuseUnlessStopped(child);
      return supervision.children.remove(child);
    }
    case "whichChildren":
      return supervision.children.all().reverse().map(childInfo);
    case "countChildren":
      return countChildren(supervision.children.all());
    case "getChildspec":
      return known(supervision, request.id).spec;
  }
}

async function startChild(supervision: Supervision, spec: unknown): Promise<AnyActorRef | undefined> {
  const parsed = parseChildSpecFor(supervision.flags.autoShutdown, spec);
  const present = supervision.children.get(parsed.id);
  if (present !== undefined) throw alreadyThere(present);
  const child = newChild(parsed);
  supervision.children.add(child);
  const failed = await supervision.start(child);
  if (failed === undefined) return runningRef(child);
  supervision.children.remove(child);
  throw failed.error;
}

async function restartChild(supervision: Supervision, child: Child): Promise<AnyActorRef | undefined> {
  refuseUnlessStopped(child);
  const failed = await supervision.start(child);
  if (failed !== undefined) throw failed.error;
  return runningRef(child);
}

function known(supervision: Supervision, id: unknown): Child {
  const child = supervision.children.get(id);
  if (child === undefined) throw new SupervisorError("not_found", `There is no child ${shown(id)}.`, { id });
  return child;
}

function refuseUnlessStopped(child: Child): void {
  const { status } = child.state;
  if (status === "stopped") return;
  const { id } = child.spec;
  throw new SupervisorError(status, `Child ${shown(id)} is ${status}.`, { id });
}

function alreadyThere(child: Child): SupervisorError {
  const { spec, state } = child;
  return state.status === "running"
    ? new SupervisorError("already_started", `Child ${shown(spec.id)} is running already.`, {
        id: spec.id,
        ref: state.ref,
      })
    : new SupervisorError("already_present", `Child ${shown(spec.id)} is present, ${state.status}.`, { id: spec.id });
}

const runningRef = (child: Child): AnyActorRef | undefined =>
  child.state.status === "running" ? child.state.ref : undefined;

function childInfo({ spec, state }: Child): ChildInfo {
  const ref = state.status === "running" ? state.ref : state.status === "restarting" ? "restarting" : undefined;
  return { id: spec.id, ref, type: spec.type, modules: spec.modules };
}

function countChildren(children: readonly Child[]): ChildCounts {
  const supervisors = children.filter(
    ({ spec }: { readonly spec: ResolvedChildSpec }) => spec.type === "supervisor",
  ).length;
  const active = children.filter(({ state }) => state.status === "running" && isRunning(state.ref)).length;
  return { specs: children.length, active, supervisors, workers: children.length - supervisors };
}
