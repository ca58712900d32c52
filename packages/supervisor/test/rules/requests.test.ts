import { exitReason, isRunning, kill, stop, unlink } from "@trunkline/process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnyActorRef } from "xstate";
import { Supervisor } from "../../src/index.ts";
import { Bench, ended } from "../bench.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

describe("requests", () => {
  test("S92: startChild resolves to the ref, or to undefined for ignore, whose spec is kept unless temporary", async () => {
    const supervisor = await bench.supervisor([]);
    const ref = await Supervisor.startChild(supervisor, bench.worker("a"));
    expect(ref).toBe(await bench.child(supervisor, "a"));
    expect(await Supervisor.startChild(supervisor, bench.worker("b", { starts: ["ignore"] }))).toBeUndefined();
    const temporary = bench.worker("c", { starts: ["ignore"], restart: "temporary" });
    expect(await Supervisor.startChild(supervisor, temporary)).toBeUndefined();
    expect(await bench.list(supervisor)).toBe("a:running b:stopped");
  });

  test("S92: a running id is already_started with its ref, a stopped one already_present; a failed start keeps nothing", async () => {
    const supervisor = await bench.supervisor(bench.workers("a", "b"));
    const a = await bench.child(supervisor, "a");
    await expect(Supervisor.startChild(supervisor, bench.worker("a"))).rejects.toMatchObject({
      code: "already_started",
      ref: a,
    });
    await Supervisor.terminateChild(supervisor, "b");
    await expect(Supervisor.startChild(supervisor, bench.worker("b"))).rejects.toMatchObject({
      code: "already_present",
    });
    await expect(Supervisor.startChild(supervisor, bench.worker("c", { starts: ["error"] }))).rejects.toMatchObject({
      code: "failed_to_start_child",
      id: "c",
    });
    expect(await bench.list(supervisor)).toBe("a:running b:stopped");
  });

  test("S44: a malformed spec is refused and the supervisor lives on", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    await expect(Supervisor.startChild(supervisor, { id: "b" } as never)).rejects.toMatchObject({
      code: "missing_start",
    });
    await expect(Supervisor.startChild(supervisor, "b" as never)).rejects.toMatchObject({ code: "invalid_child_spec" });
    await expect(Supervisor.startChild(supervisor, bench.worker("b", { shutdown: -1 }))).rejects.toThrow(
      'Child "b": shutdown is -1. Use a whole number of milliseconds, 0 or more, "infinity" or "brutal_kill".',
    );
    expect(await bench.list(supervisor)).toBe("a:running");
  });

  test("S44: a spec that throws when it is read is the caller's error, and the supervisor lives on", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    const spec = {
      get id(): string {
        throw new RangeError("no id for you");
      },
    };
    await expect(Supervisor.startChild(supervisor, spec as never)).rejects.toThrow(RangeError);
    expect(await bench.list(supervisor)).toBe("a:running");
  });

  test("S93: terminateChild stops a child for good, also one that is stopped already; an unknown id or a ref is not_found", async () => {
    const supervisor = await bench.supervisor([bench.worker("a"), bench.worker("t", { restart: "temporary" })]);
    const a = await bench.child(supervisor, "a");
    await Supervisor.terminateChild(supervisor, "a");
    await Supervisor.terminateChild(supervisor, "a");
    await Supervisor.terminateChild(supervisor, "t");
    await bench.rest();
    expect(ended(a)).toBe("shutdown");
    expect(await bench.list(supervisor)).toBe("a:stopped");
    await expect(Supervisor.terminateChild(supervisor, "t")).rejects.toMatchObject({ code: "not_found" });
    await expect(Supervisor.terminateChild(supervisor, a)).rejects.toMatchObject({ code: "not_found" });
  });

  test("S94: restartChild starts a stopped child; running, unknown and failing ones are refused, and a failed one is not retried", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { starts: ["ok", "error", "ignore"] })]);
    await expect(Supervisor.restartChild(supervisor, "a")).rejects.toMatchObject({ code: "running" });
    await expect(Supervisor.restartChild(supervisor, "x")).rejects.toMatchObject({ code: "not_found" });
    await Supervisor.terminateChild(supervisor, "a");
    await expect(Supervisor.restartChild(supervisor, "a")).rejects.toMatchObject({ code: "failed_to_start_child" });
    await bench.rest();
    expect(bench.starts("a")).toBe(2);
    expect(await Supervisor.restartChild(supervisor, "a")).toBeUndefined();
    expect(await Supervisor.restartChild(supervisor, "a")).toBe(await bench.child(supervisor, "a"));
  });

  test("S95: deleteChild forgets a stopped child; a running or unknown one is refused", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    await expect(Supervisor.deleteChild(supervisor, "a")).rejects.toMatchObject({ code: "running" });
    await Supervisor.terminateChild(supervisor, "a");
    await Supervisor.deleteChild(supervisor, "a");
    await expect(Supervisor.deleteChild(supervisor, "a")).rejects.toMatchObject({ code: "not_found" });
  });

  test("S96: whichChildren lists newest first: id, ref, type and modules", async () => {
    const inner = Supervisor.childSpec([], { strategy: "one_for_one" }, { id: "inner" });
    const supervisor = await bench.supervisor([
      bench.worker("a", { modules: ["m"] }),
      inner,
      bench.worker("c", { starts: ["ignore"] }),
    ]);
    const a = await bench.child(supervisor, "a");
    expect(await Supervisor.whichChildren(supervisor)).toMatchObject([
      { id: "c", ref: undefined, type: "worker" },
      { id: "inner", type: "supervisor" },
      { id: "a", ref: a, type: "worker", modules: ["m"] },
    ]);
  });

  test("S97: countChildren counts specs, live processes, supervisors and workers", async () => {
    const inner = Supervisor.childSpec([], { strategy: "one_for_one" }, { id: "inner" });
    const supervisor = await bench.supervisor([bench.worker("a"), inner, bench.worker("b")]);
    await Supervisor.terminateChild(supervisor, "b");
    expect(await Supervisor.countChildren(supervisor)).toEqual({ specs: 3, active: 2, supervisors: 1, workers: 2 });
  });

  test("S98: getChildspec gives the spec with all defaults filled in, or not_found", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    expect(await Supervisor.getChildspec(supervisor, "a")).toMatchObject({
      id: "a",
      restart: "permanent",
      type: "worker",
      shutdown: 5000,
      significant: false,
      startTimeoutMs: 5000,
    });
    await expect(Supervisor.getChildspec(supervisor, "x")).rejects.toMatchObject({ code: "not_found" });
  });

  test("S100: a child that unlinked itself and died is not noticed until terminateChild repairs it", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    const a = await bench.child(supervisor, "a");
    unlink(a, supervisor);
    kill(a);
    await bench.rest();
    expect((await Supervisor.whichChildren(supervisor))[0]?.ref).toBe(a);
    await expect(Supervisor.restartChild(supervisor, "a")).rejects.toMatchObject({ code: "running" });
    expect((await Supervisor.countChildren(supervisor)).active).toBe(0);
    await Supervisor.terminateChild(supervisor, "a");
    await Supervisor.restartChild(supervisor, "a");
    expect(await bench.list(supervisor)).toBe("a:running");
  });

  test("S101: stop resolves when the supervisor ended with that reason; else it says how it ended, or that time ran out", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { onStop: 100 })]);
    const impatient = expect(Supervisor.stop(supervisor, "shutdown", { timeoutMs: 50 })).rejects.toMatchObject({
      code: "timeout",
    });
    const other = expect(Supervisor.stop(supervisor, "normal")).rejects.toMatchObject({
      code: "exited",
      reason: { type: "shutdown" },
    });
    await bench.time.advance(100);
    await Promise.all([impatient, other]);
    expect(exitReason(supervisor)).toEqual({ type: "shutdown" });
    await expect(Supervisor.stop(supervisor)).rejects.toMatchObject({ code: "noproc" });
    const fine = await bench.supervisor([]);
    await Supervisor.stop(fine);
    expect(exitReason(fine)).toEqual({ type: "normal" });
    expect(fine.getSnapshot().status).toBe("done");
  });

  test("S102: a child that is stopped from outside has ended like any other: a permanent one comes back", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    await stop(await bench.child(supervisor, "a"), "normal");
    await bench.rest();
    expect(await bench.list(supervisor)).toBe("a:running");
    expect(bench.starts("a")).toBe(2);
  });

  test("S92: requests find a supervisor by its name; of one that is gone they say noproc", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"), { name: "app" });
    expect((await Supervisor.countChildren("app")).active).toBe(1);
    kill(supervisor);
    await expect(Supervisor.countChildren("app")).rejects.toMatchObject({ code: "noproc" });
    await expect(Supervisor.countChildren(supervisor)).rejects.toMatchObject({ code: "noproc" });
  });

  test("S30: the name of a child is free again as soon as the child is gone, so a restart never clashes with itself", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { name: "only-one" })], { maxRestarts: 100 });
    for (let i = 0; i < 20; i += 1) await bench.end(supervisor, "killed", "a");
    expect(bench.starts("a")).toBe(21);
    expect(isRunning(supervisor)).toBe(true);
    const clash = Supervisor.startChild(supervisor, bench.worker("b", { name: "only-one" }));
    await expect(clash).rejects.toMatchObject({
      code: "failed_to_start_child",
      ref: (await bench.child(supervisor, "a")) as AnyActorRef,
    });
  });
});
