import {
  type ChildSpec,
  type ExitReason,
  ExitSignal,
  exitReason,
  isRunning,
  type KernelEvent,
  kill,
  makeRuntime,
  type ReasonLike,
  type Report,
  SimulatedTime,
  scopeOf,
  settle,
  trapExit,
} from "@trunkline/process";
import type { ActorLogic, AnyActorRef, AnyEventObject, Snapshot } from "xstate";
import { Supervisor, type SupervisorOptions, type SupervisorRef } from "../src/index.ts";

/** What one attempt to start comes to. */
export type Start = "ok" | "error" | "ignore" | "hang";

/** How a worker of these tests behaves. */
export interface Behaviour {
  /** Its first, second, … start; after the last one every start succeeds. */
  readonly starts?: readonly Start[];
  /**
   * Asked to stop it ends at once (`obey`), never (`refuse`), when it is sent `let_go` (`wait`), with `normal`, with an
   * error (`fail`), or after so many milliseconds.
   */
  readonly onStop?: "obey" | "refuse" | "wait" | "normal" | "fail" | number;
}

interface WorkerInput {
  readonly id: string;
  readonly hang: boolean;
  readonly onStop: NonNullable<Behaviour["onStop"]>;
  readonly log: string[];
}
type WorkerSnapshot = Snapshot<undefined> & { readonly input: WorkerInput; readonly count: number };
type WorkerEvent = KernelEvent | { readonly type: "end"; readonly reason: ReasonLike | "crash" } | AnyEventObject;

const done = (snapshot: WorkerSnapshot): WorkerSnapshot => ({
  ...snapshot,
  status: "done",
  output: undefined,
  error: undefined,
});

const workerLogic: ActorLogic<WorkerSnapshot, WorkerEvent, WorkerInput> = {
  getInitialSnapshot: (_scope, input) => ({ status: "active", output: undefined, error: undefined, input, count: 0 }),
  start: ({ input }, { self }) => {
    if (input.onStop !== "obey") trapExit(self);
    if (input.hang) return;
    input.log.push(`start ${input.id}`);
    scopeOf(self).defer(() => input.log.push(`end ${input.id} ${exitReason(self)?.type}`));
  },
  transition: (snapshot, event, { self }) => {
    const { input } = snapshot;
    switch (event.type) {
      case "end":
        if (event.reason === "normal") return done(snapshot);
        throw event.reason === "crash" ? new Error("boom") : new ExitSignal(event.reason);
      case "count":
        return { ...snapshot, count: snapshot.count + 1 };
      case "let_go":
        return done(snapshot);
      case "otp.stop":
        input.log.push(`asked ${input.id}`);
        if (input.onStop === "normal") throw new ExitSignal("normal");
        if (input.onStop === "fail") throw new Error("failed to stop");
        if (typeof input.onStop === "number")
          scopeOf(self).setTimeout(() => self.send({ type: "let_go" }), input.onStop);
        return snapshot;
      case "xstate.stop":
        return { ...snapshot, status: "stopped", output: undefined, error: undefined };
      default:
        return snapshot;
    }
  },
  getPersistedSnapshot: (snapshot) => snapshot,
};

/** Simulated time, workers that do as they are told, and a log of all that happens. */
export class Bench {
  readonly time = new SimulatedTime();
  readonly log: string[] = [];
  readonly reports: Report[] = [];
  readonly runtime = makeRuntime({
    clock: this.time,
    logger: {
      debug: () => {},
      info: (fields) => this.#keep(fields),
      warn: () => {},
      error: (fields) => this.#keep(fields),
    },
  });
  readonly #attempts = new Map<string, number>();
  readonly #roots: AnyActorRef[] = [];

  /** A child spec for a worker. */
  worker(id: string, { starts = [], onStop = "obey", ...spec }: Behaviour & Partial<ChildSpec> = {}): ChildSpec {
    const input = { id, hang: false, onStop, log: this.log };
    return {
      id,
      ...spec,
      start: ({ spawn }) => {
        const attempt = this.#attempts.get(id) ?? 0;
        this.#attempts.set(id, attempt + 1);
        const outcome = starts[attempt] ?? "ok";
        switch (outcome) {
          case "ok":
            return spawn(workerLogic, { input });
          case "ignore":
            this.log.push(`ignore ${id}`);
            return "ignore";
          case "error":
            this.log.push(`fail ${id}`);
            throw new Error(`${id} did not start`);
          case "hang":
            this.log.push(`hang ${id}`);
            return new Promise<never>(() => {});
        }
      },
    };
  }

  workers(...ids: readonly string[]): ChildSpec[] {
    return ids.map((id) => this.worker(id));
  }

  /** How often a worker's start function has been called. */
  starts(id: string): number {
    return this.#attempts.get(id) ?? 0;
  }

  /** Starts a root supervisor, one_for_one unless told otherwise. */
  async supervisor(children: readonly ChildSpec[], options: Partial<SupervisorOptions> = {}): Promise<SupervisorRef> {
    const supervisor = await Supervisor.startLink(children, { ...this.options, ...options });
    this.#roots.push(supervisor);
    return supervisor;
  }

  readonly options = { strategy: "one_for_one", runtime: this.runtime, unref: true } as const;

  /** Keeps a root for `close`. */
  root<R extends AnyActorRef>(ref: R): R {
    this.#roots.push(ref);
    return ref;
  }

  /** The process of a child that runs. */
  async child(supervisor: AnyActorRef, id: unknown): Promise<AnyActorRef> {
    const found = (await Supervisor.whichChildren(supervisor)).find((child) => child.id === id);
    if (typeof found?.ref !== "object") throw new Error(`${String(id)} is not running`);
    return found.ref;
  }

  /** Makes children end by themselves, all in one turn, and lets what follows happen. */
  async end(supervisor: AnyActorRef, reason: ReasonLike | "crash", ...ids: readonly string[]): Promise<void> {
    const refs = await Promise.all(ids.map((id) => this.child(supervisor, id)));
    for (const ref of refs) {
      if (reason === "killed") kill(ref);
      else ref.send({ type: "end", reason });
    }
    await this.rest();
  }

  /** Lets everything happen that needs no time. */
  async rest(): Promise<void> {
    for (let turn = 0; turn < 8; turn += 1) await settle();
  }

  /** `a:running b:stopped …`, in start order. */
  async list(supervisor: AnyActorRef): Promise<string> {
    return listed(await Supervisor.whichChildren(supervisor));
  }

  /** What has happened since this was last asked. */
  news(): string[] {
    return this.log.splice(0);
  }

  /** Contexts of the supervisor reports so far, with the child: `child_terminated a`. */
  errors(): string[] {
    return this.reports.flatMap((report) =>
      report.report === "supervisor" ? [`${report.errorContext} ${String(report.offender.id)}`] : [],
    );
  }

  /** Kills what is left. */
  async close(): Promise<void> {
    for (const root of this.#roots) if (isRunning(root)) kill(root);
    await settle();
  }

  #keep(fields: object): void {
    if ("report" in fields) this.reports.push(fields as Report);
  }
}

export function listed(children: readonly { readonly id: unknown; readonly ref: unknown }[]): string {
  return children
    .toReversed()
    .map(({ id, ref }) => `${String(id)}:${ref === undefined ? "stopped" : ref === "restarting" ? ref : "running"}`)
    .join(" ");
}

/** The reason a process ended with, by its type. */
export const ended = (ref: AnyActorRef): ExitReason["type"] | undefined => exitReason(ref)?.type;
