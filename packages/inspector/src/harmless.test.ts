import { channel } from "node:diagnostics_channel";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { channelNames, kill, makeRuntime, SimulatedTime, silentLogger, start, sys } from "@trunkline/process";
import { DynamicSupervisor, Supervisor } from "@trunkline/supervisor";
import { afterEach, expect, test, vi } from "vitest";
import { type AnyActorRef, createActor, createMachine, fromTransition } from "xstate";
import { PageClient } from "../test/page-client.ts";
import { Observatory } from "./observatory.ts";
import { startInspector } from "./start-inspector.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const counter = createMachine({
  id: "counter",
  initial: "even",
  states: { even: { on: { next: "odd" } }, odd: { on: { next: "even" } } },
});

function observe(actor: AnyActorRef, time: SimulatedTime, logger = silentLogger): Observatory {
  return new Observatory(actor, { clock: time, unixMs: () => 1_000_000 + time.now() }, logger, () => {});
}

/** Logic whose snapshots cannot be looked at: their state value throws. */
function shy() {
  const logic = fromTransition((count: number) => count + 1, 0);
  const { transition } = logic;
  logic.transition = (...step) =>
    Object.defineProperty(transition(...step), "value", {
      get: () => {
        throw new Error("Do not look.");
      },
    });
  return logic;
}

test("a process that cannot be looked at goes on, and it is told once", () => {
  const actor = createActor(shy()).start();
  undo.push(() => actor.stop());
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (_fields: object, line: string) => void warnings.push(line) };
  const observatory = observe(actor, new SimulatedTime(), logger);
  undo.push(() => observatory.close());
  for (let step = 0; step < 100; step += 1) actor.send({ type: "go" });
  expect(actor.getSnapshot()).toMatchObject({ status: "active", context: 100 });
  observatory.rows(true);
  observatory.detail(actor.sessionId);
  expect(warnings.filter((line) => line.includes("an event"))).toHaveLength(1);
  expect(new Set(warnings).size).toBe(warnings.length);
});

test("a logger that throws harms nobody either", () => {
  const actor = createActor(shy()).start();
  undo.push(() => actor.stop());
  const fail = () => {
    throw new Error("The disk is full.");
  };
  const observatory = observe(actor, new SimulatedTime(), { ...silentLogger, warn: fail });
  undo.push(() => observatory.close());
  actor.send({ type: "go" });
  expect(actor.getSnapshot()).toMatchObject({ status: "active", context: 1 });
});

test("when it lets go there is no observer, no timer and no listener left", async () => {
  const time = new SimulatedTime();
  const process = await start({ logic: counter });
  const inspect = vi.spyOn(process.system, "inspect");
  const subscribe = vi.spyOn(process, "subscribe");
  const observatory = observe(process, time);
  const unsubscribe = inspect.mock.results.map(({ value }) => vi.spyOn(value, "unsubscribe"));
  observatory.rows(true);
  observatory.detail(process.sessionId);
  expect(time.pending).toBe(1);
  observatory.close();
  expect(unsubscribe).toHaveLength(1);
  expect(unsubscribe[0]).toHaveBeenCalledOnce();
  expect(subscribe).not.toHaveBeenCalled();
  expect(time.pending).toBe(0);
  for (const name of Object.values(channelNames)) expect(channel(name).hasSubscribers, name).toBe(false);
});

const fine = { code: "a", tone: "fine", question: "Well?", sentence: "Yes.", atMs: 1 } as const;
const ring: { self?: unknown } = {};
ring.self = ring;

test.each<[string, object]>([
  ["a kind that is no text", { kind: ring }],
  ["an answer that leads back to itself", { answer: { ...fine, because: ring } }],
  ["figures with a title that is none", { plots: [{ key: "p", title: ring, unit: "u", series: [] }] }],
  ["a ladder without rungs", { ladder: {} }],
])("%s harms neither process nor page: what can be shown is shown", async (_what, metadata) => {
  const told = await start({ logic: counter }, { runtime: makeRuntime({ logger: silentLogger }) });
  undo.push(() => kill(told));
  sys.provide(told, { metadata: () => metadata });
  const inspector = await startInspector(told, { port: 0, logger: silentLogger });
  undo.push(() => inspector.close());
  const page = new PageClient(inspector.url);
  undo.push(() => page.close());
  await page.frame("tree");
  page.send({ t: "select", ref: told.sessionId });
  told.send({ type: "next" });
  await page.row(({ value }) => value === "odd");
  told.send({ type: "next" });
  await page.row(({ value }) => value === "even");
});

test("a count that is a big integer arrives exact, as text", async () => {
  const told = await start({ logic: counter }, { runtime: makeRuntime({ logger: silentLogger }) });
  undo.push(() => kill(told));
  sys.provide(told, { metadata: () => ({ answer: { ...fine, heldGap: 2n ** 60n + 1n } }) as object });
  const inspector = await startInspector(told, { port: 0, logger: silentLogger });
  undo.push(() => inspector.close());
  const page = new PageClient(inspector.url);
  undo.push(() => page.close());
  await page.frame("tree");
  page.send({ t: "select", ref: told.sessionId });
  expect((await page.frame("detail")).answer).toMatchObject({ heldGap: "1152921504606846977" });
});

test("a process that has ended can be collected while the inspector looks on", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const pool = await DynamicSupervisor.startLink({ runtime: makeRuntime({ logger: silentLogger }) });
  undo.push(() => Supervisor.stop(pool));
  const observatory = observe(pool, new SimulatedTime());
  undo.push(() => observatory.close());
  const ended: WeakRef<AnyActorRef>[] = [];
  for (let round = 0; round < 20; round += 1) {
    const child = await DynamicSupervisor.startChild(pool, { start: { logic: counter }, restart: "temporary" });
    if (child === undefined) continue;
    child.send({ type: "next" });
    observatory.rows(true);
    observatory.detail(child.sessionId);
    ended.push(new WeakRef(child));
    await DynamicSupervisor.terminateChild(pool, child);
  }
  observatory.rows(true);
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  // The last one may still be on a stack somewhere.
  expect(ended.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(1);
});

test("a page that reads nothing gets nothing more, and another one is not held up", async () => {
  const actor = createActor(counter).start();
  undo.push(() => actor.stop());
  const inspector = await startInspector(actor, { port: 0, logger: silentLogger });
  undo.push(() => inspector.close());
  const stalled = new PageClient(inspector.url, { attentive: false });
  const other = new PageClient(inspector.url);
  undo.push(
    () => stalled.close(),
    () => other.close(),
  );
  await stalled.frame("crashes");
  stalled.socket.pause();
  await other.frame("tree");
  for (const value of ["odd", "even", "odd", "even", "odd"]) {
    actor.send({ type: "next" });
    await other.row((row) => row.value === value);
  }
  stalled.socket.resume();
  stalled.socket.ping();
  await new Promise((resolve) => stalled.socket.once("pong", resolve));
  expect(stalled.frames.map(({ t }) => t)).toEqual(["hello", "tree", "crashes"]);
});
