import type { AnyActorRef } from "xstate";
import { type Child, newChild } from "./child.ts";
import { childInfo, countChildren } from "./child-info.ts";
import { parseChildSpecFor } from "./child-spec.ts";
import { SupervisorError, shown } from "./error.ts";
import type { SupervisorRequest } from "./request.ts";
import type { Supervision } from "./supervision.ts";

/** Serves one request of the supervisor API. @throws SupervisorError when it is refused. */
export function serve(supervision: Supervision, request: SupervisorRequest): unknown {
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
