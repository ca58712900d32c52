import { EventEmitter } from "node:events";
import { expect, test, vi } from "vitest";
import { received, recorderLogic, startRecorder } from "../test/recorder.ts";
import { exit, exitReason, isRunning, kill } from "./exit.ts";
import { crashed, normal } from "./exit-reason.ts";
import { silentLogger } from "./logger.ts";
import { makeRuntime } from "./runtime.ts";
import { scopeOf } from "./scope.ts";
import { SimulatedTime, settle } from "./simulated-time.ts";
import { startLink } from "./start.ts";
import { stop } from "./stop.ts";

async function startTimed() {
  const clock = new SimulatedTime();
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (_: object, message: string) => void errors.push(message) };
  const ref = await startLink({ logic: recorderLogic }, { runtime: makeRuntime({ clock, logger }) });
  return { clock, errors, ref, scope: scopeOf(ref) };
}

test("what a scope holds is let go, last first, on a normal exit, a crash and a kill", async () => {
  const ends: ReadonlyArray<(ref: Awaited<ReturnType<typeof startRecorder>>) => unknown> = [
    (ref) => stop(ref, normal),
    (ref) => ref.send({ type: "crash", error: "boom" }),
    (ref) => kill(ref),
    (ref) => ref.stop(),
  ];
  for (const end of ends) {
    const { clock, ref, scope } = await startTimed();
    const emitter = new EventEmitter();
    const released: string[] = [];
    scope.defer(() => released.push("deferred"));
    scope.own({ destroy: () => released.push("destroyed") });
    scope.own({ close: () => released.push("closed") });
    scope.own({ [Symbol.dispose]: () => void released.push("disposed") });
    scope.listen(emitter, "data", () => {});
    scope.setTimeout(() => {}, 1000);
    await end(ref);
    expect(released).toEqual(["disposed", "closed", "destroyed", "deferred"]);
    expect(emitter.listenerCount("data")).toBe(0);
    expect(clock.pending).toBe(0);
    expect(scope.signal.aborted).toBe(true);
  }
});

test("S184: an error in a timer or listener of the scope ends its process, not Node", async () => {
  const { clock, ref, scope } = await startTimed();
  scope.setTimeout(() => {
    throw "timer";
  }, 10);
  await clock.advance(10);
  expect(exitReason(ref)).toEqual(crashed("timer"));

  const other = await startTimed();
  const target = new EventTarget();
  other.scope.listen(target, "ping", () => {
    throw "listener";
  });
  target.dispatchEvent(new Event("ping"));
  expect(exitReason(other.ref)).toEqual(crashed("listener"));
  expect(other.ref.getSnapshot().status).toBe("stopped");
});

test("a release that throws is reported, and the others still run", async () => {
  const { errors, ref, scope } = await startTimed();
  const released: string[] = [];
  scope.defer(() => released.push("first"));
  scope.defer(() => {
    throw new Error("release");
  });
  await stop(ref);
  expect(released).toEqual(["first"]);
  expect(errors).toEqual([expect.stringContaining("a release of its scope threw")]);
});

test("timers fire on the tree's clock; cleared ones, and taken back releases, do nothing", async () => {
  const { clock, ref, scope } = await startTimed();
  const fired: string[] = [];
  scope.setTimeout(() => fired.push("kept"), 5);
  scope.setTimeout(() => fired.push("cleared"), 5)();
  scope.defer(() => fired.push("taken back"))();
  await clock.advance(5);
  expect(fired).toEqual(["kept"]);
  await stop(ref);
  expect(fired).toEqual(["kept"]);
});

test("a timer that has fired is not held any more", async () => {
  const { clock, ref, scope } = await startTimed();
  const cleared = vi.spyOn(clock, "clearTimeout");
  scope.setTimeout(() => {}, 5);
  await clock.advance(5);
  await stop(ref);
  expect(cleared).not.toHaveBeenCalled();
});

test("listening can be ended by hand, and passes its arguments on", async () => {
  const { scope } = await startTimed();
  const emitter = new EventEmitter();
  const heard: unknown[] = [];
  const stopListening = scope.listen(emitter, "data", (a: number, b: string) => heard.push([a, b]));
  emitter.emit("data", 1, "x");
  stopListening();
  emitter.emit("data", 2, "y");
  expect(heard).toEqual([[1, "x"]]);
});

test("the scope of a dead process is aborted, holds nothing, and releases at once what it is given", async () => {
  const { clock, ref } = await startTimed();
  kill(ref);
  expect(isRunning(ref)).toBe(false);
  const scope = scopeOf(ref);
  const released: string[] = [];
  scope.defer(() => released.push("now"));
  scope.setTimeout(() => released.push("never"), 0);
  scope.listen(new EventEmitter(), "data", () => {});
  expect(released).toEqual(["now"]);
  expect(clock.pending).toBe(0);
  expect(scope.signal.aborted).toBe(true);
});

test("S151: what a scope defers runs at every kind of end; a stop request reaches only a process that traps exits", async () => {
  const parent = await startRecorder({ trap: true });
  for (const trap of [true, false]) {
    const child = await startRecorder({ parent, trap });
    const released: string[] = [];
    scopeOf(child).defer(() => released.push("released"));
    exit(child, "shutdown", parent);
    await settle();
    expect(received(child).map((event) => event.type)).toEqual(trap ? ["otp.stop"] : []);
    kill(child);
    expect(released).toEqual(["released"]);
  }
});
