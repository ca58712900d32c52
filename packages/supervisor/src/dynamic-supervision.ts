import { type ExitReason, isRunning, type ProcessMetadata, type ResolvedChildSpec, shutdown } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { type Child, newChild, noteExit, noteStart, stopped } from "./child.ts";
import { type ChildCounts, type ChildInfo, childInfo } from "./child-info.ts";
import { SupervisorError } from "./error.ts";
import { decideOnExit, isReportedExit } from "./exit-decision.ts";
import { failedToStart } from "./failed-to-start.ts";
import type { Home } from "./home.ts";
import { freshBudget, type RestartBudget, spend } from "./restart-budget.ts";
import { supervisorMetadata } from "./supervisor-metadata.ts";

/** What a dynamic supervisor starts from, checked. */
export interface DynamicFlags {
  readonly maxRestarts: number;
  readonly maxSeconds: number;
  readonly maxChildren: number | "infinity";
}

/**
 * One incarnation of a dynamic supervisor: children that come and go, known by their ref; one that waits for its next
 * attempt to restart is known by its last one. Its methods run one at a time.
 */
export class DynamicSupervision {
  readonly #home: Home;
  readonly #maxChildren: number;
  readonly #children = new Map<AnyActorRef, Child>();
  #budget: RestartBudget;

  constructor(home: Home, flags: DynamicFlags) {
    this.#home = home;
    this.#maxChildren = flags.maxChildren === "infinity" ? Number.POSITIVE_INFINITY : flags.maxChildren;
    this.#budget = freshBudget(flags.maxRestarts, flags.maxSeconds);
  }

  /** Stops all children at once, each within its own time, then ends. */
  async end(reason: ExitReason, gaveUp = false): Promise<void> {
    this.#home.decide.stopping(gaveUp);
    await Promise.all([...this.#children.values()].map((child) => this.#stop(child)));
    this.#children.clear();
    this.#home.decide.end(reason);
  }

  async exited(ref: AnyActorRef, reason: ExitReason): Promise<void> {
    const child = this.#children.get(ref);
    if (child?.state.status !== "running") return;
    noteExit(child, reason, this.#home.now());
    const { restart } = child.spec;
    if (isReportedExit(restart, reason)) this.#home.reportError("child_terminated", child, reason);
    if (decideOnExit(restart, reason) === "restart") await this.#restart(ref, child);
    else this.#children.delete(ref);
  }

  /** @throws SupervisorError `max_children`, `failed_to_start_child`: then nothing is kept. */
  async startChild(spec: ResolvedChildSpec): Promise<AnyActorRef | undefined> {
    if (this.#children.size >= this.#maxChildren) {
      throw new SupervisorError("max_children", `There are ${this.#children.size} children, as many as allowed.`);
    }
    const child = newChild(spec);
    const result = await this.#home.start(spec);
    switch (result.type) {
      case "started":
        this.#keep(child, result.ref);
        return result.ref;
      case "ignored":
        return undefined;
      case "failed":
        throw failedToStart(spec.id, result.error);
    }
  }

  /** Stops the child and forgets it; one between two attempts is given up. @throws SupervisorError `not_found`. */
  async terminateChild(ref: AnyActorRef): Promise<void> {
    const child = this.#children.get(ref);
    if (child === undefined) throw new SupervisorError("not_found", "There is no such child.", { value: ref });
    await this.#stop(child);
    this.#children.delete(ref);
  }

  whichChildren(): readonly ChildInfo[] {
    return [...this.#children.values()].map((child) => ({ ...childInfo(child), id: undefined }));
  }

  countChildren(): ChildCounts {
    let active = 0;
    let supervisors = 0;
    for (const { spec, state } of this.#children.values()) {
      if (state.status === "running" && isRunning(state.ref)) active += 1;
      if (spec.type === "supervisor") supervisors += 1;
    }
    const specs = this.#children.size;
    return { specs, active, supervisors, workers: specs - supervisors };
  }

  /** The processes that run now. */
  running(): AnyActorRef[] {
    return [...this.#children.values()].flatMap(({ state }) => (state.status === "running" ? [state.ref] : []));
  }

  /** What it tells of itself. A child that was restarted stands at the end of its children. */
  metadata(kind: string): ProcessMetadata {
    return supervisorMetadata({
      kind,
      strategy: "one_for_one",
      budget: this.#budget,
      nowMs: this.#home.now(),
      maxChildren: Number.isFinite(this.#maxChildren) ? this.#maxChildren : undefined,
      children: this.#children.values(),
      childCount: this.#children.size,
    });
  }

  /** Lets go of all children; none of them runs any more. */
  forget(): void {
    this.#children.clear();
  }

  async #restart(ref: AnyActorRef, child: Child): Promise<void> {
    const spending = spend(this.#budget, this.#home.now());
    this.#budget = spending.budget;
    if (spending.exhausted) {
      this.#home.reportError("shutdown", child, "reached_max_restart_intensity");
      this.#children.delete(ref);
      return this.end(shutdown(), true);
    }
    const result = await this.#home.start(child.spec);
    switch (result.type) {
      case "started":
        this.#children.delete(ref);
        this.#keep(child, result.ref);
        return;
      case "ignored":
        this.#children.delete(ref);
        return;
      case "failed":
        child.state = { status: "restarting", lastRef: ref };
        this.#home.reportError("start_error", child, result.error.reason);
        this.#home.decide.later(() => this.#retry(ref, child));
    }
  }

  async #retry(ref: AnyActorRef, child: Child): Promise<void> {
    if (this.#children.get(ref) === child && child.state.status === "restarting") await this.#restart(ref, child);
  }

  #keep(child: Child, ref: AnyActorRef): void {
    child.state = { status: "running", ref };
    noteStart(child, this.#home.now());
    this.#children.set(ref, child);
    this.#home.reportProgress(child);
  }

  async #stop(child: Child): Promise<void> {
    if (child.state.status === "running") await this.#home.stop(child, child.state.ref);
    child.state = stopped;
  }
}
