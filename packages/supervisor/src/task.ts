import { type ExitReason, exited, exitReason, isRunning, link, monitor, type StartData } from "@trunkline/process";
import { type AnyActorRef, fromPromise } from "xstate";

/** What a task runs: a function, done when it returns or its promise is settled. */
export type TaskFunction<T> = (context: TaskContext) => T | Promise<T>;

/** What a task is handed. */
export interface TaskContext {
  /** The process that runs it. */
  readonly self: AnyActorRef;
  /** Aborted when the task is to end: stopped, killed, or its owner gone. Code behind an `await` must heed it. */
  readonly signal: AbortSignal;
}

/** How a task ended. */
export type TaskOutcome<T> =
  | { readonly type: "ok"; readonly value: T }
  | { readonly type: "exit"; readonly reason: ExitReason };

/** A task that somebody waits for. Only its owner may. */
export interface Task<T> {
  /** The process that runs it. */
  readonly ref: AnyActorRef;
  /** Who started it and may await it; `undefined` outside any process. */
  readonly owner: AnyActorRef | undefined;
  /** Settles when it has ended; never rejects. */
  readonly outcome: Promise<TaskOutcome<T>>;
}

/** How a task is tied to its owner. `linked`: each ends with the other. `monitored`: the owner hears of its end. */
export type Tie = "linked" | "monitored" | "none";

interface TaskInput {
  readonly tie: (self: AnyActorRef) => void;
  readonly run: TaskFunction<unknown>;
}

const taskLogic = fromPromise<void, TaskInput>(async ({ input, self, signal }) => {
  input.tie(self);
  // The start is over: whatever the function does at once is the task's own end, and no failure to start.
  await undefined;
  if (isRunning(self)) await input.run({ self, signal });
});

/** How a task is started, tied to its owner from the first, and how to learn what it came to. */
export function taskStart<T>(
  run: TaskFunction<T>,
  owner: AnyActorRef | undefined,
  tie: Tie,
): { readonly start: StartData; readonly outcome: (ref: AnyActorRef) => Promise<TaskOutcome<T>> } {
  let value: { readonly of: T } | undefined;
  const input: TaskInput = {
    tie: (self) => {
      if (owner === undefined) return;
      if (tie === "linked") link(self, owner);
      if (tie === "monitored") monitor(owner, self);
    },
    run: async (context) => {
      value = { of: await run(context) };
    },
  };
  return {
    start: { logic: taskLogic, input },
    async outcome(ref) {
      const reason = exitReason(ref) ?? (await exited(ref));
      return reason.type === "normal" && value !== undefined
        ? { type: "ok", value: value.of }
        : { type: "exit", reason };
    },
  };
}
