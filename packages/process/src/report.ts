import type { AnyActorRef } from "xstate";
import type { Restart, Shutdown } from "./child-spec.ts";
import type { ExitReason } from "./exit-reason.ts";
import type { Message } from "./mailbox.ts";

/** A child as its supervisor's reports name it. */
export interface ReportedChild {
  readonly id: unknown;
  readonly pid: AnyActorRef | undefined | "restarting";
  readonly restart: Restart;
  readonly shutdown: Shutdown;
  readonly type: "worker" | "supervisor";
  readonly significant: boolean;
}

/** A supervisor started a child. Level info. */
export interface ProgressReport {
  readonly report: "progress";
  readonly supervisor: AnyActorRef;
  readonly started: ReportedChild;
}

/** What went wrong in a supervisor. */
export type SupervisorErrorContext = "child_terminated" | "start_error" | "shutdown_error" | "shutdown";

/** A supervisor met an error: a child that ended, did not start, did not stop as asked, or too many restarts. Level error. */
export interface SupervisorReport {
  readonly report: "supervisor";
  readonly supervisor: AnyActorRef;
  readonly errorContext: SupervisorErrorContext;
  readonly reason: ExitReason | "reached_max_restart_intensity";
  readonly offender: ReportedChild;
}

/** A process ended abnormally by itself, or had no parent who would hear of it. Level error. */
export interface CrashReport {
  readonly report: "crash";
  readonly process: AnyActorRef;
  readonly reason: ExitReason;
  /** What it was started as: the logic's id, or the actor's. */
  readonly initialCall: string;
  readonly registeredNames: readonly string[];
  /** Its chain of parents, nearest first. */
  readonly ancestors: readonly AnyActorRef[];
  /** How many messages were lost with it. */
  readonly messageQueueLength: number;
  readonly links: readonly AnyActorRef[];
  readonly trapExit: boolean;
  /** The last message it handled, redacted. */
  readonly lastMessage: Message | undefined;
  /** Its state, redacted (see `sys.provide`). */
  readonly state: unknown;
  /** A free-form label, see `setLabel`. */
  readonly label: string | undefined;
}

/** Code of a process's owner threw while something was cleaned up or observed; nothing else was affected. Level error. */
export interface GuardReport {
  readonly report: "guard";
  readonly process: AnyActorRef;
  readonly where: string;
  readonly error: unknown;
}

/** What the kernel and its supervisors log; also published on `trunkline:process:report`. */
export type Report = ProgressReport | SupervisorReport | CrashReport | GuardReport;
