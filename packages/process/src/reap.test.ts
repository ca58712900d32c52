import { expect, test, vi } from "vitest";
import { type AnyActorRef, assign, createActor, fromCallback, fromTransition, setup } from "xstate";
import { quiet, received, recorderLogic, startRecorder } from "../test/recorder.ts";
import { exitReason, isRunning, kill, trapExit } from "./exit.ts";
import { crashed, killed, noproc } from "./exit-reason.ts";
import { reap } from "./finish.ts";
import { link } from "./link.ts";
import { silentLogger } from "./logger.ts";
import { monitor } from "./monitor.ts";
import { makeRuntime } from "./runtime.ts";
import { scopeOf } from "./scope.ts";
import { SimulatedTime, settle } from "./simulated-time.ts";
import { start, startLink } from "./start.ts";
import { stop } from "./stop.ts";

const boom = new Error("boom");
const raise = (): never => {
  throw boom;
};
type Event = { readonly type: "go" } | { readonly type: "late" };

/** A machine with an invoked and a spawned child, whose disposers say that they ran. */
function family(disposed: string[]) {
  const leaf = (name: string) => fromCallback(() => () => void disposed.push(name));
  const branch = setup({ actors: { leaf: leaf("grandchild") } }).createMachine({ invoke: { src: "leaf" } });
  return setup({
    types: { events: {} as Event, context: {} as { spawned: AnyActorRef } },
    actors: { invoked: leaf("invoked"), spawned: leaf("spawned"), branch },
    actions: { raise },
  }).createMachine({
    context: ({ spawn }) => ({ spawned: spawn("spawned") }),
    invoke: [{ src: "invoked" }, { src: "branch" }],
    on: { go: { actions: "raise" } },
  });
}

test("S182: when a machine action throws, its invoked and spawned children end, and their descendants", async () => {
  const disposed: string[] = [];
  const ref = await startLink({ logic: family(disposed) }, { runtime: quiet });
  const children = Object.values(ref.getSnapshot().children) as AnyActorRef[];
  ref.send({ type: "go" });
  expect(exitReason(ref)).toEqual(crashed(boom));
  expect(disposed.toSorted()).toEqual(["grandchild", "invoked", "spawned"]);
  expect(children).toHaveLength(3);
});

test("S182: an entry action that throws at the start leaves no child running", async () => {
  const disposed: string[] = [];
  const child = fromCallback(() => () => void disposed.push("child"));
  const machine = setup({ actors: { child }, actions: { raise } }).createMachine({
    invoke: { src: "child" },
    initial: "inner",
    states: { inner: { entry: "raise" } },
  });
  const started: string[] = [];
  const counting = machine.provide({
    actors: {
      child: fromCallback(() => {
        started.push("child");
        return () => void disposed.push("child");
      }),
    },
  });
  await expect(startLink({ logic: counting }, { runtime: quiet })).rejects.toMatchObject({ reason: crashed(boom) });
  expect(disposed).toEqual(started);
});

test("S182: a child spawned by the action that throws is never started", async () => {
  const started: string[] = [];
  const machine = setup({
    types: { events: {} as Event, context: {} as { child: AnyActorRef | undefined } },
    actors: { child: fromCallback(() => void started.push("child")) },
    actions: { raise },
  }).createMachine({
    context: { child: undefined },
    on: { go: { actions: [assign({ child: ({ spawn }) => spawn("child") }), "raise"] } },
  });
  const ref = await startLink({ logic: machine }, { runtime: quiet });
  ref.send({ type: "go" });
  await settle();
  expect(started).toEqual([]);
});

test("S183: a receiver that throws gets its disposer called, and the scope is released as well", async () => {
  const disposed: string[] = [];
  const logic = fromCallback<Event>(({ receive }) => {
    receive(raise);
    return () => void disposed.push("disposer");
  });
  const ref = await startLink({ logic }, { runtime: quiet });
  scopeOf(ref).defer(() => disposed.push("scope"));
  ref.send({ type: "go" });
  expect(exitReason(ref)).toEqual(crashed(boom));
  expect(disposed).toEqual(["disposer", "scope"]);
});

test("S185: stopping a machine from outside ends its children without exit actions; a final state runs them", async () => {
  for (const way of ["kill", "final"] as const) {
    const ran: string[] = [];
    const machine = setup({
      types: { events: {} as Event },
      actors: { child: fromCallback(() => () => void ran.push("disposer")) },
      actions: { leave: () => void ran.push("exit action") },
    }).createMachine({
      initial: "on",
      states: { on: { invoke: { src: "child" }, exit: "leave", on: { go: "off" } }, off: { type: "final" } },
    });
    const ref = await startLink({ logic: machine }, { runtime: quiet });
    if (way === "kill") kill(ref);
    else ref.send({ type: "go" });
    expect(ran.toSorted()).toEqual(way === "kill" ? ["disposer"] : ["disposer", "exit action"]);
  }
});

test("S187: delayed transitions are cancelled on a stop and on an error, on the tree's clock", async () => {
  const clock = new SimulatedTime();
  const runtime = makeRuntime({ clock, logger: silentLogger });
  const machine = setup({ types: { events: {} as Event }, actions: { raise }, delays: { soon: 10 } }).createMachine({
    initial: "on",
    states: { on: { after: { soon: "late" }, on: { go: { actions: "raise" } } }, late: {} },
  });
  const [stopped, failed, kept] = [
    await startLink({ logic: machine }, { runtime }),
    await startLink({ logic: machine }, { runtime }),
    await startLink({ logic: machine }, { runtime }),
  ];
  await stop(stopped);
  failed.send({ type: "go" });
  expect(clock.pending).toBe(1);
  await clock.advance(10);
  expect(kept.getSnapshot().value).toBe("late");
});

test("S188: a stop from inside an action takes effect at once for the kernel; the action's own code runs to its end", async () => {
  const ran: string[] = [];
  const machine = setup({
    types: { events: {} as Event },
    actions: {
      halt: ({ self }) => {
        kill(self);
        ran.push("rest of the action");
      },
      late: () => void ran.push("late"),
    },
  }).createMachine({ on: { go: { actions: "halt" }, late: { actions: "late" } } });
  const ref = await startLink({ logic: machine }, { runtime: quiet });
  ref.send({ type: "go" });
  ref.send({ type: "late" });
  expect(ran).toEqual(["rest of the action"]);
  expect(ref.getSnapshot().status).toBe("stopped");
});

test("S189: a machine is not ended by XState when a process started under it crashes: links decide", async () => {
  const machine = setup({ types: { events: {} as Event } }).createMachine({});
  const parent = await startLink({ logic: machine }, { runtime: quiet });
  const child = await start({ logic: recorderLogic }, { parent });
  child.send({ type: "crash", error: boom });
  await settle();
  expect(isRunning(parent)).toBe(true);
  expect(parent.getSnapshot().status).toBe("active");
});

test("S189: of the end of a process started under it, a parent hears over its link and by no event of XState's", async () => {
  const heard: string[] = [];
  const listening = fromTransition((state: null, event: { readonly type: string }) => {
    heard.push(event.type);
    return state;
  }, null);
  const parent = await startLink({ logic: listening }, { runtime: quiet });
  trapExit(parent);
  for (const event of ["finish", "crash"]) {
    const child = await startLink(
      {
        logic: setup({ types: { events: {} as { readonly type: string } }, actions: { raise } }).createMachine({
          initial: "on",
          states: { on: { on: { finish: "over", crash: { actions: "raise" } } }, over: { type: "final" } },
        }),
      },
      { parent },
    );
    child.send({ type: event });
    await settle();
  }
  expect(heard).toEqual(["otp.exit", "otp.exit"]);
});

test("S178: an actor that had ended before it was looked at counts as noproc", async () => {
  const observer = await startRecorder();
  const bare = createActor(family([])).start();
  bare.stop();
  const ref = monitor(observer, bare);
  await settle();
  expect(received(observer)).toEqual([{ type: "otp.down", ref, process: bare, reason: noproc }]);
});

test("an actor that somebody else started can be linked, monitored, killed and reaped", async () => {
  const disposed: string[] = [];
  const observer = await startRecorder({ trap: true });
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  const bare = createActor(family(disposed)).start();
  link(observer, bare);
  monitor(observer, bare);
  kill(bare);
  await settle();
  expect(received(observer).map(({ type, reason }) => [type, reason])).toEqual([
    ["otp.exit", killed],
    ["otp.down", killed],
  ]);
  expect(disposed.toSorted()).toEqual(["grandchild", "invoked", "spawned"]);
  expect(error.mock.calls).toEqual([[expect.stringMatching(/^Process x:\d+ ended: killed/)]]);
  error.mockRestore();

  const disposedToo: string[] = [];
  const broken = createActor(family(disposedToo));
  broken.subscribe({ error: () => reap(broken) });
  broken.start();
  broken.send({ type: "go" });
  expect(disposedToo).toEqual(["grandchild", "invoked", "spawned"]); // newest first
});

test("inspection shows a thrown crash as a snapshot with status error, and an inspector that throws harms nobody", async () => {
  const statuses: string[] = [];
  const ref = await startLink(
    { logic: family([]) },
    {
      runtime: quiet,
      id: "inspected",
      inspect: (event) => {
        if (event.type !== "@xstate.snapshot" || (event.actorRef as AnyActorRef).id !== "inspected") return;
        statuses.push(event.snapshot.status);
        throw new Error("inspector");
      },
    },
  );
  ref.send({ type: "late" });
  ref.send({ type: "go" });
  expect(exitReason(ref)).toEqual(crashed(boom));
  expect(statuses).toEqual(["active", "active", "error"]);
});
