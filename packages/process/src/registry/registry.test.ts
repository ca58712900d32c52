import { expect, test } from "vitest";
import { quiet, type RecorderRef, received, recorderLogic, startRecorder } from "../../test/recorder.ts";
import { call } from "../call.ts";
import { exit, exited, isRunning, kill } from "../exit.ts";
import { killed } from "../exit-reason.ts";
import { link } from "../link.ts";
import { monitor } from "../monitor.ts";
import { NameError } from "../name-error.ts";
import { Registry } from "../registry/registry.ts";
import { via } from "../registry/via.ts";
import { cast, send } from "../send.ts";
import { settle } from "../simulated-time.ts";
import { startLink } from "../start.ts";
import { stop } from "../stop.ts";
import { whereis } from "../whereis.ts";

const unique = () => Registry.startLink<string, number>({ keys: "unique", runtime: quiet });
const duplicate = () => Registry.startLink<string, number>({ keys: "duplicate", runtime: quiet });

test("S126: a unique key has one holder; taking it again fails, for the holder too, and changes nothing", async () => {
  const registry = await unique();
  const [first, second] = [await startRecorder(), await startRecorder()];
  Registry.register(registry, first, "a", 1);
  for (const self of [first, second]) {
    expect(() => Registry.register(registry, self, "a", 2)).toThrow(
      expect.objectContaining({ code: "already_registered", holder: first }),
    );
  }
  expect(Registry.lookup(registry, "a")).toEqual([{ key: "a", process: first, value: 1 }]);
});

test("S127: a process may hold many keys, and gives back or changes only its own", async () => {
  const registry = await unique();
  const [owner, other] = [await startRecorder(), await startRecorder()];
  Registry.register(registry, owner, "a", 1);
  Registry.register(registry, owner, "b", 2);
  Registry.unregister(registry, other, "a");
  Registry.unregister(registry, other, "never there");
  expect(Registry.keys(registry, owner)).toEqual(["a", "b"]);
  expect(Registry.updateValue(registry, owner, "a", (value) => value + 10)).toEqual({ value: 11, old: 1 });
  expect(Registry.updateValue(registry, other, "a", () => 0)).toBeUndefined();
  expect(Registry.updateValue(registry, owner, "none", () => 0)).toBeUndefined();
  Registry.unregister(registry, owner, "a");
  expect(Registry.lookup(registry, "a")).toEqual([]);
  Registry.register(registry, other, "a", 3);
  expect(Registry.values(registry, "a", other)).toEqual([3]);
});

test("S128: entries vanish when their process ends, whatever the reason", async () => {
  const registry = await unique();
  const ends: ReadonlyArray<(ref: RecorderRef) => unknown> = [
    (ref) => stop(ref),
    (ref) => kill(ref),
    (ref) => ref.send({ type: "crash", error: "boom" }),
  ];
  for (const end of ends) {
    const ref = await startRecorder();
    Registry.register(registry, ref, "a", 1);
    await end(ref);
    expect(Registry.count(registry)).toBe(0);
  }
});

test("S129: an entry is gone before anybody hears of the death", async () => {
  const registry = await unique();
  const [holder, observer] = [await startRecorder(), await startRecorder({ trap: true })];
  Registry.register(registry, holder, "a", 1);
  link(holder, observer);
  monitor(observer, holder);
  const seen: number[] = [];
  observer.subscribe(() => seen.push(Registry.lookup(registry, "a").length));
  kill(holder);
  expect(Registry.lookup(registry, "a")).toEqual([]);
  await settle();
  expect(seen).toEqual([0, 0]);
});

test("S130: a via name serves for start, call, cast, send, whereis and stop", async () => {
  const registry = await unique();
  const name = via<RecorderRef, string, number>(registry, "a", 7);
  await expect(call(name, "x")).rejects.toMatchObject({ code: "noproc" });
  cast(name, "x");
  expect(() => send(name, { type: "to nobody" })).toThrow(expect.objectContaining({ code: "not_registered" }));

  const ref = await startRecorder({ name });
  expect(Registry.lookup(registry, "a")).toEqual([{ key: "a", process: ref, value: 7 }]);
  await expect(startLink({ logic: recorderLogic }, { runtime: quiet, name })).rejects.toMatchObject({
    code: "already_started",
    ref,
  });
  expect(whereis(name)).toBe(ref);
  cast(name, "y");
  expect(received(ref)).toEqual([{ type: "cast", request: "y" }]);
  await stop(name);
  expect(whereis(name)).toBeUndefined();
});

test("S131: under a via name a process is killed and started again at once, any number of times", async () => {
  const registry = await unique();
  const name = via<RecorderRef>(registry, "phoenix");
  const seen = new Set<RecorderRef>();
  for (let times = 0; times < 50; times += 1) {
    const ref = await startRecorder({ name });
    expect(whereis(name)).toBe(ref);
    seen.add(ref);
    kill(name);
  }
  expect(seen.size).toBe(50);
});

test("S132: under a duplicate key there may be many, one of them several times; via is refused", async () => {
  const registry = await duplicate();
  const [a, b] = [await startRecorder(), await startRecorder()];
  Registry.register(registry, a, "topic", 1);
  Registry.register(registry, a, "topic", 2);
  Registry.register(registry, b, "topic", 3);
  expect(Registry.lookup(registry, "topic").map(({ value }) => value)).toEqual([1, 2, 3]);
  expect(() => whereis(via(registry, "topic"))).toThrow(expect.objectContaining({ code: "duplicate_keys" }));
  expect(() => Registry.updateValue(registry, a, "topic", (value) => value)).toThrow(NameError);
  await expect(
    startLink({ logic: recorderLogic }, { runtime: quiet, name: via(registry, "topic") }),
  ).rejects.toMatchObject({
    code: "bad_name",
    cause: { code: "duplicate_keys" },
  });
  Registry.unregister(registry, a, "topic");
  expect(Registry.lookup(registry, "topic").map(({ value }) => value)).toEqual([3]);
});

test("S133: dispatch hands all entries of a key to the caller's function, once, or not at all", async () => {
  const registry = await duplicate();
  const [a, b] = [await startRecorder(), await startRecorder()];
  Registry.register(registry, a, "topic", 1);
  Registry.register(registry, b, "topic", 2);
  const calls: number[] = [];
  Registry.dispatch(registry, "topic", (entries) => {
    calls.push(entries.length);
    for (const { process } of entries) send(process, { type: "published" });
  });
  Registry.dispatch(registry, "nobody", () => calls.push(-1));
  expect(calls).toEqual([2]);
  expect([received(a), received(b)]).toEqual([[{ type: "published" }], [{ type: "published" }]]);
  expect(() =>
    Registry.dispatch(registry, "topic", () => {
      throw new RangeError("the caller's");
    }),
  ).toThrow(RangeError);
  expect(isRunning(registry)).toBe(true);
});

test("S134: a registry answers keys, values, counts, matches and selections, and keeps data of its own", async () => {
  const registry = await Registry.startLink<string, number>({
    keys: "duplicate",
    runtime: quiet,
    meta: [["limit", 5]],
  });
  const [a, b] = [await startRecorder(), await startRecorder()];
  Registry.register(registry, a, "x", 1);
  Registry.register(registry, b, "x", 20);
  Registry.register(registry, a, "y", 300);
  expect(Registry.keys(registry, a)).toEqual(["x", "y"]);
  expect(Registry.values(registry, "x", b)).toEqual([20]);
  expect(Registry.count(registry)).toBe(3);
  expect(Registry.countMatch(registry, "x", (value) => value > 10)).toBe(1);
  expect(Registry.match(registry, "x", (value) => value > 10)).toEqual([{ key: "x", process: b, value: 20 }]);
  expect(Registry.select(registry, ({ key, value }) => (value > 10 ? `${key}${value}` : undefined))).toEqual([
    "x20",
    "y300",
  ]);
  expect(Registry.meta(registry, "limit")).toBe(5);
  Registry.putMeta(registry, "limit", 6);
  expect(Registry.meta(registry, "limit")).toBe(6);
  Registry.deleteMeta(registry, "limit");
  expect(Registry.meta(registry, "limit")).toBeUndefined();
});

test("S135: listeners hear of registering and unregistering, and not of a death", async () => {
  const listener = await startRecorder({ name: "registry.test listener" });
  const registry = await Registry.startLink<string, number>({
    keys: "unique",
    runtime: quiet,
    listeners: ["registry.test listener", "registry.test nobody"],
  });
  const ref = await startRecorder();
  Registry.register(registry, ref, "a", 1);
  Registry.register(registry, ref, "b", 2);
  Registry.unregister(registry, ref, "a");
  kill(ref);
  await settle();
  expect(received(listener)).toEqual([
    { type: "registry.register", registry, key: "a", process: ref, value: 1 },
    { type: "registry.register", registry, key: "b", process: ref, value: 2 },
    { type: "registry.unregister", registry, key: "a", process: ref },
  ]);
});

test("S136: when a registry dies its registered processes get the signal; their own deaths do not harm it", async () => {
  const registry = await unique();
  const [plain, trapping, former] = [await startRecorder(), await startRecorder({ trap: true }), await startRecorder()];
  for (const [key, ref] of Object.entries({ plain, trapping, former })) Registry.register(registry, ref, key, 0);
  Registry.unregister(registry, former, "former");
  const casualty = await startRecorder();
  Registry.register(registry, casualty, "casualty", 0);
  casualty.send({ type: "crash", error: "boom" });
  await settle();
  expect(isRunning(registry)).toBe(true);

  const end = exited(plain);
  kill(registry);
  expect(await end).toEqual(killed);
  expect(received(trapping)).toEqual([{ type: "otp.exit", from: registry, reason: killed }]);
  expect(isRunning(former)).toBe(true);
  expect(() => Registry.register(registry, former, "x", 0)).toThrow(
    expect.objectContaining({ code: "unknown_registry" }),
  );
});

test("a registry is a child like any other, found by its name", async () => {
  const spec = Registry.childSpec({ keys: "unique", name: "registry.test named" }, { restart: "transient" });
  expect(spec).toMatchObject({ id: "registry.test named", name: "registry.test named", restart: "transient" });
  const parent = await startRecorder({ trap: true });
  const registry = await startLink(spec.start, { parent, name: "registry.test named" });
  const ref = await startRecorder();
  Registry.register("registry.test named", ref, "a");
  expect(whereis(via("registry.test named", "a"))).toBe(ref);
  const end = registry === undefined ? undefined : exited(registry);
  exit("registry.test named", "shutdown", parent);
  expect(await end).toEqual({ type: "shutdown" });
  expect(() => Registry.count("registry.test named")).toThrow(/No registry named/);
});

test("S138: global names are refused, with a sentence that names what to use", async () => {
  const refused = startLink({ logic: recorderLogic }, { runtime: quiet, name: { type: "global", name: "only" } });
  await expect(refused).rejects.toThrow(/use a local name \(a string\) or a Registry with via\(\)/);
});
