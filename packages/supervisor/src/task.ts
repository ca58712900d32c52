import { type ExitReason, exited, exitReason, isRunning, link, monitor, type StartFunction } from "@trunkline/process";
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

const taskLogic = fromPromise<unknown, TaskFunction<unknown>>(async ({ input, self, signal }) =>
  input({ self, signal }),
);

/**
 * How a task is started, and what it comes to. It is tied to its owner before its function runs on, so that no end of
 * either is missed.
 */
export function taskStart<T>(
  run: TaskFunction<T>,
  owner: AnyActorRef | undefined,
  tie: Tie,
): { readonly start: StartFunction; readonly outcome: (ref: AnyActorRef) => Promise<TaskOutcome<T>> } {
  let value: { readonly of: T } | undefined;
  return {
    start: ({ spawn }) => {
      const ref = spawn(taskLogic, {
        input: async (context) => {
          // After the ties are made.
          await undefined;
          if (!isRunning(context.self)) return;
          const result = await run(context);
          value = { of: result };
        },
      });
      if (owner !== undefined && tie === "linked") link(ref, owner);
      if (owner !== undefined && tie === "monitored") monitor(owner, ref);
      return ref;
    },
    async outcome(ref) {
      const reason = exitReason(ref) ?? (await exited(ref));
      return reason.type === "normal" && value !== undefined
        ? { type: "ok", value: value.of }
        : { type: "exit", reason };
    },
  };
}
