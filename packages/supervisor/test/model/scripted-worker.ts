import { type ChildSpec, ExitSignal, type KernelEvent, shutdown, trapExit } from "@trunkline/process";
import type { ActorLogic, AnyEventObject, Snapshot } from "xstate";
import { type Reason, type StartOutcome, startTimeoutMs, type WorkerPlan } from "./plan.ts";

type WorkerSnapshot = Snapshot<undefined> & { readonly ready: boolean };
interface WorkerInput {
  readonly plan: WorkerPlan;
  readonly outcome: () => StartOutcome;
}
type WorkerEvent = KernelEvent | { readonly type: "end"; readonly reason: Reason } | AnyEventObject;

/** A process that starts, ends and answers a stop as its plan says. */
const workerLogic: ActorLogic<WorkerSnapshot & { readonly input: WorkerInput }, WorkerEvent, WorkerInput> = {
  getInitialSnapshot: (_scope, input) => {
    const outcome = input.outcome();
    if (outcome === "error") throw new Error("did not start");
    return { status: "active", output: undefined, error: undefined, ready: outcome !== "hang", input };
  },
  start: ({ input }, { self }) => {
    if (input.plan.onShutdown !== "obey") trapExit(self);
  },
  transition: (snapshot, event) => {
    switch (event.type) {
      case "end":
        return end(snapshot, event.reason);
      case "otp.stop":
        return onStop(snapshot);
      case "xstate.stop":
        return { ...snapshot, status: "stopped", output: undefined, error: undefined };
      default:
        return snapshot;
    }
  },
  getPersistedSnapshot: (snapshot) => snapshot,
};

function onStop<S extends WorkerSnapshot & { readonly input: WorkerInput }>(snapshot: S): S {
  switch (snapshot.input.plan.onShutdown) {
    case "obey":
    case "refuse":
      return snapshot;
    case "end_normal":
      throw new ExitSignal("normal");
    case "fail":
      throw new Error("failed to stop");
  }
}

function end<S extends WorkerSnapshot>(snapshot: S, reason: Reason): S {
  switch (reason) {
    case "normal":
      return { ...snapshot, status: "done", output: undefined, error: undefined };
    case "shutdown":
      throw new ExitSignal("shutdown");
    case "shutdown_with_info":
      throw new ExitSignal(shutdown("info"));
    default:
      throw new Error("boom");
  }
}

/** A child spec for the plan; `nextOutcome` says what the next start of it comes to. */
export function workerSpec(
  plan: WorkerPlan,
  nextOutcome: () => StartOutcome,
  ignored: () => void,
  failed: () => void,
): ChildSpec {
  const { id, restart, shutdown: limit, significant } = plan;
  const common = { id, restart, shutdown: limit, significant, startTimeoutMs };
  if (!plan.starts.includes("ignore")) {
    const input: WorkerInput = { plan, outcome: nextOutcome };
    return { ...common, start: { logic: workerLogic, input, ready: (snapshot: WorkerSnapshot) => snapshot.ready } };
  }
  return {
    ...common,
    start: ({ spawn, signal }) => {
      const outcome = nextOutcome();
      switch (outcome) {
        case "ok":
          return spawn(workerLogic, { input: { plan, outcome: () => "ok" } });
        case "ignore":
          ignored();
          return "ignore";
        case "error":
          failed();
          throw new Error("did not start");
        case "hang":
          return new Promise(() => signal.addEventListener("abort", failed));
      }
    },
  };
}
