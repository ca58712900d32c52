import { expect, test } from "vitest";
import { setup } from "xstate";
import { quiet, received, startRecorder } from "../test/recorder.ts";
import { exit, exited, isRunning, kill, trapExit } from "./exit.ts";
import { crashed, killed, normal, shutdown } from "./exit-reason.ts";
import { ExitSignal } from "./exit-signal.ts";
import { link } from "./link.ts";
import { processInfo } from "./process-info.ts";
import { makeRuntime } from "./runtime.ts";
import { scopeOf } from "./scope.ts";
import { SimulatedTime, settle } from "./simulated-time.ts";
import { startLink } from "./start.ts";
import { stop } from "./stop.ts";

test("S9: the signal normal is ignored by another process, trapped by a trapping one, and ends its own sender", async () => {
  const [plain, trapping, own] = [await startRecorder(), await startRecorder({ trap: true }), await startRecorder()];
  exit(plain, "normal");
  exit(trapping, "normal", plain);
  const end = exited(own);
  exit(own, "normal", own);
  expect(await end).toEqual(normal);
  expect(isRunning(plain)).toBe(true);
  expect(received(trapping)).toEqual([{ type: "otp.exit", from: plain, reason: normal }]);
});

test("S10: any other signal ends a process with that reason, unless it traps exits", async () => {
  const [plain, trapping] = [await startRecorder(), await startRecorder({ trap: true })];
  const end = exited(plain);
  exit(plain, crashed("boom"));
  exit(trapping, crashed("boom"));
  expect(await end).toEqual(crashed("boom"));
  expect(isRunning(trapping)).toBe(true);
  expect(received(trapping)).toEqual([{ type: "otp.exit", from: undefined, reason: crashed("boom") }]);
});

test("S11: kill cannot be trapped, and everyone else sees killed", async () => {
  const [victim, trapping, plain] = [
    await startRecorder({ trap: true }),
    await startRecorder({ trap: true }),
    await startRecorder(),
  ];
  link(victim, trapping);
  link(victim, plain);
  const end = exited(plain);
  kill(victim);
  expect(isRunning(victim)).toBe(false);
  expect(await end).toEqual(killed);
  expect(received(trapping)).toEqual([{ type: "otp.exit", from: victim, reason: killed }]);
});

test("S12: a process that ends itself with killed sends a plain signal that can be trapped", async () => {
  const [victim, trapping] = [await startRecorder(), await startRecorder({ trap: true })];
  link(victim, trapping);
  victim.send({ type: "crash", error: new ExitSignal("killed") });
  await settle();
  expect(isRunning(trapping)).toBe(true);
  expect(received(trapping)).toEqual([{ type: "otp.exit", from: victim, reason: killed }]);
});

test("S14: what is sent after an exit signal arrives after it", async () => {
  const trapping = await startRecorder({ trap: true });
  exit(trapping, "shutdown");
  trapping.send({ type: "later" });
  await settle();
  expect(received(trapping).map((event) => event.type)).toEqual(["otp.exit", "later"]);
});

test("S19: a process knows its chain of parents, nearest first", async () => {
  const top = await startRecorder();
  const middle = await startRecorder({ parent: top });
  const low = await startRecorder({ parent: middle });
  expect(processInfo(low).parent).toBe(middle);
  expect(processInfo(low).ancestors).toEqual([middle, top]);
  expect(processInfo(top).children).toEqual([middle]);
});

const tidy = setup({ types: { events: {} as { type: string } } }).createMachine({
  initial: "working",
  states: { working: { on: { "otp.stop": "tidying" } }, tidying: { on: { tidied: "gone" } }, gone: { type: "final" } },
});

test("S20: a trapping process asked to stop by its parent cleans up and ends with the parent's reason, normal too", async () => {
  for (const reason of [shutdown("over"), normal, crashed("boom")]) {
    const parent = await startRecorder({ trap: true });
    const child = await startLink({ logic: tidy }, { parent });
    trapExit(child);
    const end = exited(child);
    exit(child, reason, parent);
    await settle();
    expect(child.getSnapshot().value).toBe("tidying");
    expect(processInfo(child).status).toBe("stopping");
    child.send({ type: "tidied" });
    expect(await end).toEqual(reason);
  }
});

test("S21: a trapping process handles a stranger's signal as a message and lives", async () => {
  const [parent, stranger] = [await startRecorder(), await startRecorder()];
  const child = await startRecorder({ parent, trap: true });
  exit(child, "shutdown", stranger);
  await settle();
  expect(received(child)).toEqual([{ type: "otp.exit", from: stranger, reason: shutdown() }]);
});

test("S22: a process that does not trap ends on its parent's signal without code of its own, and ignores normal", async () => {
  const parent = await startRecorder();
  const child = await startRecorder({ parent });
  exit(child, "normal", parent);
  await settle();
  expect(isRunning(child)).toBe(true);
  const end = exited(child);
  exit(child, "shutdown", parent);
  expect(await end).toEqual(shutdown());
  expect(received(child)).toEqual([]);
});

test("the descendants of a process that ends cleanly are ended with shutdown in the same turn", async () => {
  const parent = await startRecorder();
  const child = await startRecorder({ parent, trap: true });
  const end = exited(child);
  await stop(parent, "normal");
  expect(isRunning(child)).toBe(false);
  expect(await end).toEqual(shutdown());
});

test("S165: a stop request aborts the scope's signal first and then comes through the mailbox", async () => {
  const parent = await startRecorder();
  const child = await startRecorder({ parent, trap: true });
  const { signal } = scopeOf(child);
  exit(child, "shutdown", parent);
  await settle();
  expect(signal.aborted).toBe(true);
  expect(signal.reason).toEqual(shutdown());
  expect(received(child)).toEqual([{ type: "otp.stop", reason: shutdown(), from: parent }]);
  expect(isRunning(child)).toBe(true);
});

test("stop waits for the end, and rejects when the process was not there, took too long or ended otherwise", async () => {
  const clock = new SimulatedTime();
  const gone = await startRecorder({ runtime: makeRuntime({ clock }) });
  await stop(gone, "normal", { timeoutMs: 100 });
  expect(clock.pending).toBe(0);
  await expect(stop(gone)).rejects.toMatchObject({ code: "noproc" });

  const slow = await startLink({ logic: tidy }, { runtime: quiet });
  trapExit(slow);
  const waiting = stop(slow, "shutdown", { timeoutMs: 100 });
  const refused = expect(waiting).rejects.toMatchObject({ code: "timeout" });
  if (quiet.clock instanceof SimulatedTime) await quiet.clock.advance(100);
  await refused;

  const stubborn = await startRecorder({ trap: true });
  const other = stop(stubborn, "normal");
  await settle();
  kill(stubborn);
  await expect(other).rejects.toMatchObject({ code: "exited", reason: killed });
});

test("a reason that nobody could read is refused, and the process lives on", async () => {
  const ref = await startRecorder();
  for (const reason of ["bogus", undefined, 4, {}, { type: "bogus" }] as never[]) {
    expect(() => exit(ref, reason)).toThrow(/is no exit reason: use "normal"/);
    await expect(stop(ref, reason === undefined ? (null as never) : reason)).rejects.toThrow(TypeError);
    expect(() => new ExitSignal(reason)).toThrow(TypeError);
  }
  await settle();
  expect(isRunning(ref)).toBe(true);
});
