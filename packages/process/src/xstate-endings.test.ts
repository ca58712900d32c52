import { expect, test, vi } from "vitest";
import {
  type ActorLogic,
  type AnyActorLogic,
  fromCallback,
  fromObservable,
  fromPromise,
  fromTransition,
  type Observer,
  type Snapshot,
  type Subscribable,
  setup,
} from "xstate";
import { quiet, recorderLogic, startRecorder } from "../test/recorder.ts";
import { exit, exited, exitReason, isRunning, kill, trapExit } from "./exit.ts";
import { crashed, type ExitReason, killed, normal, shutdown } from "./exit-reason.ts";
import { ExitSignal } from "./exit-signal.ts";
import { settle } from "./simulated-time.ts";
import { start, startLink } from "./start.ts";
import { stop } from "./stop.ts";

const boom = new Error("boom");
const raise = (): never => {
  throw boom;
};
type Go = { readonly type: "go" };

const throwing = setup({ types: { events: {} as Go }, actions: { raise } }).createMachine({
  on: { go: { actions: "raise" } },
});
const finishing = setup({ types: { events: {} as Go } }).createMachine({
  initial: "on",
  states: { on: { on: { go: "off" } }, off: { type: "final" } },
  output: "result",
});
const observed = (end: "error" | "complete") =>
  fromObservable(
    (): Subscribable<unknown> => ({
      subscribe(observer: Observer<unknown> | ((value: unknown) => void)) {
        if (typeof observer === "object") {
          queueMicrotask(() => (end === "error" ? observer.error?.(boom) : observer.complete?.()));
        }
        return { unsubscribe() {} };
      },
    }),
  );

async function endOf(logic: AnyActorLogic): Promise<ExitReason | undefined> {
  const ref = await startLink({ logic }, { runtime: quiet });
  ref.send({ type: "go" });
  await settle();
  return exitReason(ref);
}

test("S2: a final state, a resolved promise and a completed observable are normal exits; the output is kept", async () => {
  expect(await endOf(fromPromise(async () => "value"))).toEqual(normal);
  expect(await endOf(observed("complete"))).toEqual(normal);
  const ref = await startLink({ logic: finishing }, { runtime: quiet });
  ref.send({ type: "go" });
  expect(exitReason(ref)).toEqual(normal);
  expect(ref.getSnapshot().output).toBe("result");
});

test("S2, S150: whatever kind of logic fails, its process exits with the error", async () => {
  const failing: readonly AnyActorLogic[] = [
    throwing,
    fromPromise(async () => raise()),
    observed("error"),
    fromTransition((_state: number, _event: Go) => raise(), 0),
    fromCallback(({ receive }) => receive(raise)),
  ];
  for (const logic of failing) expect(await endOf(logic)).toEqual(crashed(boom));
});

test("S2: an explicit exit is exactly the reason that was given, from every kind of logic", async () => {
  const leave = (): never => {
    throw new ExitSignal(shutdown("my own"));
  };
  const leaving: readonly AnyActorLogic[] = [
    setup({ types: { events: {} as Go }, actions: { leave } }).createMachine({ on: { go: { actions: "leave" } } }),
    fromPromise(async () => leave()),
    fromTransition((_state: number, _event: Go) => leave(), 0),
    fromCallback(({ receive }) => receive(leave)),
  ];
  for (const logic of leaving) expect(await endOf(logic)).toEqual(shutdown("my own"));
});

test("S150: a transition that returns junk is an error that says so", async () => {
  const junk: ActorLogic<Snapshot<undefined>, Go> = {
    getInitialSnapshot: () => ({ status: "active", output: undefined, error: undefined }),
    transition: () => undefined as unknown as Snapshot<undefined>,
    getPersistedSnapshot: (snapshot) => snapshot,
  };
  expect(await endOf(junk)).toMatchObject({
    type: "error",
    error: { message: expect.stringContaining("bad_return_value") },
  });
});

test("stopped by anybody else, such as a root's own stop(), is a shutdown", async () => {
  const ref = await startLink({ logic: finishing }, { runtime: quiet });
  const end = exited(ref);
  ref.stop();
  expect(await end).toEqual(shutdown());
});

test("done already at its start: the start succeeds, then the process has exited normally", async () => {
  const quick = setup({}).createMachine({ initial: "over", states: { over: { type: "final" } } });
  const ref = await startLink({ logic: quick }, { runtime: quiet });
  expect(exitReason(ref)).toEqual(normal);
});

test("S175: a context factory or an entry action that throws is a failed start with that error", async () => {
  const byContext = setup({ types: { context: {} as { n: number } } }).createMachine({ context: () => raise() });
  const byEntry = setup({ actions: { raise } }).createMachine({ entry: "raise" });
  const byCallback = fromCallback(() => raise());
  for (const logic of [byContext, byEntry, byCallback] as AnyActorLogic[]) {
    await expect(startLink({ logic }, { runtime: quiet })).rejects.toMatchObject({
      code: "exited",
      reason: crashed(boom),
    });
  }
});

test("S176: no crash of a process becomes an uncaught exception, whoever observes it without an error handler", async () => {
  const uncaught = vi.fn();
  process.on("uncaughtException", uncaught);
  const ref = await startLink({ logic: throwing }, { runtime: quiet });
  const seen: string[] = [];
  ref.subscribe(() => seen.push("next"));
  ref.subscribe({ next: () => seen.push("next too"), complete: () => seen.push("complete") });
  ref.send({ type: "go" });
  await new Promise((resolve) => setTimeout(resolve, 0));
  await settle();
  process.off("uncaughtException", uncaught);
  expect(exitReason(ref)).toEqual(crashed(boom));
  expect(uncaught).not.toHaveBeenCalled();
  expect(seen).toEqual([]);
});

test("S177: XState's own observers still see next and complete on done, error only on a crash, complete on a stop", async () => {
  const log = (): { seen: string[]; observer: object } => {
    const seen: string[] = [];
    return {
      seen,
      observer: {
        next: (snapshot: { status: string }) => seen.push(`next ${snapshot.status}`),
        error: () => seen.push("error"),
        complete: () => seen.push("complete"),
      },
    };
  };
  const [done, failed, stopped] = [log(), log(), log()];
  const finished = await startLink({ logic: finishing }, { runtime: quiet });
  finished.subscribe(done.observer);
  finished.send({ type: "go" });
  const broken = await startLink({ logic: throwing }, { runtime: quiet });
  broken.subscribe(failed.observer);
  broken.send({ type: "go" });
  const halted = await startLink({ logic: throwing }, { runtime: quiet });
  halted.subscribe(stopped.observer);
  kill(halted);
  expect(done.seen).toEqual(["next done", "complete"]);
  expect(failed.seen).toEqual(["error"]);
  expect(stopped.seen.at(-1)).toBe("complete");
  expect(halted.getSnapshot().status).toBe("stopped");
});

test("S179: any process can be ended, also one that XState's stop() refuses because it has a parent", async () => {
  const parent = await startRecorder();
  const child = await start({ logic: recorderLogic }, { parent });
  expect(() => child.stop()).toThrow();
  await stop(child, "shutdown");
  expect(exitReason(child)).toEqual(shutdown());
  expect(isRunning(parent)).toBe(true);
});

test("S180: a stopped reducer does not stay active: neither for isRunning nor in its snapshot", async () => {
  const ref = await startRecorder();
  kill(ref);
  expect(isRunning(ref)).toBe(false);
  expect(ref.getSnapshot().status).toBe("stopped");
});

test("S181: starting a dead actor again revives nothing", async () => {
  const inspected: string[] = [];
  const ref = await startRecorder({ inspect: (event) => void inspected.push(event.type) });
  kill(ref);
  const before = [...inspected];
  ref.start();
  ref.send({ type: "zombie" });
  expect(inspected).toEqual(before);
  expect(ref.getSnapshot().context).toEqual([]);
  expect(isRunning(ref)).toBe(false);
});

test("S186: killing a promise aborts its signal; a later result is dropped, a later rejection is nobody's", async () => {
  for (const late of ["resolve", "reject"] as const) {
    let signal: AbortSignal | undefined;
    let settlePromise = (): void => {};
    const logic = fromPromise<string>(({ signal: given }) => {
      signal = given;
      return new Promise((resolve, reject) => {
        settlePromise = () => (late === "resolve" ? resolve("late") : reject(boom));
      });
    });
    const ref = await startLink({ logic }, { runtime: quiet });
    kill(ref);
    expect(signal?.aborted).toBe(true);
    settlePromise();
    await settle();
    expect(exitReason(ref)).toEqual(killed);
    expect(ref.getSnapshot().output).toBeUndefined();
  }
});

test("S190: a taken systemId is already_started, and it is free after every kind of end", async () => {
  const parent = await startRecorder();
  const options = { parent, systemId: "only" };
  const first = await start({ logic: recorderLogic }, options);
  await expect(start({ logic: recorderLogic }, options)).rejects.toMatchObject({ code: "already_started", ref: first });
  first.send({ type: "crash", error: boom });
  const second = await start({ logic: recorderLogic }, options);
  kill(second);
  const third = await start({ logic: recorderLogic }, options);
  await stop(third);
  expect(isRunning(await start({ logic: recorderLogic }, options))).toBe(true);
});

test("S191: events sent to a dead process are dropped without a warning on the console", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const ref = await startRecorder();
  kill(ref);
  ref.send({ type: "late" });
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test("S193: exit signals end an XState process unless it opts in to receive them as events", async () => {
  const machine = setup({ types: { events: {} as { type: "otp.exit" } } }).createMachine({
    initial: "calm",
    states: { calm: { on: { "otp.exit": "warned" } }, warned: {} },
  });
  const [plain, trapping] = [
    await startLink({ logic: machine }, { runtime: quiet }),
    await startLink({ logic: machine }, { runtime: quiet }),
  ];
  trapExit(trapping);
  exit(plain, "shutdown");
  exit(trapping, "shutdown");
  await settle();
  expect(exitReason(plain)).toEqual(shutdown());
  expect(trapping.getSnapshot().value).toBe("warned");
});

test("S194: a start is fresh unless it is given a snapshot, and one that had ended is never restored", async () => {
  const first = await startLink({ logic: finishing }, { runtime: quiet });
  const active = first.getPersistedSnapshot();
  first.send({ type: "go" });
  const done = first.getPersistedSnapshot();
  const restored = await startLink({ logic: finishing, snapshot: () => active }, { runtime: quiet });
  expect(restored.getSnapshot().value).toBe("on");
  const counted = fromTransition((n: number, _event: Go) => n + 1, 0);
  const warm = await startLink(
    {
      logic: counted,
      snapshot: { status: "active", output: undefined, error: undefined, context: 41 } as Snapshot<undefined>,
    },
    { runtime: quiet },
  );
  warm.send({ type: "go" });
  expect(warm.getSnapshot().context).toBe(42);
  const anew = await startLink({ logic: finishing, snapshot: done }, { runtime: quiet });
  expect(anew.getSnapshot().value).toBe("on");
  expect(isRunning(anew)).toBe(true);
});

test("S152: a process that fails while it cleans up ends with that failure", async () => {
  const parent = await startRecorder({ trap: true });
  const failing = setup({ types: { events: {} as { type: string } }, actions: { raise } }).createMachine({
    on: { "otp.stop": { actions: "raise" } },
  });
  const child = await startLink({ logic: failing }, { parent });
  trapExit(child);
  const end = exited(child);
  exit(child, "shutdown", parent);
  expect(await end).toEqual(crashed(boom));
});
