import { exitReason, isRunning } from "@trunkline/process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type AnyActorLogic,
  type AnyActorRef,
  createMachine,
  fromCallback,
  fromObservable,
  fromPromise,
  fromTransition,
  type InspectionEvent,
  setup,
} from "xstate";
import { DynamicSupervisor, Supervisor } from "../../src/index.ts";
import { Bench } from "../bench.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const crash = { type: "crash" };
const throwing = () => {
  throw new Error("boom");
};

const machine = setup({ types: { events: {} as { type: "crash" } | { type: "finish" } } }).createMachine({
  initial: "running",
  states: { running: { on: { crash: { actions: throwing }, finish: "done" } }, done: { type: "final" } },
});

/** Logic of each kind of XState, with a way to make it crash. */
const kinds: Record<string, { logic: AnyActorLogic; crash: (ref: AnyActorRef) => void }> = {
  machine: { logic: machine, crash: (ref) => ref.send(crash) },
  callback: {
    logic: fromCallback(({ receive }) => {
      receive(throwing);
    }),
    crash: (ref) => ref.send(crash),
  },
  transition: {
    logic: fromTransition(
      (state: object, event: { type: string }) => (event.type === "crash" ? throwing() : state),
      {},
    ),
    crash: (ref) => ref.send(crash),
  },
};

describe("any XState logic is a child as it is", () => {
  for (const [kind, { logic, crash: makeCrash }] of Object.entries(kinds)) {
    test(`S175, S176: a ${kind} that crashes is restarted and its error harms nobody else`, async () => {
      const supervisor = await bench.supervisor([{ id: kind, start: { logic } }]);
      const first = await bench.child(supervisor, kind);
      makeCrash(first);
      await bench.rest();
      const second = await bench.child(supervisor, kind);
      expect(second).not.toBe(first);
      expect(isRunning(second)).toBe(true);
      expect(exitReason(first)).toMatchObject({ type: "error", error: new Error("boom") });
    });
  }

  test("S181: a machine that reaches its final state has ended normally: a transient one stays stopped, a permanent one comes back", async () => {
    const supervisor = await bench.supervisor([
      { id: "transient", start: { logic: machine }, restart: "transient" },
      { id: "permanent", start: { logic: machine } },
    ]);
    for (const id of ["transient", "permanent"]) (await bench.child(supervisor, id)).send({ type: "finish" });
    await bench.rest();
    expect(await bench.list(supervisor)).toBe("transient:stopped permanent:running");
  });

  test("S186: a promise that resolves has ended normally; one that rejects is restarted; the signal of a stopped one is aborted", async () => {
    let runs = 0;
    let aborted = false;
    const flaky = fromPromise(async () => {
      runs += 1;
      if (runs < 3) throw new Error("boom");
    });
    const endless = fromPromise(({ signal }) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise(() => {});
    });
    const supervisor = await bench.supervisor([
      { id: "flaky", start: { logic: flaky }, restart: "transient" },
      { id: "endless", start: { logic: endless } },
    ]);
    await bench.rest();
    expect(runs).toBe(3);
    expect(await bench.list(supervisor)).toBe("flaky:stopped endless:running");
    await Supervisor.terminateChild(supervisor, "endless");
    expect(aborted).toBe(true);
  });

  test("S183: an observable that completes has ended normally; one that errors is restarted, and unsubscribed from", async () => {
    let subscriptions = 0;
    const logic = fromObservable(
      () =>
        ({
          subscribe(observer: { error?: (error: unknown) => void; complete?: () => void }) {
            subscriptions += 1;
            const first = subscriptions === 1;
            queueMicrotask(() => (first ? observer.error?.(new Error("boom")) : observer.complete?.()));
            return { unsubscribe() {} };
          },
        }) as never,
    );
    const supervisor = await bench.supervisor([{ id: "o", start: { logic }, restart: "transient" }]);
    await bench.rest();
    expect(subscriptions).toBe(2);
    expect(await bench.list(supervisor)).toBe("o:stopped");
  });

  test("S182: the invoked children of a machine whose action throws are gone before its replacement starts", async () => {
    const log: string[] = [];
    const inner = fromCallback(() => {
      log.push("acquire");
      return () => log.push("release");
    });
    const outer = createMachine({ invoke: { src: inner }, on: { crash: { actions: throwing } } } as never);
    const supervisor = await bench.supervisor([{ id: "m", start: { logic: outer } }]);
    (await bench.child(supervisor, "m")).send(crash);
    await bench.rest();
    expect(log).toEqual(["acquire", "release", "acquire"]);
  });

  test("S175, S192: a context factory or entry action that throws is a start failure; ready waits for a state's tag", async () => {
    const factory = createMachine({ context: throwing } as never);
    const entry = createMachine({ entry: throwing } as never);
    const supervisor = await bench.supervisor([]);
    for (const logic of [factory, entry]) {
      await expect(Supervisor.startChild(supervisor, { id: "m", start: { logic } })).rejects.toMatchObject({
        code: "failed_to_start_child",
        reason: { type: "error", error: new Error("boom") },
      });
    }
    const connecting = createMachine({
      initial: "connecting",
      states: { connecting: { after: { 50: "connected" } }, connected: { tags: "ready" } },
    });
    const starting = Supervisor.startChild(supervisor, {
      id: "c",
      start: { logic: connecting, ready: "ready" } as never,
    });
    await bench.time.advance(50);
    expect((await starting)?.getSnapshot().value).toBe("connected");
  });

  test("S188: a supervisor survives a child that stops it from within its own step", async () => {
    const supervisor = await bench.supervisor([]);
    const suicidal = fromTransition((state: object, event: { type: string }) => {
      if (event.type === "crash") supervisor.stop();
      return state;
    }, {});
    const ref = await Supervisor.startChild(supervisor, { id: "s", start: { logic: suicidal } });
    ref?.send(crash as never);
    await bench.rest();
    expect(exitReason(supervisor)).toEqual({ type: "shutdown" });
    expect(isRunning(ref as never)).toBe(false);
  });
});

describe("inspection", () => {
  test("S179: XState's inspection shows supervisors and children in their true parent relation, restarts included", async () => {
    const events: InspectionEvent[] = [];
    const supervisor = await bench.supervisor(
      [
        bench.worker("a"),
        Supervisor.childSpec(bench.workers("b"), { strategy: "one_for_one" }, { id: "inner" }),
        DynamicSupervisor.childSpec({ name: "dynamic" }),
      ],
      { inspect: (event) => events.push(event), strategy: "one_for_all", name: "app" },
    );
    const family = () =>
      events.flatMap((event) => {
        if (event.type !== "@xstate.actor") return [];
        const ref = event.actorRef as AnyActorRef;
        return [`${ref._parent?.id ?? "-"} > ${ref.id}`];
      });
    const tree = ["app > a", "app > inner", "inner > b", "app > dynamic"];
    expect(family()).toEqual(["- > app", ...tree]);
    events.length = 0;
    await bench.end(supervisor, "crash", "a");
    expect(family()).toEqual(tree);
    expect(new Set(events.map((event) => event.rootId))).toEqual(new Set([supervisor.sessionId]));
    expect(Object.keys(supervisor.getSnapshot().children)).toEqual(["a", "inner", "dynamic"]);
    expect(supervisor.getSnapshot().children.inner?.getSnapshot().children.b._parent).toBe(
      supervisor.getSnapshot().children.inner,
    );
  });

  test("S179: the states of a supervisor are seen as they change", async () => {
    const values: unknown[] = [];
    const supervisor = await bench.supervisor(bench.workers("a"), {
      inspect: (event) => {
        if (event.type === "@xstate.snapshot" && (event.actorRef as AnyActorRef).id === "app") {
          values.push((event.snapshot as unknown as { value: unknown }).value);
        }
      },
      name: "app",
    });
    await Supervisor.stop(supervisor);
    expect([...new Set(values)]).toEqual(["starting", "running", "stopping"]);
  });
});

describe("reports", () => {
  test("S157: a progress report follows each start, restarts included", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    await bench.end(supervisor, "crash", "a");
    const progress = bench.reports.filter((report) => report.report === "progress");
    expect(progress).toHaveLength(2);
    expect(progress[0]).toMatchObject({
      started: { id: "a", restart: "permanent", significant: false, shutdown: 5000, type: "worker" },
    });
  });

  test("S158, S159: a crash gives the crash report, then child_terminated, then the progress of the new incarnation", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    bench.reports.length = 0;
    await bench.end(supervisor, "crash", "a");
    expect(
      bench.reports.map((report) => (report.report === "supervisor" ? report.errorContext : report.report)),
    ).toEqual(["crash", "child_terminated", "progress"]);
  });

  test("S158, S160: a transient child that ends cleanly is not reported at all, a permanent one as child_terminated", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { restart: "transient" }), bench.worker("b")]);
    bench.reports.length = 0;
    await bench.end(supervisor, "normal", "a");
    expect(bench.reports).toEqual([]);
    await bench.end(supervisor, "normal", "b");
    expect(bench.errors()).toEqual(["child_terminated b"]);
  });

  test("S158: failed starts, failed stops and a spent budget are reported with their context", async () => {
    const supervisor = await bench.supervisor(
      [bench.worker("a", { starts: ["ok", "error"] }), bench.worker("b", { onStop: "fail" })],
      { maxRestarts: 1 },
    );
    await bench.end(supervisor, "crash", "a");
    expect(bench.errors()).toEqual(["child_terminated a", "start_error a", "shutdown a", "shutdown_error b"]);
    expect(
      bench.reports.find((report) => report.report === "supervisor" && report.errorContext === "shutdown"),
    ).toMatchObject({
      reason: "reached_max_restart_intensity",
    });
  });
});
