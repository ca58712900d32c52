import {
  CallError,
  type ChildSpec,
  exit,
  exited,
  isRunning,
  kill,
  type Restart,
  runtimeOf,
  type Shutdown,
  shutdown as shutdownReason,
  type Target,
  type Timeout,
} from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import type { DynamicSupervisorFlags } from "./dynamic-flags.ts";
import { dynamicLogic } from "./dynamic-logic.ts";
import {
  DynamicSupervisor,
  type DynamicSupervisorOptions,
  dynamicChildSpec,
  startDynamic,
} from "./dynamic-supervisor.ts";
import { SupervisorError } from "./error.ts";
import type { ChildSpecOverrides, Place } from "./start-supervisor.ts";
import { type Task, type TaskFunction, type TaskOutcome, type Tie, taskStart } from "./task.ts";

/** How a task is stopped by its supervisor. */
export interface TaskOptions {
  /** Default 5000 ms. */
  readonly shutdown?: Shutdown;
}

/** How a task that nobody waits for is supervised. */
export interface TaskChildOptions extends TaskOptions {
  /** Default `"temporary"`: it runs once. */
  readonly restart?: Restart;
}

const logic = dynamicLogic("TaskSupervisor");

/** As `DynamicSupervisor.startLink`, without extra arguments. */
const startLink = (options: Omit<DynamicSupervisorOptions, "extraArguments"> = {}) => startDynamic(logic, options);

/** As `DynamicSupervisor.childSpec`, without extra arguments. */
const childSpec = (
  options: Omit<DynamicSupervisorFlags, "extraArguments"> & Pick<Place, "name"> = {},
  overrides: ChildSpecOverrides = {},
): ChildSpec => dynamicChildSpec(logic, options, overrides);

/**
 * Runs `run` in a task that is linked to `self`: when the task crashes, `self` gets its exit signal, and when `self` ends, so
 * does the task.
 * @throws SupervisorError, as a rejection: `max_children`.
 */
function async<T>(
  self: AnyActorRef,
  supervisor: Target,
  run: TaskFunction<T>,
  options: TaskOptions = {},
): Promise<Task<T>> {
  return startTask(self, supervisor, run, "linked", options);
}

/**
 * Runs `run` in a task that `self` only monitors: it gets an `otp.down` event when the task ends, and neither ends with the
 * other. Outside any process pass `undefined`.
 * @throws SupervisorError, as a rejection: `max_children`.
 */
function asyncNolink<T>(
  self: AnyActorRef | undefined,
  supervisor: Target,
  run: TaskFunction<T>,
  options: TaskOptions = {},
): Promise<Task<T>> {
  return startTask(self, supervisor, run, "monitored", options);
}

/**
 * Runs `run` and forgets it. With `restart` it is run again as a child of that type is.
 * @throws SupervisorError, as a rejection: `max_children`.
 */
async function startChild(
  supervisor: Target,
  run: TaskFunction<unknown>,
  options: TaskChildOptions = {},
): Promise<AnyActorRef> {
  const { restart = "temporary", shutdown = 5000 } = options;
  const { start } = taskStart(run, undefined, "none");
  const ref = await DynamicSupervisor.startChild(supervisor, { id: "task", start, restart, shutdown });
  return started(ref);
}

/**
 * Waits for the value of a task.
 * @param options.timeoutMs default 5000; the task runs on when it has passed
 * @throws CallError, as a rejection: `exited` with the reason when it crashed or was stopped; `timeout`.
 * @throws SupervisorError, as a rejection: `not_owner`.
 */
async function awaitTask<T>(
  self: AnyActorRef | undefined,
  task: Task<T>,
  options: { readonly timeoutMs?: Timeout } = {},
): Promise<T> {
  const { timeoutMs = 5000 } = options;
  const outcome = await yieldTask(self, task, timeoutMs);
  if (outcome === undefined) throw new CallError("timeout", `The task had not ended after ${timeoutMs} ms.`);
  if (outcome.type === "ok") return outcome.value;
  throw new CallError("exited", "The task ended without a value.", { reason: outcome.reason });
}

/**
 * Waits for a task for a while.
 * @param timeoutMs default 5000
 * @returns what it came to; `undefined` when it still runs
 * @throws SupervisorError, as a rejection: `not_owner`.
 */
async function yieldTask<T>(
  self: AnyActorRef | undefined,
  task: Task<T>,
  timeoutMs: Timeout = 5000,
): Promise<TaskOutcome<T> | undefined> {
  refuseUnlessOwner(self, task);
  if (timeoutMs === "infinity") return task.outcome;
  const { clock } = runtimeOf(task.ref);
  return new Promise((resolve) => {
    const timer = clock.setTimeout(() => resolve(undefined), timeoutMs);
    void task.outcome.then((outcome) => {
      clock.clearTimeout(timer);
      resolve(outcome);
    });
  });
}

/**
 * Stops a task.
 * @param limit how long it may take until it is killed; default 5000 ms
 * @returns its value when it had one already; how it ended otherwise; `undefined` when it ended because of this
 * @throws SupervisorError, as a rejection: `not_owner`.
 */
async function shutdown<T>(
  self: AnyActorRef | undefined,
  task: Task<T>,
  limit: Shutdown = 5000,
): Promise<TaskOutcome<T> | undefined> {
  refuseUnlessOwner(self, task);
  if (isRunning(task.ref)) await stopTask(task.ref, limit, self);
  const outcome = await task.outcome;
  const asAsked = outcome.type === "exit" && (outcome.reason.type === "shutdown" || outcome.reason.type === "killed");
  return asAsked ? undefined : outcome;
}

/** Supervises functions that run once. */
export const TaskSupervisor = {
  startLink,
  childSpec,
  async,
  asyncNolink,
  startChild,
  await: awaitTask,
  yield: yieldTask,
  shutdown,
  whichChildren: DynamicSupervisor.whichChildren,
  countChildren: DynamicSupervisor.countChildren,
  terminateChild: DynamicSupervisor.terminateChild,
  stop: DynamicSupervisor.stop,
} as const;

async function startTask<T>(
  owner: AnyActorRef | undefined,
  supervisor: Target,
  run: TaskFunction<T>,
  tie: Tie,
  { shutdown = 5000 }: TaskOptions,
): Promise<Task<T>> {
  const { start, outcome } = taskStart(run, owner, tie);
  const ref = started(
    await DynamicSupervisor.startChild(supervisor, { id: "task", start, restart: "temporary", shutdown }),
  );
  return { ref, owner, outcome: outcome(ref) };
}

function started(ref: AnyActorRef | undefined): AnyActorRef {
  if (ref === undefined) throw new Error("Unreachable: a task never answers ignore");
  return ref;
}

async function stopTask(ref: AnyActorRef, limit: Shutdown, self: AnyActorRef | undefined): Promise<void> {
  const end = exited(ref);
  if (limit === "brutal_kill") kill(ref);
  else exit(ref, shutdownReason(), self);
  if (typeof limit !== "number") {
    await end;
    return;
  }
  const { clock } = runtimeOf(ref);
  const timer = clock.setTimeout(() => kill(ref), limit);
  await end;
  clock.clearTimeout(timer);
}

function refuseUnlessOwner(self: AnyActorRef | undefined, task: Task<unknown>): void {
  if (self === task.owner) return;
  throw new SupervisorError(
    "not_owner",
    `${self === undefined ? "Code outside any process" : self.id} awaited a task of another.`,
  );
}
