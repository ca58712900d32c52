import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import { fromCallback, fromPromise, sendTo, setup, spawnChild } from "xstate";
import { quiet, received, recorderLogic, startRecorder, typesReceived } from "../test/recorder.ts";
import { call } from "./call.ts";
import { channelNames, type DeadLetter } from "./channels.ts";
import { exited, exitReason, isRunning, kill } from "./exit.ts";
import { killed } from "./exit-reason.ts";
import { type From, reply } from "./from.ts";
import { link } from "./link.ts";
import { registerName } from "./local-name.ts";
import { monitor } from "./monitor.ts";
import { NameError } from "./name-error.ts";
import { scopeOf } from "./scope.ts";
import { cast } from "./send.ts";
import { settle } from "./simulated-time.ts";
import { startLink } from "./start.ts";
import { sys } from "./sys.ts";
import { whereis } from "./whereis.ts";

test("S162: when kill returns, the process is dead in every respect", async () => {
  const victim = await startRecorder({ name: "kill.test all" });
  const watcher = await startRecorder({ trap: true });
  link(victim, watcher);
  monitor(watcher, victim);
  const scope = scopeOf(victim);
  const order: string[] = [];
  scope.signal.addEventListener("abort", () => order.push(`abort, name ${whereis("kill.test all") ? "held" : "free"}`));
  scope.defer(() => order.push("release"));
  await sys.suspend(victim);
  victim.send({ type: "waiting" });
  const pending = expect(call("kill.test all", "ever?")).rejects.toMatchObject({ code: "exited", reason: killed });

  const letters: DeadLetter[] = [];
  const collect = (letter: unknown): void => void letters.push(letter as DeadLetter);
  subscribe(channelNames.deadLetter, collect);
  kill(victim);
  unsubscribe(channelNames.deadLetter, collect);

  expect(isRunning(victim)).toBe(false);
  expect(exitReason(victim)).toEqual(killed);
  expect(order).toEqual(["abort, name free", "release"]);
  expect(scope.signal.reason).toEqual(killed);
  expect(letters.map(({ message, why, reason }) => [message.type, why, reason])).toEqual([
    ["waiting", "lost", killed],
    ["call", "lost", killed],
  ]);
  expect(typesReceived(watcher)).toEqual([]);
  await pending;
  await settle();
  expect(typesReceived(watcher)).toEqual(["otp.exit", "otp.down"]);
  victim.send({ type: "too late" });
  expect(received(victim)).toEqual([]);
});

test("S162: killing a process kills its whole subtree in the same turn, newest first", async () => {
  const root = await startRecorder();
  const child = await startRecorder({ parent: root, trap: true });
  const grandchild = await startRecorder({ parent: child, trap: true });
  const sibling = await startRecorder({ parent: root, trap: true });
  const died: string[] = [];
  for (const [name, ref] of Object.entries({ root, child, grandchild, sibling })) {
    scopeOf(ref).defer(() => died.push(name));
  }
  kill(root);
  expect([root, child, grandchild, sibling].map((ref) => exitReason(ref))).toEqual([killed, killed, killed, killed]);
  expect(died).toEqual(["sibling", "grandchild", "child", "root"]);
});

test("S162: a machine that kills itself in an action starts no later action, child, timer or event of that step", async () => {
  const ran: string[] = [];
  const machine = setup({
    types: { events: {} as { type: "go" } | { type: "more" } },
    actions: {
      suicide: ({ self }) => {
        self.send({ type: "more" });
        kill(self);
      },
      later: () => void ran.push("later action"),
      more: () => void ran.push("more"),
    },
    actors: { helper: fromCallback(() => void ran.push("helper")) },
    delays: { soon: 10 },
  }).createMachine({
    initial: "idle",
    states: {
      idle: { on: { go: { target: "busy", actions: ["suicide", "later"] } } },
      busy: { invoke: { src: "helper" }, after: { soon: "idle" }, on: { more: { actions: "more" } } },
    },
  });
  for (const parent of [undefined, await startRecorder({ trap: true })]) {
    const ref = await startLink({ logic: machine }, parent === undefined ? { runtime: quiet } : { parent });
    ref.send({ type: "go" });
    expect(exitReason(ref)).toEqual(killed);
    await settle();
    expect(ran).toEqual([]);
  }
});

test("S162: a reducer that is killed in a step is never called again, not for what had been queued either", async () => {
  const ran: string[] = [];
  const child = await startRecorder({ parent: await startRecorder() });
  child.send({
    type: "run",
    run: () => {
      child.send({ type: "run", run: () => ran.push("queued") });
      kill(child);
    },
  });
  await settle();
  expect(ran).toEqual([]);
});

test("S162: a machine killed by what it sends starts no child that it spawns after", async () => {
  const started: string[] = [];
  const helper = fromCallback(() => void started.push("helper"));
  const accomplice = await startRecorder();
  const machine = setup({ types: { events: {} as { type: "go" } }, actors: { helper } }).createMachine({
    on: {
      go: {
        actions: [sendTo(accomplice, ({ self }) => ({ type: "run", run: () => kill(self) })), spawnChild("helper")],
      },
    },
  });
  const ref = await startLink({ logic: machine }, { runtime: quiet });
  ref.send({ type: "go" });
  expect(exitReason(ref)).toEqual(killed);
  expect(started).toEqual([]);
});

test("S162, S164: what a killed process still does has no effect: resolve, reply, register, spawn, timers, listeners", async () => {
  let finish = (_value: string): void => {};
  const working = fromPromise(() => new Promise<string>((resolve) => (finish = resolve)));
  const promise = await startLink({ logic: working }, { runtime: quiet });
  kill(promise);
  finish("too late");

  const server = await startRecorder();
  const answer = expect(call(server, "x")).rejects.toMatchObject({ code: "exited" });
  const [asked] = received(server);
  const fired: string[] = [];
  scopeOf(server).setTimeout(() => fired.push("timer"), 0);
  const bound = scopeOf(server).bind(() => fired.push("bound"));
  kill(server);
  await answer;
  bound();
  expect(asked !== undefined && reply(asked["from"] as From, "late")).toBe(false);
  expect(() => registerName("kill.test ghost", server)).toThrow(NameError);
  await expect(startLink({ logic: recorderLogic }, { parent: server })).rejects.toMatchObject({ code: "noproc" });
  scopeOf(server).setTimeout(() => fired.push("timer"), 0);
  await settle();
  expect(promise.getSnapshot().output).toBeUndefined();
  expect(fired).toEqual([]);
});

test("S164: messages and calls to an old incarnation never reach the new one", async () => {
  const first = await startRecorder({ name: "kill.test reborn" });
  kill(first);
  const second = await startRecorder({ name: "kill.test reborn" });
  cast(first, "old");
  first.send({ type: "old" });
  await expect(call(first, "old")).rejects.toMatchObject({ code: "noproc" });
  expect(received(second)).toEqual([]);
});

test("S163: code of a killed process that is behind an await runs on, and its rejection is nobody's", async () => {
  const steps: string[] = [];
  let fail = (): void => {};
  const logic = fromPromise(async () => {
    await new Promise<void>((_, reject) => (fail = () => reject(new Error("tail")))).finally(() =>
      steps.push("ran on"),
    );
  });
  const ref = await startLink({ logic }, { runtime: quiet });
  await settle();
  kill(ref);
  fail();
  await settle();
  expect(steps).toEqual(["ran on"]);
});

test("killing twice, or killing a name nobody holds, does nothing", async () => {
  const ref = await startRecorder();
  const end = exited(ref);
  kill(ref);
  kill(ref);
  kill("kill.test nobody");
  expect(await end).toEqual(killed);
});
