import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  CallError,
  type ChildSpec,
  channelNames,
  type ExitReason,
  isRunning,
  kill,
  makeRuntime,
  type ProcessExited,
  type ProcessStarted,
  type Report,
  settle,
  silentLogger,
} from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { Supervisor, SupervisorError } from "../../src/index.ts";
import {
  type ChildPlan,
  canonical,
  type Happenings,
  isFlat,
  type Outcome,
  type Plan,
  type Request,
  type Step,
} from "./plan.ts";
import { workerSpec } from "./scripted-worker.ts";
import { SteppedClock } from "./stepped-clock.ts";

/** Does to real supervisors what the plan says, and writes down what came of it in the model's words. */
export async function runPlan(plan: Plan): Promise<Outcome> {
  const run = new Run();
  run.watch();
  try {
    return await run.all(plan);
  } finally {
    run.unwatch();
  }
}

class Run {
  readonly clock = new SteppedClock();
  readonly trace: string[] = [];
  readonly answers: string[] = [];
  readonly #attempts = new Map<string, number>();
  readonly #supervisors = new Map<string, AnyActorRef>();
  readonly #acknowledged = new WeakSet<AnyActorRef>();

  async all(plan: Plan): Promise<Outcome> {
    const { root } = plan;
    const starting = Supervisor.startLink(
      root.children.map((child) => this.#spec(child, "root")),
      {
        strategy: root.strategy,
        maxRestarts: root.maxRestarts,
        maxSeconds: root.maxSeconds,
        autoShutdown: root.autoShutdown,
        unref: true,
        runtime: makeRuntime({ clock: this.clock, logger: silentLogger }),
      },
    );
    starting.catch(() => {});
    await this.#rest();
    const ref = await starting.catch(() => undefined);
    if (ref !== undefined) {
      for (const step of plan.steps) {
        if (!isRunning(ref)) break;
        await this.#step(ref, step, isFlat(plan));
      }
    }
    const tree = ref !== undefined && isRunning(ref) ? await this.#draw(ref) : "";
    const outcome = { trace: canonical([...this.trace]), answers: [...this.answers], tree };
    if (ref !== undefined) kill(ref);
    await this.#rest();
    return outcome;
  }

  async #step(root: AnyActorRef, step: Step, flat: boolean): Promise<void> {
    const asked: Promise<string>[] = [];
    switch (step.type) {
      case "pass":
        this.clock.pass(step.ms);
        break;
      case "stop":
        Supervisor.stop(root).catch(() => {});
        break;
      case "kill": {
        const target = this.#supervisors.get(step.supervisor);
        if (target !== undefined && target !== root && isRunning(target)) kill(target);
        break;
      }
      case "burst": {
        const target = this.#supervisors.get(step.supervisor);
        if (target === undefined || !isRunning(target)) break;
        asked.push(...this.#happen(target, step.supervisor, step.now));
        if (!flat) break;
        await this.#quiet();
        if (isRunning(root)) asked.push(...this.#happen(root, "root", step.late));
        break;
      }
    }
    await this.#rest();
    this.answers.push(...(await Promise.all(asked)));
  }

  #happen(target: AnyActorRef, path: string, { ends, requests }: Happenings): Promise<string>[] {
    const children: Readonly<Record<string, AnyActorRef>> = target.getSnapshot().children;
    for (const { id, reason } of ends) {
      const child = children[id];
      if (child === undefined || this.#supervisors.get(`${path}/${id}`) === child) continue;
      if (reason === "killed") kill(child);
      else child.send({ type: "end", reason });
    }
    return requests.map((request) => this.#ask(target, path, request));
  }

  /** Until nothing happens any more, jumping over every wait. */
  async #rest(): Promise<void> {
    do await this.#quiet();
    while (this.clock.fireNext());
  }

  /** Until nothing happens any more that needs no time. */
  async #quiet(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet += 1) {
      const before = this.trace.length;
      await settle();
      if (this.trace.length !== before) quiet = -1;
    }
  }

  async #ask(target: AnyActorRef, path: string, request: Request): Promise<string> {
    return `${request.type}: ${await this.#result(target, path, request).catch(codeOf)}`;
  }

  async #result(target: AnyActorRef, path: string, request: Request): Promise<string> {
    switch (request.type) {
      case "startChild":
        return (await Supervisor.startChild(target, this.#spec(request.child, path))) === undefined ? "ignore" : "ok";
      case "restartChild":
        return (await Supervisor.restartChild(target, request.id)) === undefined ? "ignore" : "ok";
      case "terminateChild":
        await Supervisor.terminateChild(target, request.id);
        return "ok";
      case "deleteChild":
        await Supervisor.deleteChild(target, request.id);
        return "ok";
      case "whichChildren":
        return listed(await Supervisor.whichChildren(target));
      case "countChildren": {
        const { specs, active, supervisors, workers } = await Supervisor.countChildren(target);
        return [specs, active, supervisors, workers].join(" ");
      }
      case "getChildspec": {
        const { id, restart } = await Supervisor.getChildspec(target, request.id);
        return `${id} ${restart}`;
      }
    }
  }

  async #draw(ref: AnyActorRef): Promise<string> {
    const children = await Supervisor.whichChildren(ref);
    const inner: string[] = [];
    for (const child of children.toReversed()) {
      if (child.type === "supervisor" && typeof child.ref === "object") inner.push(`, ${await this.#draw(child.ref)}`);
    }
    return `${pathOf(ref)}[${listed(children)}]${inner.join("")}`;
  }

  #spec(plan: ChildPlan, parent: string): ChildSpec {
    const path = `${parent}/${plan.id}`;
    if (plan.kind === "worker") {
      return workerSpec(
        plan,
        () => {
          const attempt = this.#attempts.get(path) ?? 0;
          this.#attempts.set(path, attempt + 1);
          return plan.starts[attempt] ?? "ok";
        },
        () => this.trace.push(`ignore ${path}`),
        () => this.trace.push(`fail ${path}`),
      );
    }
    const { id, restart, shutdown, significant, strategy, maxRestarts, maxSeconds, autoShutdown } = plan;
    return Supervisor.childSpec(
      plan.children.map((child) => this.#spec(child, path)),
      { strategy, maxRestarts, maxSeconds, autoShutdown },
      { id, restart, shutdown, significant },
    );
  }

  watch(): void {
    subscribe(channelNames.start, this.#onStart);
    subscribe(channelNames.exit, this.#onExit);
    subscribe(channelNames.report, this.#onReport);
  }

  unwatch(): void {
    unsubscribe(channelNames.start, this.#onStart);
    unsubscribe(channelNames.exit, this.#onExit);
    unsubscribe(channelNames.report, this.#onReport);
  }

  readonly #onStart = (message: unknown): void => {
    const { process } = message as ProcessStarted;
    if ("value" in process.getSnapshot()) this.#supervisors.set(pathOf(process), process);
    process.subscribe((snapshot: { readonly value?: unknown }) => {
      if (process._parent === undefined && snapshot.value === "running") this.#acknowledge(process);
    });
  };

  readonly #onExit = (message: unknown): void => {
    const { process, reason } = message as ProcessExited;
    const path = pathOf(process);
    this.trace.push(this.#acknowledged.has(process) ? `end ${path} ${named(reason)}` : `fail ${path}`);
  };

  readonly #onReport = (message: unknown): void => {
    const report = message as Report;
    if (report.report === "progress" && typeof report.started.pid === "object") this.#acknowledge(report.started.pid);
    if (report.report !== "supervisor") return;
    this.trace.push(`report ${report.errorContext} ${pathOf(report.supervisor)}/${report.offender.id}`);
  };

  #acknowledge(process: AnyActorRef): void {
    if (this.#acknowledged.has(process)) return;
    this.#acknowledged.add(process);
    this.trace.push(`start ${pathOf(process)}`);
  }
}

const pathOf = (ref: AnyActorRef): string => (ref._parent === undefined ? "root" : `${pathOf(ref._parent)}/${ref.id}`);

function named(reason: ExitReason): string {
  return reason.type === "shutdown" && reason.info !== undefined ? "shutdown_with_info" : reason.type;
}

function listed(
  children: readonly { readonly id: unknown; readonly ref: AnyActorRef | "restarting" | undefined }[],
): string {
  return children
    .map(({ id, ref }) => `${id}:${ref === undefined ? "stopped" : ref === "restarting" ? ref : "running"}`)
    .join(" ");
}

function codeOf(error: unknown): string {
  if (error instanceof SupervisorError || error instanceof CallError) return error.code;
  throw error;
}
