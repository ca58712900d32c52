import { type ExitReason, type ProcessMetadata, type ResolvedChildSpec, shutdown } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { type Child, type ChildState, ChildTable, newChild, noteExit, noteStart, stopped } from "./child.ts";
import type { SupervisorError } from "./error.ts";
import { decideOnExit, isReportedExit } from "./exit-decision.ts";
import { failedToStart } from "./failed-to-start.ts";
import type { SupervisorFlags } from "./flags.ts";
import type { Home } from "./home.ts";
import { freshBudget, type RestartBudget, spend } from "./restart-budget.ts";
import { restartGroup } from "./strategy.ts";
import { supervisorMetadata } from "./supervisor-metadata.ts";

/** A child that did not start, why, and what its supervisor's own callers are told. */
export interface FailedStart {
  readonly child: Child;
  readonly reason: ExitReason;
  readonly error: SupervisorError;
}

/**
 * One incarnation of a supervisor: its children, its budget, and what it does when one of them ends. Its methods are
 * called one at a time, each to its end; `SupervisorProcess` sees to that.
 */
export class Supervision {
  readonly children = new ChildTable();
  readonly flags: Required<SupervisorFlags>;
  readonly #home: Home;
  #budget: RestartBudget;

  constructor(home: Home, flags: Required<SupervisorFlags>) {
    this.#home = home;
    this.flags = flags;
    this.#budget = freshBudget(flags.maxRestarts, flags.maxSeconds);
  }

  /** Starts the initial children in order. When one fails, those before it are stopped and the supervisor ends. */
  async begin(specs: readonly ResolvedChildSpec[]): Promise<void> {
    for (const spec of specs) this.children.add(newChild(spec));
    const failed = await this.#startAll(this.children.all());
    if (failed === undefined) this.#home.decide.running();
    else await this.end(shutdown(failed.error));
  }

  /** Stops all children, last first, then ends. */
  async end(reason: ExitReason, gaveUp = false): Promise<void> {
    this.#home.decide.stopping(gaveUp);
    await this.#stopAll(this.children.all());
    this.#home.decide.end(reason);
  }

  /** A linked process has ended. What is no child of ours is none of our business. */
  async exited(ref: AnyActorRef, reason: ExitReason): Promise<void> {
    const child = this.children.byRef(ref);
    if (child === undefined) return;
    noteExit(child, reason, this.#home.now());
    const { restart, significant } = child.spec;
    if (isReportedExit(restart, reason)) this.#home.reportError("child_terminated", child, reason);
    switch (decideOnExit(restart, reason)) {
      case "restart":
        return this.#restart(child);
      case "keep":
        this.children.set(child, stopped);
        break;
      case "remove":
        this.children.remove(child);
        break;
    }
    if (significant && this.#isLastOfSignificance()) await this.end(shutdown());
  }

  /** The processes that run now, in start order. */
  running(): AnyActorRef[] {
    return this.children.all().flatMap(({ state }) => (state.status === "running" ? [state.ref] : []));
  }

  /** What it tells of itself. */
  metadata(kind: string): ProcessMetadata {
    return supervisorMetadata({
      kind,
      strategy: this.flags.strategy,
      budget: this.#budget,
      nowMs: this.#home.now(),
      maxChildren: undefined,
      children: this.children.values(),
      childCount: this.children.size,
    });
  }

  /** Lets go of all children; none of them runs any more. */
  forget(): void {
    this.children.clear();
  }

  /** The next attempt after a failed restart, unless something else has come first. */
  async retry(child: Child): Promise<void> {
    if (child.state.status === "restarting" && this.children.has(child)) await this.#restart(child);
  }

  /** Starts a child and notes what came of it. A temporary one that has nothing to run is forgotten. */
  async start(child: Child): Promise<FailedStart | undefined> {
    const result = await this.#home.start(child.spec);
    switch (result.type) {
      case "started":
        this.children.set(child, { status: "running", ref: result.ref });
        noteStart(child, this.#home.now());
        this.#home.reportProgress(child);
        return undefined;
      case "ignored":
        if (child.spec.restart === "temporary") this.children.remove(child);
        else this.children.set(child, stopped);
        return undefined;
      case "failed":
        this.children.set(child, stopped);
        return { child, reason: result.error.reason, error: failedToStart(child.spec.id, result.error) };
    }
  }

  /** Stops a child if it runs, and cancels a retry that is due. A temporary one is forgotten. */
  async stop(child: Child): Promise<void> {
    if (child.state.status === "running") await this.#home.stop(child, child.state.ref);
    if (child.spec.restart === "temporary") this.children.remove(child);
    else this.children.set(child, stopped);
  }

  async #restart(child: Child): Promise<void> {
    const spending = spend(this.#budget, this.#home.now());
    this.#budget = spending.budget;
    if (spending.exhausted) {
      this.#home.reportError("shutdown", child, "reached_max_restart_intensity");
      this.children.set(child, stopped);
      return this.end(shutdown(), true);
    }
    const lastRef = lastRefOf(child.state);
    this.children.set(child, stopped);
    await this.#stopAll(restartGroup(this.flags.strategy, this.children, child));
    const failed = await this.#startAll(restartGroup(this.flags.strategy, this.children, child));
    if (failed === undefined) return;
    this.children.set(failed.child, { status: "restarting", lastRef: failed.child === child ? lastRef : undefined });
    this.#home.decide.later(() => this.retry(failed.child));
  }

  async #startAll(children: readonly Child[]): Promise<FailedStart | undefined> {
    for (const child of children) {
      const failed = await this.start(child);
      if (failed === undefined) continue;
      this.#home.reportError("start_error", child, failed.reason);
      return failed;
    }
    return undefined;
  }

  async #stopAll(children: readonly Child[]): Promise<void> {
    for (const child of children.toReversed()) await this.stop(child);
  }

  #isLastOfSignificance(): boolean {
    switch (this.flags.autoShutdown) {
      case "never":
        return false;
      case "any_significant":
        return true;
      case "all_significant":
        return !this.children.all().some((child) => child.spec.significant && child.state.status !== "stopped");
    }
  }
}

function lastRefOf(state: ChildState): AnyActorRef | undefined {
  switch (state.status) {
    case "running":
      return state.ref;
    case "restarting":
      return state.lastRef;
    case "stopped":
      return undefined;
  }
}
