import { expect, test, vi } from "vitest";
import { type AnyActorRef, createActor, fromCallback, fromPromise, fromTransition, setup } from "xstate";
import { quiet, type RecorderRef, received, recorderLogic, startRecorder } from "../test/recorder.ts";
import { exited, exitReason, isRunning, kill, trapExit } from "./exit.ts";
import { crashed, killed, normal, shutdown } from "./exit-reason.ts";
import { ExitSignal } from "./exit-signal.ts";
import { silentLogger } from "./logger.ts";
import { processInfo } from "./process-info.ts";
import { Registry } from "./registry/registry.ts";
import { makeRuntime } from "./runtime.ts";
import { scopeOf } from "./scope.ts";
import { SimulatedTime, settle } from "./simulated-time.ts";
import { start, startLink } from "./start.ts";
import { StartError } from "./start-error.ts";
import { ignore } from "./start-spec.ts";
import { whereis } from "./whereis.ts";

const boom = new Error("boom");
const failing = fromTransition(
  (state: number) => state,
  (): number => {
    throw boom;
  },
);
const slow = setup({ types: { events: {} as { type: "go" } } }).createMachine({
  initial: "preparing",
  states: { preparing: { on: { go: "ready" } }, ready: { tags: "ready" } },
});

function timed() {
  const clock = new SimulatedTime();
  return { clock, runtime: makeRuntime({ clock, logger: silentLogger }) };
}

test("S23: a start resolves once the process has acknowledged, and not before", async () => {
  const parent = await startRecorder();
  let acknowledged = false;
  const starting = startLink({ logic: slow, ready: "ready" }, { parent });
  void starting.then(() => {
    acknowledged = true;
  });
  await settle();
  expect(acknowledged).toBe(false);
  const [child] = processInfo(parent).children;
  child?.send({ type: "go" });
  expect(await starting).toBe(child);
});

test("S192: the acknowledgement is a running actor, a tag, a predicate or an emitted event", async () => {
  expect((await startLink({ logic: slow }, { runtime: quiet })).getSnapshot().value).toBe("preparing");

  const byPredicate = startLink(
    { logic: slow, ready: (snapshot) => snapshot.value === "ready" },
    { runtime: quiet, name: "start.test predicate" },
  );
  whereis("start.test predicate")?.send({ type: "go" });
  expect((await byPredicate).getSnapshot().value).toBe("ready");

  const emitting = setup({ types: { emitted: {} as { type: "up" }, events: {} as { type: "go" } } });
  const machine = emitting.createMachine({ on: { go: { actions: emitting.emit({ type: "up" }) } } });
  const byEvent = startLink({ logic: machine, ready: { emitted: "up" } }, { runtime: quiet, name: "start.test emits" });
  whereis("start.test emits")?.send({ type: "go" });
  expect(isRunning(await byEvent)).toBe(true);
});

test("S192: a process that is done before it is ready did not start", async () => {
  const quick = setup({}).createMachine({ initial: "over", states: { over: { type: "final" } } });
  const failure = startLink({ logic: quick, ready: "ready" }, { runtime: quiet });
  await expect(failure).rejects.toMatchObject({ code: "exited", reason: normal });
});

test("S24: a start that stops with a reason answers it, and the parent gets the exit signal too", async () => {
  const parent = await startRecorder({ trap: true });
  const stopping = fromTransition(
    (state: number) => state,
    (): number => {
      throw new ExitSignal(shutdown("not today"));
    },
  );
  await expect(startLink({ logic: stopping }, { parent })).rejects.toMatchObject({
    code: "exited",
    reason: shutdown("not today"),
  });
  await settle();
  expect(received(parent)).toMatchObject([{ type: "otp.exit", reason: shutdown("not today") }]);
});

test("S24: a parent that does not trap exits ends with the reason of a start that failed", async () => {
  const parent = await startRecorder();
  const end = exited(parent);
  await expect(startLink({ logic: failing }, { parent })).rejects.toBeInstanceOf(StartError);
  expect(await end).toEqual(crashed(boom));
});

test("S25: a start function may answer ignore: no process, no failure, nothing left of it", async () => {
  const parent = await startRecorder({ trap: true });
  expect(await startLink(() => ignore, { parent })).toBeUndefined();
  const spawned: AnyActorRef[] = [];
  const answer = await startLink(
    ({ spawn }) => {
      spawned.push(spawn(recorderLogic));
      return ignore;
    },
    { parent },
  );
  expect(answer).toBeUndefined();
  expect(spawned.map(isRunning)).toEqual([false]);
  await settle();
  expect(received(parent)).toEqual([]);
});

test("S26: a start that throws, exits or returns junk answers what it did", async () => {
  await expect(startLink({ logic: failing }, { runtime: quiet })).rejects.toMatchObject({
    code: "exited",
    reason: crashed(boom),
    cause: boom,
  });
  const throwing = startLink(
    () => {
      throw boom;
    },
    { runtime: quiet },
  );
  await expect(throwing).rejects.toMatchObject({ code: "failed", reason: crashed(boom), cause: boom });
  const exiting = startLink(
    () => {
      throw new ExitSignal("normal");
    },
    { runtime: quiet },
  );
  await expect(exiting).rejects.toMatchObject({ code: "failed", reason: normal });
  const junk = startLink(() => 7 as unknown as "ignore", { runtime: quiet });
  await expect(junk).rejects.toMatchObject({ code: "bad_return_value", reason: crashed(7) });
  const nothing = startLink({ logic: undefined as unknown as typeof recorderLogic }, { runtime: quiet });
  await expect(nothing).rejects.toMatchObject({ code: "invalid_start" });
});

test("S27, S167: a start that takes too long is killed after 5000 ms, and its parent hears nothing of it", async () => {
  const { clock, runtime } = timed();
  const parent = await startLink({ logic: recorderLogic }, { runtime });
  trapExit(parent);
  const starting = startLink({ logic: slow, ready: "ready" }, { parent, name: "start.test slow" });
  const refused = expect(starting).rejects.toMatchObject({ code: "timeout" });
  const child = whereis("start.test slow");
  await clock.advance(4999);
  expect(child !== undefined && isRunning(child)).toBe(true);
  await clock.advance(1);
  await refused;
  expect(child !== undefined && exitReason(child)).toEqual(killed);
  expect(whereis("start.test slow")).toBeUndefined();
  expect(received(parent)).toEqual([]);
  expect(processInfo(parent).links).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("S31: infinity must be asked for, and then a start waits until the process acknowledges or dies", async () => {
  const { clock, runtime } = timed();
  const starting = startLink(
    { logic: slow, ready: "ready" },
    { runtime, name: "start.test endless", startTimeoutMs: "infinity" },
  );
  await clock.advance(10 ** 9);
  const refused = expect(starting).rejects.toMatchObject({ code: "exited", reason: killed });
  kill("start.test endless");
  await refused;
});

test("S28: a process that ends before it acknowledges answers its exit reason, normal too", async () => {
  const ends = setup({ types: { events: {} as { type: string } } }).createMachine({
    initial: "working",
    states: { working: { on: { end: "over" } }, over: { type: "final" } },
  });
  const starting = startLink({ logic: ends, ready: "never" }, { runtime: quiet, name: "start.test ends" });
  const refused = expect(starting).rejects.toMatchObject({ code: "exited", reason: normal });
  whereis("start.test ends")?.send({ type: "end" });
  await refused;
});

test("S29: a taken name answers already_started with its holder, and no code of the new process runs", async () => {
  const holder = await startRecorder({ name: "start.test taken" });
  let ran = false;
  const curious = fromTransition(
    (state: number) => state,
    () => {
      ran = true;
      return 0;
    },
  );
  const second = startLink({ logic: curious }, { runtime: quiet, name: "start.test taken" });
  await expect(second).rejects.toMatchObject({ code: "already_started", ref: holder });
  expect(ran).toBe(false);
});

test("S30: after a start has failed its name is free at once", async () => {
  await expect(startLink({ logic: failing }, { runtime: quiet, name: "start.test free" })).rejects.toThrow(StartError);
  expect(whereis("start.test free")).toBeUndefined();
  const next = await startRecorder({ name: "start.test free" });
  expect(whereis("start.test free")).toBe(next);
});

test("S167: when a start function fails or times out, everything it spawned is killed first", async () => {
  const { clock, runtime } = timed();
  const parent = await startLink({ logic: recorderLogic }, { runtime });
  trapExit(parent);
  let helper: RecorderRef | undefined;
  let aborted = false;
  const starting = startLink(
    ({ spawn, signal }) => {
      helper = spawn(recorderLogic);
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise<RecorderRef>(() => {});
    },
    { parent, startTimeoutMs: 10 },
  );
  const refused = expect(starting).rejects.toMatchObject({ code: "timeout" });
  await clock.advance(10);
  await refused;
  expect(helper !== undefined && isRunning(helper)).toBe(false);
  expect(aborted).toBe(true);
  expect(received(parent)).toEqual([]);
});

test("a start function's process stands under the parent; what it spawned beside it ends with it", async () => {
  const parent = await startRecorder({ trap: true });
  let helper: RecorderRef | undefined;
  const main = await startLink(
    ({ spawn, parent: given }) => {
      expect(given).toBe(parent);
      const first = spawn(recorderLogic);
      helper = spawn(recorderLogic);
      return first;
    },
    { parent, name: "start.test main" },
  );
  expect(whereis("start.test main")).toBe(main);
  expect(main !== undefined && processInfo(main).parent).toBe(parent);
  kill("start.test main");
  expect(helper !== undefined && isRunning(helper)).toBe(false);
});

test("a start function may answer with an actor of its own making, which is then linked", async () => {
  const parent = await startRecorder({ trap: true });
  const bare = createActor(recorderLogic).start();
  expect(await startLink(() => bare, { parent })).toBe(bare);
  bare.stop();
  await settle();
  expect(received(parent)).toMatchObject([{ type: "otp.exit", from: bare, reason: shutdown() }]);
});

test("a start is given up when its signal is aborted or its parent ends", async () => {
  const controller = new AbortController();
  const starting = startLink({ logic: slow, ready: "ready" }, { runtime: quiet, signal: controller.signal });
  const refused = expect(starting).rejects.toMatchObject({ code: "aborted" });
  controller.abort();
  await refused;
  for (const start of [{ logic: recorderLogic }, () => ignore]) {
    const late = startLink(start, { runtime: quiet, signal: controller.signal });
    await expect(late).rejects.toMatchObject({ code: "aborted" });
  }

  const parent = await startRecorder();
  const orphaned = expect(startLink({ logic: slow, ready: "ready" }, { parent })).rejects.toMatchObject({
    code: "exited",
    reason: killed,
  });
  kill(parent);
  await orphaned;
  await expect(startLink({ logic: recorderLogic }, { parent })).rejects.toMatchObject({ code: "noproc" });
});

test("a start function is given up when its parent ends: its signal is aborted and its start rejects at once", async () => {
  const parent = await startRecorder();
  let aborted = false;
  const starting = startLink(
    ({ signal }) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise<RecorderRef>(() => {});
    },
    { parent },
  );
  const refused = expect(starting).rejects.toMatchObject({ code: "aborted" });
  kill(parent);
  await refused;
  expect(aborted).toBe(true);
});

test("start makes a child without a link: its crash sends the parent no signal", async () => {
  const parent = await startRecorder();
  const child = await start({ logic: recorderLogic }, { parent });
  child.send({ type: "crash", error: boom });
  await settle();
  expect(isRunning(parent)).toBe(true);
  expect(processInfo(child).parent).toBe(parent);
});

test("a global name is refused with a sentence", async () => {
  const refused = startLink({ logic: recorderLogic }, { runtime: quiet, name: { type: "global", name: "x" } });
  await expect(refused).rejects.toThrow(/span one Node process.*Registry/);
  await expect(
    startLink({ logic: recorderLogic }, { runtime: quiet, name: { type: "global", name: "x" } }),
  ).rejects.toMatchObject({ code: "bad_name", cause: { code: "global_not_supported" } });
});

test("inspection of a root shows its processes in their true parent relation, also those started later", async () => {
  const seen: Array<readonly [AnyActorRef, AnyActorRef | undefined]> = [];
  const root = await startLink(
    { logic: recorderLogic },
    {
      runtime: quiet,
      inspect: (event) => {
        if (event.type === "@xstate.actor") {
          const ref = event.actorRef as AnyActorRef;
          seen.push([ref, ref._parent]);
        }
      },
    },
  );
  const child = await startLink({ logic: fromCallback(() => {}) }, { parent: root });
  const grandchild = await startLink({ logic: fromPromise(() => new Promise<void>(() => {})) }, { parent: child });
  expect(seen).toEqual([
    [root, undefined],
    [child, root],
    [grandchild, child],
  ]);
});

test("a start's timers, listeners and deferred releases are gone once it has succeeded", async () => {
  const { clock, runtime } = timed();
  const ref = await startLink({ logic: slow, ready: (snapshot) => snapshot.status === "active" }, { runtime });
  expect(clock.pending).toBe(0);
  expect(scopeOf(ref).signal.aborted).toBe(false);
});

test("a start that is over has let go of its signal", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const counting = Object.assign(signal, {
    addEventListener: (...args: Parameters<AbortSignal["addEventListener"]>) => {
      listeners += 1;
      EventTarget.prototype.addEventListener.apply(signal, args);
    },
    removeEventListener: (...args: Parameters<AbortSignal["removeEventListener"]>) => {
      listeners -= 1;
      EventTarget.prototype.removeEventListener.apply(signal, args);
    },
  });
  await startLink(
    { logic: slow, ready: (snapshot) => snapshot.status === "active" },
    { runtime: quiet, signal: counting },
  );
  const ending = startLink(
    { logic: slow, ready: "never" },
    { runtime: quiet, signal: counting, name: "start.test over" },
  );
  const refused = expect(ending).rejects.toMatchObject({ code: "exited" });
  expect(listeners).toBe(1);
  kill("start.test over");
  await refused;
  expect(listeners).toBe(0);
});

test("start functions that are over leave nothing in the scope of their parent", async () => {
  const parent = await startRecorder({ trap: true });
  const scope = scopeOf(parent);
  const defer = scope.defer.bind(scope);
  let held = 0;
  vi.spyOn(scope, "defer").mockImplementation((release) => {
    const takeBack = defer(release);
    held += 1;
    return () => {
      held -= 1;
      takeBack();
    };
  });
  const throwing = (): never => {
    throw boom;
  };
  const waiting = startLink(({ spawn }) => Promise.resolve(spawn(recorderLogic)), { parent });
  expect(held).toBe(1);
  expect(isRunning(await waiting)).toBe(true);
  await expect(startLink(throwing, { parent })).rejects.toMatchObject({ code: "failed" });
  expect(held).toBe(0);
});

test("unknown and impossible options are refused with a sentence, and nothing is started", async () => {
  const refused = (options: object) => startLink({ logic: recorderLogic }, options);
  await expect(refused({ timeoutMs: 1 })).rejects.toMatchObject({ code: "unknown_option" });
  await expect(refused({ timeoutMs: 1 })).rejects.toThrow(/"timeoutMs" is no start option; there are .*startTimeoutMs/);
  await expect(refused({ startTimeoutMs: -1 })).rejects.toMatchObject({ code: "invalid_option" });
  await expect(refused({ startTimeoutMs: "forever" })).rejects.toThrow(/or "infinity"/);
  await expect(refused({ mailbox: { capacity: 0 } })).rejects.toMatchObject({ code: "invalid_option" });
  await expect(Registry.startLink({ keys: "both" as "unique" })).rejects.toMatchObject({ code: "invalid_option" });
});

test("an option of the wrong shape is refused with a sentence that says what it takes, and nothing is started", async () => {
  const wrong: readonly (readonly [options: object | null, sentence: RegExp])[] = [
    [{ runtime: { logger: silentLogger } }, /^runtime is an object with logger: .*makeRuntime/],
    [{ runtime: { ...quiet, clock: { now: () => 0 } } }, /^runtime is .*makeRuntime/],
    [{ runtime: { ...quiet, logger: { info: () => {} } } }, /^runtime is .*makeRuntime/],
    [{ runtime: null }, /^runtime is null: .*makeRuntime/],
    [{ inspect: true }, /^inspect is true: it takes a function, or an observer/],
    [{ inspect: {} }, /^inspect is an object with nothing in it/],
    [{ parent: "app" }, /^parent is "app": it takes an actor.*whereis/],
    [{ parent: {} }, /^parent is an object with nothing in it/],
    [{ parent: null }, /^parent is null/],
    [{ name: 4 }, /^name is 4: it takes a string or via/],
    [{ name: { type: "via" } }, /^name is an object with type/],
    [{ id: 4 }, /^id is 4/],
    [{ systemId: 4 }, /^systemId is 4/],
    [{ label: [] }, /^label is an array/],
    [{ signal: {} }, /^signal is .*AbortSignal/],
    [{ startTimeoutMs: "3" }, /^startTimeoutMs is "3": it takes milliseconds/],
    [{ startTimeoutMs: Number.NaN }, /^startTimeoutMs is NaN/],
    [{ mailbox: 4 }, /^mailbox is 4: it takes { capacity }/],
    [{ mailbox: { size: 3 } }, /^mailbox is an object with size/],
    [{ mailbox: { capacity: "3" } }, /^mailbox is an object with capacity/],
    [null, /^The options are null/],
    [[], /^The options are an array/],
  ];
  let ran = false;
  const curious = fromTransition(
    (state: number) => state,
    () => {
      ran = true;
      return 0;
    },
  );
  for (const [options, sentence] of wrong) {
    const error: unknown = await startLink({ logic: curious }, options as object).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "StartError", code: "invalid_option" });
    expect((error as Error).message).toMatch(sentence);
  }
  expect(ran).toBe(false);
});

test("a ready that is neither tag nor predicate nor { emitted } is refused before anything starts", async () => {
  for (const ready of [4, null, {}, { emitted: 4 }]) {
    const start = { logic: recorderLogic, ready: ready as never };
    await expect(startLink(start, { runtime: quiet })).rejects.toMatchObject({ code: "invalid_start" });
  }
});

test("what is no actor and no name is refused where it is handed in", async () => {
  const notActors = [undefined, null, 4, {}] as never[];
  for (const target of notActors) {
    expect(() => kill(target)).toThrow(TypeError);
    expect(() => trapExit(target)).toThrow(TypeError);
  }
  expect(() => kill(undefined as never)).toThrow("undefined is no target: pass an actor, a local name or a via.");
  expect(() => kill({} as never)).toThrow(/no actor: pass the ref/);
});
