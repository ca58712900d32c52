import { draw, list } from "./draw.ts";
import {
  canonical,
  type Happenings,
  isFlat,
  type Outcome,
  type Plan,
  type Reason,
  type Request,
  type SupervisorPlan,
  startTimeoutMs,
  type WorkerPlan,
} from "./plan.ts";
import { type Child, isClean, type Message, type Sup, stopped, type Worker } from "./state.ts";

/**
 * OTP's supervisor as a small synchronous program: what `supervisor.erl` of OTP 25 does to a tree, one message at a
 * time. It shares no code with the supervisor it judges.
 */
export function runModel(plan: Plan): Outcome {
  const world = new World();
  const started = world.startSupervisor(plan.root, "root", undefined);
  if (started === undefined) return { trace: canonical([...world.trace, "fail root"]), answers: [], tree: "" };
  const root = started;
  world.trace.push("start root");
  for (const step of plan.steps) {
    if (!root.alive) break;
    switch (step.type) {
      case "pass":
        world.now += step.ms;
        break;
      case "stop":
        world.stopTree(root);
        world.trace.push("end root normal");
        break;
      case "kill": {
        const target = world.find(root, step.supervisor);
        if (target !== undefined && target !== root) world.kill(target);
        break;
      }
      case "burst": {
        const target = world.find(root, step.supervisor);
        if (target === undefined) break;
        world.happen(target, step.now);
        if (isFlat(plan)) world.late = () => world.happen(root, step.late);
        break;
      }
    }
    world.settle(root);
    world.dueLate();
    world.settle(root);
  }
  return { trace: canonical(world.trace), answers: world.answers, tree: root.alive ? draw(root) : "" };
}

class World {
  now = 0;
  readonly trace: string[] = [];
  readonly answers: string[] = [];
  readonly attempts = new Map<string, number>();
  late: (() => void) | undefined;

  find(sup: Sup, path: string): Sup | undefined {
    if (sup.path === path) return sup;
    for (const child of sup.children) {
      if (child.state.kind !== "running" || child.state.process.kind !== "supervisor") continue;
      const found = this.find(child.state.process, path);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Innermost first: an inner supervisor has done its work before the outer one hears of its end. */
  settle(sup: Sup): void {
    let message: Message | undefined;
    do {
      for (const child of [...sup.children]) {
        if (child.state.kind === "running" && child.state.process.kind === "supervisor")
          this.settle(child.state.process);
      }
      message = sup.queue.shift();
      if (message !== undefined) this.handle(sup, message);
    } while (sup.alive && (message !== undefined || sup.queue.length > 0));
    for (const lost of sup.queue) if (lost.type === "request") this.answers.push(`${lost.request.type}: exited`);
    sup.queue = [];
  }

  happen(sup: Sup, { ends, requests }: Happenings): void {
    if (!sup.alive) return;
    for (const { id, reason } of ends) this.endWorker(sup, id, reason);
    for (const request of requests) sup.queue.push({ type: "request", request });
  }

  /** The supervisor waits, or rests: time for what comes late. */
  dueLate(): void {
    const { late } = this;
    this.late = undefined;
    late?.();
  }

  // Starting

  startSupervisor(plan: SupervisorPlan, path: string, parent: Sup["parent"]): Sup | undefined {
    const sup: Sup = {
      kind: "supervisor",
      plan,
      path,
      parent,
      children: [],
      queue: [],
      restarts: [],
      alive: true,
      ended: undefined,
    };
    sup.children = plan.children.map((child) => ({ plan: child, path: `${path}/${child.id}`, state: stopped }));
    if (this.startAll(sup, sup.children) === undefined) return sup;
    this.stopAll(sup, sup.children);
    sup.alive = false;
    return undefined;
  }

  /** Starts each in order; answers with the one that failed. */
  startAll(sup: Sup, children: readonly Child[]): Child | undefined {
    for (const child of children) {
      const result = this.start(sup, child);
      if (result === "error") {
        this.report("start_error", child);
        return child;
      }
      if (result === "ignore" && child.plan.restart === "temporary") this.remove(sup, child);
    }
    return undefined;
  }

  start(sup: Sup, child: Child): "ok" | "error" | "ignore" {
    const { plan, path } = child;
    if (plan.kind === "supervisor") {
      const inner = this.startSupervisor(plan, path, { sup, child });
      this.trace.push(`${inner === undefined ? "fail" : "start"} ${path}`);
      if (inner === undefined) return "error";
      child.state = { kind: "running", process: inner };
      return "ok";
    }
    const attempt = this.attempts.get(path) ?? 0;
    this.attempts.set(path, attempt + 1);
    const outcome = plan.starts[attempt] ?? "ok";
    switch (outcome) {
      case "ok":
        this.trace.push(`start ${path}`);
        child.state = { kind: "running", process: { kind: "worker", ended: undefined, stopping: false } };
        return "ok";
      case "ignore":
        this.trace.push(`ignore ${path}`);
        child.state = stopped;
        return "ignore";
      case "hang":
        this.dueLate();
        this.now += startTimeoutMs;
        this.trace.push(`fail ${path}`);
        return "error";
      case "error":
        this.trace.push(`fail ${path}`);
        return "error";
    }
  }

  // Stopping

  stopAll(sup: Sup, children: readonly Child[]): void {
    for (const child of [...children].reverse()) {
      this.stop(child);
      if (child.plan.restart === "temporary") this.remove(sup, child);
      else child.state = stopped;
    }
  }

  stop(child: Child): void {
    if (child.state.kind !== "running") return;
    const { process } = child.state;
    const reason =
      process.ended ??
      (process.kind === "worker" ? this.stopWorker(child, process) : this.stopSupervisor(child, process));
    const expected = child.plan.shutdown === "brutal_kill" ? reason === "killed" : reason === "shutdown";
    const tolerated = child.plan.restart !== "permanent" && (reason === "normal" || reason === "shutdown_with_info");
    const shutdownTolerated = child.plan.restart !== "permanent" && reason === "shutdown";
    if (!expected && !tolerated && !shutdownTolerated) this.report("shutdown_error", child);
  }

  stopWorker(child: Child, process: Worker): Reason {
    const plan = child.plan as WorkerPlan;
    const end = (reason: Reason) => {
      this.trace.push(`end ${child.path} ${reason}`);
      return reason;
    };
    if (plan.shutdown === "brutal_kill") return end("killed");
    switch (plan.onShutdown) {
      case "obey":
        return end("shutdown");
      case "end_normal":
        return end("normal");
      case "fail":
        return end("error");
      case "refuse":
        if (plan.shutdown === "infinity" || plan.shutdown === 0) return end("killed");
        process.stopping = true;
        this.dueLate();
        if (process.ended !== undefined) return process.ended;
        this.now += plan.shutdown;
        return end("killed");
    }
  }

  stopSupervisor(child: Child, sup: Sup): Reason {
    if (child.plan.shutdown === "brutal_kill") {
      this.killAll(sup);
      return "killed";
    }
    this.stopTree(sup);
    this.trace.push(`end ${child.path} shutdown`);
    return "shutdown";
  }

  stopTree(sup: Sup): void {
    this.stopAll(sup, sup.children);
    sup.alive = false;
  }

  killAll(sup: Sup): void {
    for (const child of sup.children) {
      if (child.state.kind !== "running" || child.state.process.ended !== undefined) continue;
      if (child.state.process.kind === "supervisor") this.killAll(child.state.process);
      else this.trace.push(`end ${child.path} killed`);
    }
    sup.alive = false;
    sup.ended = "killed";
    this.trace.push(`end ${sup.path} killed`);
  }

  // Ends from outside

  kill(sup: Sup): void {
    this.killAll(sup);
    this.tellParent(sup, "killed");
  }

  endWorker(sup: Sup, id: string, reason: Reason): void {
    const child = sup.children.find((c) => c.plan.id === id);
    if (child?.state.kind !== "running" || child.state.process.kind !== "worker") return;
    const { process } = child.state;
    if (process.ended !== undefined) return;
    // One that was asked to stop and is done has done as it was asked.
    const actual = process.stopping && reason === "normal" ? "shutdown" : reason;
    process.ended = actual;
    this.trace.push(`end ${child.path} ${actual}`);
    sup.queue.push({ type: "exit", child, process, reason: actual });
  }

  tellParent(sup: Sup, reason: Reason): void {
    sup.ended = reason;
    sup.parent?.sup.queue.push({ type: "exit", child: sup.parent.child, process: sup, reason });
  }

  /** The supervisor ends by its own decision, with `shutdown`, after all its children. */
  giveUp(sup: Sup): void {
    this.stopTree(sup);
    this.trace.push(`end ${sup.path} shutdown`);
    this.tellParent(sup, "shutdown");
  }

  // Messages

  handle(sup: Sup, message: Message): void {
    switch (message.type) {
      case "exit":
        if (message.child.state.kind === "running" && message.child.state.process === message.process) {
          this.childEnded(sup, message.child, message.reason);
        }
        return;
      case "retry":
        if (message.child.state.kind === "restarting" && sup.children.includes(message.child))
          this.restart(sup, message.child);
        return;
      case "request":
        this.answers.push(`${message.request.type}: ${this.answer(sup, message.request)}`);
        return;
    }
  }

  childEnded(sup: Sup, child: Child, reason: Reason): void {
    const { restart } = child.plan;
    if (restart === "permanent" || !isClean(reason)) this.report("child_terminated", child);
    if (restart === "permanent" || (restart === "transient" && !isClean(reason))) {
      this.restart(sup, child);
      return;
    }
    child.state = stopped;
    if (restart === "temporary") this.remove(sup, child);
    if (!child.plan.significant) return;
    const left = sup.children.some((c) => c !== child && c.plan.significant && c.state.kind !== "stopped");
    if (sup.plan.autoShutdown === "any_significant" || (sup.plan.autoShutdown === "all_significant" && !left))
      this.giveUp(sup);
  }

  restart(sup: Sup, child: Child): void {
    sup.restarts = [...sup.restarts.filter((at) => this.now - at <= sup.plan.maxSeconds * 1000), this.now];
    if (sup.restarts.length > sup.plan.maxRestarts) {
      this.report("shutdown", child);
      child.state = stopped;
      this.giveUp(sup);
      return;
    }
    const failed = this.restartByStrategy(sup, child);
    if (failed === undefined) return;
    failed.state = { kind: "restarting" };
    sup.queue.push({ type: "retry", child: failed });
  }

  restartByStrategy(sup: Sup, child: Child): Child | undefined {
    if (sup.plan.strategy === "one_for_one") {
      child.state = stopped;
      return this.startAll(sup, [child]);
    }
    const from = sup.plan.strategy === "one_for_all" ? 0 : sup.children.indexOf(child);
    child.state = stopped;
    this.stopAll(sup, sup.children.slice(from));
    return this.startAll(sup, sup.children.slice(from));
  }

  answer(sup: Sup, request: Request): string {
    switch (request.type) {
      case "startChild": {
        const unfit =
          request.child.significant && (sup.plan.autoShutdown === "never" || request.child.restart === "permanent");
        if (unfit) return "bad_combination";
        const known = sup.children.find((c) => c.plan.id === request.child.id);
        if (known !== undefined) return known.state.kind === "running" ? "already_started" : "already_present";
        const child: Child = { plan: request.child, path: `${sup.path}/${request.child.id}`, state: stopped };
        const result = this.start(sup, child);
        if (result === "error") return "failed_to_start_child";
        if (result === "ok" || child.plan.restart !== "temporary") sup.children.push(child);
        return result;
      }
      case "whichChildren":
        return list(sup);
      case "countChildren": {
        const active = sup.children.filter(
          (c) => c.state.kind === "running" && c.state.process.ended === undefined,
        ).length;
        const supervisors = sup.children.filter((c) => c.plan.kind === "supervisor").length;
        return [sup.children.length, active, supervisors, sup.children.length - supervisors].join(" ");
      }
      case "terminateChild":
      case "restartChild":
      case "deleteChild":
      case "getChildspec": {
        const child = sup.children.find((c) => c.plan.id === request.id);
        return child === undefined ? "not_found" : this.answerAbout(sup, child, request.type);
      }
    }
  }

  answerAbout(
    sup: Sup,
    child: Child,
    type: "terminateChild" | "restartChild" | "deleteChild" | "getChildspec",
  ): string {
    switch (type) {
      case "getChildspec":
        return `${child.plan.id} ${child.plan.restart}`;
      case "terminateChild":
        this.stop(child);
        child.state = stopped;
        if (child.plan.restart === "temporary") this.remove(sup, child);
        return "ok";
      case "deleteChild":
        if (child.state.kind !== "stopped") return child.state.kind;
        this.remove(sup, child);
        return "ok";
      case "restartChild": {
        if (child.state.kind !== "stopped") return child.state.kind;
        const result = this.start(sup, child);
        if (result === "error") child.state = stopped;
        return result === "error" ? "failed_to_start_child" : result;
      }
    }
  }

  // What is left

  remove(sup: Sup, child: Child): void {
    child.state = stopped;
    sup.children = sup.children.filter((c) => c !== child);
  }

  report(context: string, child: Child): void {
    this.trace.push(`report ${context} ${child.path}`);
  }
}
