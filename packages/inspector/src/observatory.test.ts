import { makeRuntime, SimulatedTime, type StartContext, settle, silentLogger, start, sys } from "@trunkline/process";
import { DynamicSupervisor, Supervisor } from "@trunkline/supervisor";
import { afterEach, expect, test } from "vitest";
import { type AnyActorRef, assign, createActor, createMachine, fromCallback, fromPromise, setup } from "xstate";
import { Observatory } from "./observatory.ts";
import type { Proc } from "./wire.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function observe(actor: AnyActorRef, time = new SimulatedTime(), logger = silentLogger): Observatory {
  const observatory = new Observatory(actor, { clock: time, unixMs: () => 1_000_000 + time.now() }, logger, () => {});
  undo.push(() => observatory.close());
  return observatory;
}

const brief = (rows: readonly Proc[]): string[] =>
  rows.map(({ id, status, value }) => `${id} ${status}${value === "" ? "" : ` ${value}`}`);

const worker = createMachine({
  id: "worker",
  initial: "calm",
  states: { calm: { on: { stir: "busy" } }, busy: {} },
  on: {
    fail: {
      actions: () => {
        throw new Error("worn out");
      },
    },
  },
});

/** A tree of XState's own: a machine that invokes one child, spawns another, and lives on when either fails. */
const plain = setup({ actors: { worker, wait: fromPromise(() => new Promise<void>(() => {})) } }).createMachine({
  id: "plain",
  invoke: { src: "wait", id: "wait" },
  initial: "on",
  states: {
    on: { on: { leave: "off" } },
    off: {},
  },
  on: {
    hire: { actions: assign(({ spawn }) => void spawn("worker", { id: "hand" })) },
    "xstate.error.actor.hand": {},
  },
});

const hand = (root: AnyActorRef): AnyActorRef => {
  const snapshot: { readonly children: Readonly<Record<string, AnyActorRef>> } = root.getSnapshot();
  const found = snapshot.children["hand"];
  if (found === undefined) throw new Error("There is no hand.");
  return found;
};

test("a tree that this library did not start is shown as it runs, and is not adopted", () => {
  const root = createActor(plain, { id: "root" }).start();
  undo.push(() => root.stop());
  root.send({ type: "hire" });
  const observatory = observe(root);
  expect(brief(observatory.rows(true))).toEqual(["root running on", "wait running", "hand running calm"]);
  hand(root).send({ type: "stir" });
  root.send({ type: "leave" });
  expect(brief(observatory.rows(false))).toEqual(["root running off", "wait running", "hand running busy"]);
  expect(observatory.rows(false)).toMatchObject([
    { mailbox: null, kind: "plain" },
    { kind: "wait" },
    { kind: "worker" },
  ]);
});

test("an actor of XState's own that throws is shown as crashed, and the next one has its place", () => {
  const root = createActor(plain, { id: "root" }).start();
  undo.push(() => root.stop());
  const observatory = observe(root);
  root.send({ type: "hire" });
  observatory.rows(true);
  const { sessionId } = hand(root);
  hand(root).send({ type: "fail" });
  expect(brief(observatory.rows(false))).toEqual(["root running on", "wait running", "hand crashed calm"]);
  root.send({ type: "hire" });
  expect(brief(observatory.rows(false))).toEqual(["root running on", "wait running", "hand running calm"]);
  const [crash] = observatory.crashes().items;
  expect(crash).toMatchObject({ ref: sessionId, path: ["root", "hand"], reason: { message: "worn out" } });
  expect(crash?.then).toMatchObject({ did: "restarted", ref: hand(root).sessionId });
});

test("a crash that brings its parents down is one crash, whose tree gave up", () => {
  const parent = setup({ actors: { worker } }).createMachine({ id: "parent", invoke: { src: "worker", id: "worker" } });
  const root = createActor(parent, { id: "root" });
  root.subscribe({ error: () => {} });
  root.start();
  const observatory = observe(root);
  observatory.rows(true);
  const snapshot: { readonly children: { readonly worker?: AnyActorRef | undefined } } = root.getSnapshot();
  snapshot.children.worker?.send({ type: "fail" });
  expect(brief(observatory.rows(false))).toEqual(["root crashed"]);
  expect(observatory.crashes().items.map(({ path, then: outcome }) => [path, outcome.did])).toEqual([
    [["root", "worker"], "gave up"],
  ]);
});

test("an actor that is stopped leaves the tree, whatever its logic makes of it", () => {
  const idle = fromCallback(() => {});
  const owner = setup({ actors: { idle } }).createMachine({
    initial: "on",
    states: { on: { invoke: { src: "idle", id: "idle" }, on: { off: "off" } }, off: {} },
  });
  const root = createActor(owner, { id: "root" }).start();
  undo.push(() => root.stop());
  const observatory = observe(root);
  expect(brief(observatory.rows(true))).toEqual(["root running on", "idle running"]);
  root.send({ type: "off" });
  expect(brief(observatory.rows(false))).toEqual(["root running off"]);
});

test("what one second has to tell that no event tells is seen when everything is looked at", async () => {
  const process = await start({ logic: worker }, { id: "root", runtime: makeRuntime({ logger: silentLogger }) });
  const observatory = observe(process);
  observatory.rows(true);
  await sys.suspend(process);
  process.send({ type: "stir" });
  expect(observatory.rows(true)).toMatchObject([{ suspended: true, mailbox: 1, value: "calm" }]);
});

test("figures are sampled each second from the start, whether or not anybody looks, of processes that have some", async () => {
  const time = new SimulatedTime();
  const quiet = await start({ logic: worker }, { id: "quiet" });
  const process = await start({ logic: worker }, { id: "root" });
  let asked = 0;
  sys.provide(process, {
    metadata: () => {
      asked += 1;
      return {
        plots: [{ key: "p", title: "P", unit: "rows", series: [{ key: "s", label: "S", value: asked }] }],
        answer: { code: "c", tone: "held", question: "?", sentence: "Held.", atMs: 0 },
      };
    },
  });
  const observatory = observe(process, time);
  observe(quiet, time);
  await time.advance(5000);
  expect(asked).toBe(5);
  const plots = observatory.plots(process.sessionId, undefined);
  expect(plots?.plots[0]?.series[0]?.values).toEqual([1, 2, 3, 4, 5]);
  expect(plots?.bands).toMatchObject([{ text: "Held." }]);
  expect(observatory.lastSample(quiet.sessionId)).toBeUndefined();
});

test("a process that has figures only after a while is noticed though nobody looks", async () => {
  const time = new SimulatedTime();
  const process = await start({ logic: worker }, { id: "root" });
  const observatory = observe(process, time);
  await time.advance(6000);
  sys.provide(process, {
    metadata: () => ({ plots: [{ key: "p", title: "P", unit: "rows", series: [{ key: "s", label: "S", value: 1 }] }] }),
  });
  await time.advance(10_000);
  expect(observatory.plots(process.sessionId, undefined)?.plots).toMatchObject([{ key: "p" }]);
});

test("the statechart of the process that speaks for another is shown, with its transitions", async () => {
  const parent = await start({ logic: fromCallback(() => {}) }, { id: "parent" });
  const child = await start({ logic: worker }, { id: "child", parent });
  sys.provide(parent, { metadata: () => ({ kind: "subscription", of: child }) });
  const observatory = observe(parent);
  expect(observatory.rows(true)[0]).toMatchObject({ kind: "subscription", chart: "worker" });
  child.send({ type: "stir" });
  expect(observatory.chart(parent.sessionId)?.id).toBe("worker");
  expect(observatory.detail(parent.sessionId)).toMatchObject({
    of: child.sessionId,
    active: ["worker", "worker.busy"],
    transitions: [{ event: "stir", to: "busy" }],
  });
});

test("the last 50 transitions are kept, newest first", () => {
  const actor = createActor(
    createMachine({
      id: "m",
      initial: "a",
      context: { n: 0 },
      states: { a: { on: { go: "b", stay: { actions: [] } } }, b: { on: { go: "a" } } },
    }),
  ).start();
  undo.push(() => actor.stop());
  const observatory = observe(actor);
  for (let step = 0; step < 61; step += 1) actor.send({ type: "go" });
  actor.send({ type: "stay" });
  const detail = observatory.detail(actor.sessionId);
  expect(detail?.transitions).toHaveLength(50);
  expect(detail?.transitions[0]).toMatchObject({ event: "go", to: "b" });
  expect(detail).toMatchObject({ active: ["m", "m.b"], eventsSince: 1, sys: { in: 62, out: 0 } });
});

test("children of a dynamic supervisor come and go, and none is remembered", async () => {
  const pool = await DynamicSupervisor.startLink({ name: "pool" });
  undo.push(() => Supervisor.stop(pool));
  const observatory = observe(pool);
  for (let round = 0; round < 300; round += 1) {
    const child = await DynamicSupervisor.startChild(pool, { start: { logic: worker }, restart: "temporary" });
    await DynamicSupervisor.terminateChild(pool, child);
  }
  expect(brief(observatory.rows(true))).toEqual(["pool running running"]);
});

test("a supervisor that gives up is told with the crash that was too much", async () => {
  const app = await Supervisor.startLink([{ id: "worker", start: { logic: worker }, name: "gives up" }], {
    strategy: "one_for_one",
    maxRestarts: 0,
    name: "app",
    runtime: makeRuntime({ logger: silentLogger }),
  });
  const observatory = observe(app);
  observatory.rows(true);
  const ended = new Promise<void>((resolve) => {
    app.subscribe({ error: () => resolve(), complete: () => resolve() });
  });
  const [, child] = observatory.rows(true);
  Object.values(app.getSnapshot().children)[0]?.send({ type: "fail" });
  await ended;
  const [crash] = observatory.crashes().items;
  expect(crash).toMatchObject({ ref: child?.ref, path: ["app", "worker"] });
  expect(crash?.then).toEqual({ did: "gave up" });
});

test("a child that is being started again is shown as restarting, in its place, until it runs", async () => {
  let release = (): void => {};
  let starts = 0;
  const slow = {
    id: "slow",
    start: async ({ spawn }: StartContext) => {
      starts += 1;
      if (starts === 2) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      return spawn(worker, { id: "slow" });
    },
  };
  const app = await Supervisor.startLink([slow, { id: "last", start: { logic: worker } }], {
    strategy: "one_for_one",
    name: "waits",
    runtime: makeRuntime({ logger: silentLogger }),
  });
  undo.push(() => Supervisor.stop(app));
  const observatory = observe(app);
  observatory.rows(true);
  Object.values(app.getSnapshot().children)[0]?.send({ type: "fail" });
  await settle();
  expect(brief(observatory.rows(false))).toEqual([
    "waits running running",
    "slow restarting calm",
    "last running calm",
  ]);
  expect(observatory.crashes().items[0]?.then.did).toBe("restarting");
  release();
  await settle();
  expect(brief(observatory.rows(false))).toEqual(["waits running running", "slow running calm", "last running calm"]);
  expect(observatory.crashes().items[0]?.then.did).toBe("restarted");
});
