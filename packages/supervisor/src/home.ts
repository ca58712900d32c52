import {
  type ExitReason,
  emitReport,
  exit,
  exited,
  exitReason,
  isRunning,
  kill,
  type ReportedChild,
  type ResolvedChildSpec,
  type Runtime,
  runtimeOf,
  type Scope,
  StartError,
  type SupervisorErrorContext,
  scopeOf,
  shutdown,
  startLink,
  unlink,
} from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { type Child, noteExit } from "./child.ts";
import { isExpectedStop } from "./exit-decision.ts";

/** What came of a start. */
export type StartResult =
  | { readonly type: "started"; readonly ref: AnyActorRef }
  | { readonly type: "ignored" }
  | { readonly type: "failed"; readonly error: StartError };

const ignored: StartResult = { type: "ignored" };

/** What a supervisor decides about itself. */
export interface Decisions {
  /** It has started: whoever waits for that goes on. */
  running(): void;
  /** It is on its way out and serves nothing any more. `gaveUp`: because its restart budget is spent. */
  stopping(gaveUp: boolean): void;
  /** It ends now. */
  end(reason: ExitReason): void;
  /** Does `work` when what has arrived by then is done, after pending I/O had its turn. */
  later(work: () => Promise<void>): void;
}

/**
 * One incarnation of a supervising process, as its work sees it: how it starts and stops processes and reports. When the
 * process has been killed nothing here returns any more, so that no step of a dead supervisor is ever taken.
 */
export class Home {
  readonly self: AnyActorRef;
  readonly decide: Decisions;
  readonly #runtime: Runtime;
  readonly #scope: Scope;

  constructor(self: AnyActorRef, decide: Decisions) {
    this.self = self;
    this.decide = decide;
    this.#runtime = runtimeOf(self);
    this.#scope = scopeOf(self);
  }

  /** Milliseconds of the tree's monotonic clock. */
  now(): number {
    return this.#runtime.clock.now();
  }

  /** Starts a linked child in this process's own actor tree; resolves when it has acknowledged. */
  start(spec: ResolvedChildSpec): Promise<StartResult> {
    return this.#whileAlive(
      startLink(spec.start, {
        parent: this.self,
        startTimeoutMs: spec.startTimeoutMs,
        ...(typeof spec.id === "string" || typeof spec.id === "number" ? { id: String(spec.id) } : {}),
        ...(spec.name === undefined ? {} : { name: spec.name }),
      }).then(
        (ref): StartResult => (ref === undefined ? ignored : { type: "started", ref }),
        (error: unknown): StartResult => ({ type: "failed", error: asStartError(error) }),
      ),
    );
  }

  /** Stops a process as the child's spec says, notes its end, and reports one other than the expected. */
  async stop(child: Child, ref: AnyActorRef): Promise<void> {
    const reason = exitReason(ref) ?? (await this.#stopRunning(child, ref));
    noteExit(child, reason, this.now());
    if (!isExpectedStop(child.spec.restart, child.spec.shutdown === "brutal_kill", reason)) {
      this.reportError("shutdown_error", child, reason);
    }
  }

  reportProgress(child: Child): void {
    emitReport(this.#runtime, { report: "progress", supervisor: this.self, started: reported(child) });
  }

  reportError(
    errorContext: SupervisorErrorContext,
    child: Child,
    reason: ExitReason | "reached_max_restart_intensity",
  ): void {
    emitReport(this.#runtime, {
      report: "supervisor",
      supervisor: this.self,
      errorContext,
      reason,
      offender: reported(child),
    });
  }

  async #stopRunning(child: Child, ref: AnyActorRef): Promise<ExitReason> {
    const limit = child.spec.shutdown;
    // The exit is awaited here; no signal of it need arrive over the link as well.
    unlink(this.self, ref);
    if (limit === "brutal_kill") return this.#killNow(ref);
    const end = exited(ref);
    exit(ref, shutdown(), this.self);
    if (limit === 0) return this.#killNow(ref);
    if (limit === "infinity") return this.#whileAlive(end);
    const cancel = this.#scope.setTimeout(() => kill(ref), limit);
    const reason = await this.#whileAlive(end);
    cancel();
    return reason;
  }

  #killNow(ref: AnyActorRef): ExitReason {
    kill(ref);
    return exitReason(ref) ?? { type: "killed" };
  }

  #whileAlive<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      void promise.then((value) => {
        if (isRunning(this.self)) resolve(value);
      });
    });
  }
}

function asStartError(error: unknown): StartError {
  if (error instanceof StartError) return error;
  return new StartError("failed", "The start failed.", { reason: { type: "error", error } });
}

function reported({ spec, state }: Child): ReportedChild {
  const pid = state.status === "running" ? state.ref : state.status === "restarting" ? "restarting" : undefined;
  const { id, restart, shutdown: limit, type, significant } = spec;
  return { id, pid, restart, shutdown: limit, type, significant };
}
