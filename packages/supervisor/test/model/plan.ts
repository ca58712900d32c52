/** A tree to run and what is done to it: plain data, so that a failing case prints as what it is. */

export type Restart = "permanent" | "transient" | "temporary";
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one";
export type AutoShutdown = "never" | "any_significant" | "all_significant";

/** What one attempt to start a worker comes to. `hang`: it never acknowledges. */
export type StartOutcome = "ok" | "error" | "ignore" | "hang";
/** What a worker does when asked to shut down. */
export type OnShutdown = "obey" | "refuse" | "end_normal" | "fail";
/** How a worker ends by itself. */
export type Reason = "normal" | "shutdown" | "shutdown_with_info" | "killed" | "error";

export interface WorkerPlan {
  readonly kind: "worker";
  readonly id: string;
  readonly restart: Restart;
  readonly shutdown: number | "infinity" | "brutal_kill";
  readonly significant: boolean;
  /** Outcome of the first start, the second, …; after the last one every start succeeds. */
  readonly starts: readonly StartOutcome[];
  readonly onShutdown: OnShutdown;
}

export interface SupervisorPlan {
  readonly kind: "supervisor";
  readonly id: string;
  readonly restart: Restart;
  readonly shutdown: "infinity" | "brutal_kill";
  readonly significant: boolean;
  readonly strategy: Strategy;
  readonly maxRestarts: number;
  readonly maxSeconds: number;
  readonly autoShutdown: AutoShutdown;
  readonly children: readonly ChildPlan[];
}

export type ChildPlan = WorkerPlan | SupervisorPlan;

export type Request =
  | { readonly type: "startChild"; readonly child: WorkerPlan }
  | { readonly type: "terminateChild"; readonly id: string }
  | { readonly type: "restartChild"; readonly id: string }
  | { readonly type: "deleteChild"; readonly id: string }
  | { readonly type: "whichChildren" }
  | { readonly type: "countChildren" }
  | { readonly type: "getChildspec"; readonly id: string };

/** Workers that end by themselves and requests that are made, in this order and all in one turn. */
export interface Happenings {
  readonly ends: readonly { readonly id: string; readonly reason: Reason }[];
  readonly requests: readonly Request[];
}

/** One step: everything in it happens in one turn of the event loop, then the tree comes to rest. */
export type Step =
  | {
      readonly type: "burst";
      /** The supervisor concerned, by its path from the root. */
      readonly supervisor: string;
      readonly now: Happenings;
      /**
       * What happens while the supervisor waits for a stop or a start, or else when it has come to rest. Only in trees of one
       * supervisor: in others two supervisors could wait at the same time, which a model of one thing at a time can't follow.
       */
      readonly late: Happenings;
    }
  | { readonly type: "kill"; readonly supervisor: string }
  | { readonly type: "pass"; readonly ms: number }
  | { readonly type: "stop" };

export interface Plan {
  readonly root: SupervisorPlan;
  readonly steps: readonly Step[];
}

/** How long a start may take before it counts as failed. */
export const startTimeoutMs = 700;

/** Whether a plan's late happenings count. */
export const isFlat = (plan: Plan): boolean => plan.root.children.every((child) => child.kind === "worker");

/** What came of a plan: every start and end in order, the reports, the answers, and the tree that is left. */
export interface Outcome {
  readonly trace: readonly string[];
  readonly answers: readonly string[];
  readonly tree: string;
}

/** Processes killed in one turn die in no order that anybody relies on: runs of them are compared sorted. */
export function canonical(trace: readonly string[]): readonly string[] {
  const out: string[] = [];
  let run: string[] = [];
  for (const line of [...trace, ""]) {
    if (/^end .* killed$/.test(line)) run.push(line);
    else {
      out.push(...run.sort(), line);
      run = [];
    }
  }
  out.pop();
  return out;
}
