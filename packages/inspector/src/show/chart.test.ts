import { expect, test } from "vitest";
import { createActor, createMachine, fromPromise, fromTransition, setup } from "xstate";
import { Charts, drawChart, edgeId, eventLabel } from "./chart.ts";

const machine = setup({
  actors: { fetch: fromPromise(async () => 1) },
  guards: { isReady: () => true },
  delays: { backoff: 10 },
}).createMachine({
  id: "m",
  initial: "idle",
  states: {
    idle: {
      on: {
        go: [{ guard: "isReady", target: "busy" }, { target: "waiting" }],
        look: { actions: () => {} },
      },
    },
    waiting: { after: { 5000: "idle", backoff: "busy" }, always: { guard: () => false, target: "over" } },
    busy: {
      initial: "asking",
      invoke: { src: "fetch", id: "fetch", onDone: "over", onError: { target: "waiting" } },
      states: { asking: { on: { answer: "told" } }, told: { type: "final" }, again: { type: "history" } },
      onDone: "both",
    },
    both: { type: "parallel", states: { left: {}, right: {} } },
    over: { type: "final" },
  },
  on: { reset: ".idle" },
});

const chart = drawChart("m", machine.root);

test("states are drawn with their kinds, parents and first states", () => {
  expect(chart.states).toContainEqual({ id: "m", key: "m", kind: "compound", initial: "m.idle" });
  expect(chart.states).toContainEqual({
    id: "m.busy",
    key: "busy",
    parent: "m",
    kind: "compound",
    initial: "m.busy.asking",
  });
  expect(chart.states).toContainEqual({ id: "m.busy.told", key: "told", parent: "m.busy", kind: "final" });
  expect(chart.states).toContainEqual({ id: "m.busy.again", key: "again", parent: "m.busy", kind: "history" });
  expect(chart.states).toContainEqual({ id: "m.both", key: "both", parent: "m", kind: "parallel" });
  expect(chart.states).toContainEqual({ id: "m.idle", key: "idle", parent: "m", kind: "atomic" });
  expect(chart.states).toHaveLength(11);
});

test("transitions are drawn with event, guard and delay, those that go nowhere are not", () => {
  const shown = chart.edges.map(({ from, to, event, guard, afterMs }) =>
    [
      from,
      `-${event}${guard === undefined ? "" : ` [${guard}]`}${afterMs === undefined ? "" : ` ${afterMs}`}->`,
      ...to,
    ].join(" "),
  );
  expect(shown.sort()).toEqual([
    "m -reset-> m.idle",
    "m.busy -done-> m.both",
    "m.busy -done: fetch-> m.over",
    "m.busy -error: fetch-> m.waiting",
    "m.busy.asking -answer-> m.busy.told",
    "m.idle -go [isReady]-> m.busy",
    "m.idle -go-> m.waiting",
    "m.waiting -after 5000-> m.idle",
    "m.waiting -after backoff-> m.busy",
    "m.waiting -always [a condition]-> m.over",
  ]);
});

test("every edge has an id of its own, and a transition that was taken finds its edge", () => {
  expect(new Set(chart.edges.map(({ id }) => id)).size).toBe(chart.edges.length);
  const taken: (string | undefined)[] = [];
  const actor = createActor(machine, {
    inspect: (event) => {
      if (event.type === "@xstate.microstep") taken.push(...event._transitions.map(edgeId));
    },
  }).start();
  actor.send({ type: "go" });
  actor.send({ type: "answer" });
  actor.stop();
  const edges = taken.map((id) => chart.edges.find((edge) => edge.id === id)?.event);
  expect(edges).toEqual(["go", "answer", "done"]);
});

test("a machine is drawn once, with other implementations too; another one of the same name has an id of its own", () => {
  const charts = new Charts();
  const first = charts.of(createActor(machine));
  expect(charts.of(createActor(machine.provide({ guards: { isReady: () => false } })))).toBe(first);
  const other = createMachine({ id: "m", initial: "a", states: { a: {} } });
  expect([first?.chart.id, charts.of(createActor(other))?.chart.id]).toEqual(["m", "m~1"]);
});

test("logic that is no machine has a chart when it carries a machine's config, else none", () => {
  const charts = new Charts();
  const logic = fromTransition((state: number) => state, 0);
  expect(charts.of(createActor(logic))).toBeUndefined();
  expect(charts.of(createActor(createMachine({})))).toBeUndefined();
  const drawn = Object.assign(
    fromTransition((state: number) => state, 0),
    {
      config: { id: "lamp", initial: "off", states: { off: { on: { press: "on" } }, on: {} } },
    },
  );
  expect(charts.of(createActor(drawn))?.chart.edges).toMatchObject([
    { from: "lamp.off", to: ["lamp.on"], event: "press" },
  ]);
});

test.each([
  ["", "always"],
  ["xstate.init", "start"],
  ["xstate.done.state.m.busy", "done"],
  ["xstate.done.actor.fetch", "done: fetch"],
  ["xstate.error.actor.0.m.busy", "error: 0.m.busy"],
  ["xstate.after.10.m", "after"],
  ["order.paid", "order.paid"],
])("the event %j is called %s", (event, label) => {
  expect(eventLabel(event)).toBe(label);
});
