import { expect, test } from "vitest";
import { assign, fromTransition, setup } from "xstate";
import { quiet, received, recorderLogic, startRecorder, typesReceived } from "../test/recorder.ts";
import { call } from "./call.ts";
import { exit, exited, isRunning, kill, trapExit } from "./exit.ts";
import { shutdown } from "./exit-reason.ts";
import { link } from "./link.ts";
import { silentLogger } from "./logger.ts";
import { makeRuntime } from "./runtime.ts";
import { SimulatedTime, settle } from "./simulated-time.ts";
import { startLink } from "./start.ts";
import { sys } from "./sys.ts";

const counter = fromTransition(
  (state: { readonly total: number; readonly password: string }, event: { type: string; secretToken?: string }) =>
    event.type === "inc" ? { ...state, total: state.total + 1 } : state,
  { total: 0, password: "hunter2" },
);

test("S153: sys shows and replaces the state of any actor, counts, logs and traces what it handles", async () => {
  const clock = new SimulatedTime();
  const ref = await startLink({ logic: counter }, { runtime: makeRuntime({ clock, logger: silentLogger }) });
  expect(await sys.getState(ref)).toEqual({ total: 0, password: "hunter2" });

  const traced: unknown[] = [];
  await sys.statistics(ref, true);
  await sys.log(ref, 2);
  await sys.trace(ref, ({ message }) => traced.push(message));
  await clock.advance(50);
  for (const type of ["inc", "other", "inc"]) ref.send({ type });
  expect(await sys.getStatistics(ref)).toEqual({ startTime: 0, currentTime: 50, messagesIn: 3 });
  expect(await sys.getLog(ref)).toEqual([
    { at: 50, message: { type: "other" } },
    { at: 50, message: { type: "inc" } },
  ]);
  expect(traced).toHaveLength(3);
  expect(await sys.getStatus(ref)).toMatchObject({
    status: "running",
    parent: undefined,
    mailboxDepth: 0,
    debug: { log: true, trace: true, statistics: true },
  });

  const replaced = await sys.replaceState(ref, () => ({ total: 41, password: "x" }));
  expect(replaced).toEqual({ total: 41, password: "x" });
  ref.send({ type: "inc" });
  expect(await sys.getState(ref)).toMatchObject({ total: 42 });

  await sys.statistics(ref, false);
  await sys.log(ref, 0);
  await sys.trace(ref, undefined);
  expect(await sys.getStatistics(ref)).toBeUndefined();
  expect(await sys.getLog(ref)).toEqual([]);
  await sys.terminate(ref, "shutdown");
  expect(isRunning(ref)).toBe(false);
});

test("S153: a machine's context is its state, and replacing it keeps the machine where it is", async () => {
  const machine = setup({ types: { context: {} as { n: number }, events: {} as { type: "inc" } } }).createMachine({
    context: { n: 1 },
    initial: "on",
    states: { on: { on: { inc: { actions: assign({ n: ({ context }) => context.n + 1 }) } } } },
  });
  const ref = await startLink({ logic: machine }, { runtime: quiet });
  await sys.replaceState(ref, () => ({ n: 10 }));
  ref.send({ type: "inc" });
  expect(ref.getSnapshot().context).toEqual({ n: 11 });
  expect(ref.getSnapshot().matches("on")).toBe(true);
});

test("S153: a dead target rejects with noproc, whatever is asked", async () => {
  const ref = await startRecorder();
  kill(ref);
  const asked = [
    sys.getState(ref),
    sys.replaceState(ref, (state) => state),
    sys.getStatus(ref),
    sys.suspend(ref),
    sys.resume("sys.test nobody"),
    sys.statistics(ref, true),
    sys.getLog(ref),
    sys.terminate(ref),
  ];
  for (const answer of await Promise.allSettled(asked)) {
    expect(answer).toMatchObject({ status: "rejected", reason: { code: "noproc" } });
  }
});

test("S154: a suspended process keeps its messages, its callers time out, sys still works, and resume goes on in order", async () => {
  const clock = new SimulatedTime();
  const ref = await startLink({ logic: recorderLogic }, { runtime: makeRuntime({ clock, logger: silentLogger }) });
  await sys.suspend(ref);
  ref.send({ type: "a" });
  const late = expect(call(ref, "x", { timeoutMs: 10 })).rejects.toMatchObject({ code: "timeout" });
  ref.send({ type: "run", run: () => ref.send({ type: "sent while handling" }) });
  ref.send({ type: "c" });
  await clock.advance(10);
  await late;
  expect(await sys.getStatus(ref)).toMatchObject({ status: "suspended", mailboxDepth: 4 });
  expect(await sys.getState(ref)).toEqual([]);
  await sys.resume(ref);
  expect(typesReceived(ref)).toEqual(["a", "call", "run", "c", "sent while handling"]);
  await sys.resume(ref);
  expect(await sys.getStatus(ref)).toMatchObject({ status: "running", mailboxDepth: 0 });
});

test("S155: a suspended process obeys its parent's stop; signals of others wait like messages", async () => {
  const parent = await startRecorder({ trap: true });
  const [plain, trapping] = [await startRecorder({ parent }), await startRecorder({ parent, trap: true })];
  const other = await startRecorder();
  link(other, trapping);
  await sys.suspend(plain);
  await sys.suspend(trapping);
  kill(other);
  await settle();
  expect(received(trapping)).toEqual([]);
  const end = exited(plain);
  exit(plain, "shutdown", parent);
  exit(trapping, "shutdown", parent);
  expect(await end).toEqual(shutdown());
  await settle();
  expect(typesReceived(trapping)).toEqual(["otp.stop"]);
  await sys.resume(trapping);
  expect(typesReceived(trapping)).toEqual(["otp.stop", "otp.exit"]);
});

test("S156: a replacement that throws rejects, changes nothing and harms nobody", async () => {
  const ref = await startLink({ logic: counter }, { runtime: quiet });
  const failure = sys.replaceState(ref, () => {
    throw new RangeError("no");
  });
  await expect(failure).rejects.toThrow(RangeError);
  expect(await sys.getState(ref)).toMatchObject({ total: 0 });
  expect(isRunning(ref)).toBe(true);
});

test("no secret shows in a status, a log or a trace: by its key, or by what the process says of itself", async () => {
  const ref = await startLink({ logic: counter }, { runtime: quiet });
  await sys.log(ref, 5);
  ref.send({ type: "inc", secretToken: "t0p" });
  const byKey = JSON.stringify([(await sys.getStatus(ref)).state, await sys.getLog(ref)]);
  expect(byKey).not.toMatch(/hunter2|t0p/);
  expect(byKey).toContain("[redacted]");

  sys.provide(ref, { formatStatus: () => "nothing to see" });
  ref.send({ type: "inc" });
  expect((await sys.getStatus(ref)).state).toBe("nothing to see");
  expect((await sys.getLog(ref)).at(-1)?.message).toBe("nothing to see");
  sys.provide(ref, {
    formatStatus: () => {
      throw new Error("hunter2");
    },
  });
  expect((await sys.getStatus(ref)).state).toBe("[formatStatus threw]");
});

test("a process with a state and mailbox of its own shows and holds those", async () => {
  const ref = await startRecorder();
  trapExit(ref);
  let state: unknown = "own";
  const held: string[] = [];
  sys.provide(ref, {
    getState: () => state,
    replaceState: (change) => {
      state = change(state);
      return state;
    },
    depth: () => 3,
    suspend: () => held.push("suspended"),
    resume: () => held.push("resumed"),
  });
  expect(await sys.getState(ref)).toBe("own");
  expect(await sys.replaceState(ref, (old) => `${old} replaced`)).toBe("own replaced");
  expect(await sys.getStatus(ref)).toMatchObject({ state: "own replaced", mailboxDepth: 3 });
  await sys.suspend(ref);
  ref.send({ type: "passes the kernel" });
  expect(await sys.getStatus(ref)).toMatchObject({ status: "suspended" });
  await sys.resume(ref);
  expect(held).toEqual(["suspended", "resumed"]);
  expect(received(ref)).toHaveLength(1);
});

test("a trace that throws is switched off and harms nobody", async () => {
  const ref = await startRecorder();
  await sys.trace(ref, () => {
    throw new Error("watcher");
  });
  ref.send({ type: "a" });
  expect(typesReceived(ref)).toEqual(["a"]);
  expect((await sys.getStatus(ref)).debug.trace).toBe(false);
});
