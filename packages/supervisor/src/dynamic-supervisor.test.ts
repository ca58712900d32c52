import { exitReason, isRunning, kill, shutdown } from "@trunkline/process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fromCallback, fromTransition } from "xstate";
import { Bench, ended } from "../test/bench.ts";
import type { DynamicChildSpec } from "./dynamic-child-spec.ts";
import { DynamicSupervisor, type DynamicSupervisorOptions } from "./dynamic-supervisor.ts";
import { Supervisor } from "./supervisor.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const start = async (options: DynamicSupervisorOptions = {}) =>
  bench.root(await DynamicSupervisor.startLink({ runtime: bench.runtime, unref: true, ...options }));
const worker = (...args: Parameters<Bench["worker"]>) => bench.worker(...args) as DynamicChildSpec;
const states = async (supervisor: Awaited<ReturnType<typeof start>>) =>
  (await DynamicSupervisor.whichChildren(supervisor)).map(({ ref }) => (typeof ref === "object" ? "running" : ref));

describe("DynamicSupervisor", () => {
  test("S107: it starts empty; ids are ignored and may repeat or be missing; whichChildren gives id undefined", async () => {
    const supervisor = await start();
    expect(await DynamicSupervisor.whichChildren(supervisor)).toEqual([]);
    const { id: _, ...nameless } = worker("a");
    const refs = [worker("a"), worker("a"), nameless].map((spec) => DynamicSupervisor.startChild(supervisor, spec));
    const [a, b, c] = await Promise.all(refs);
    expect(new Set([a, b, c]).size).toBe(3);
    const listed = await DynamicSupervisor.whichChildren(supervisor);
    expect(listed.map(({ id, ref }) => [id, ref])).toEqual([a, b, c].map((ref) => [undefined, ref]));
    await expect(start({ strategy: "one_for_all" as never })).rejects.toMatchObject({ code: "invalid_strategy" });
  });

  test("S108: startChild resolves to the ref, to undefined for ignore; whatever fails is not stored", async () => {
    const supervisor = await start();
    expect(await DynamicSupervisor.startChild(supervisor, worker("a", { starts: ["ignore"] }))).toBeUndefined();
    await expect(DynamicSupervisor.startChild(supervisor, worker("b", { starts: ["error"] }))).rejects.toMatchObject({
      code: "failed_to_start_child",
    });
    const refusals: [unknown, string][] = [
      [{}, "missing_start"],
      [{ start: "x" }, "invalid_child_spec"],
      [[], "invalid_child_spec"],
      [worker("c", { significant: true, restart: "transient" }), "invalid_significant"],
      [worker("d", { restart: "never" as never }), "invalid_restart_type"],
    ];
    for (const [spec, code] of refusals) {
      await expect(DynamicSupervisor.startChild(supervisor, spec as never)).rejects.toMatchObject({ code });
    }
    expect(await DynamicSupervisor.countChildren(supervisor)).toEqual({
      specs: 0,
      active: 0,
      supervisors: 0,
      workers: 0,
    });
  });

  test("S109: maxChildren counts running and restarting children, and a slot frees when a child is dropped", async () => {
    const supervisor = await start({ maxChildren: 1, maxRestarts: 10 });
    const spec = worker("a", { restart: "transient", starts: ["ok", "error", "error"] });
    const a = await DynamicSupervisor.startChild(supervisor, spec);
    await expect(DynamicSupervisor.startChild(supervisor, worker("b"))).rejects.toMatchObject({ code: "max_children" });
    a?.send({ type: "end", reason: "crash" } as never);
    expect(await states(supervisor)).toEqual(["restarting"]);
    await expect(Promise.all([DynamicSupervisor.startChild(supervisor, worker("b"))])).rejects.toMatchObject({
      code: "max_children",
    });
    await bench.rest();
    const [again] = await DynamicSupervisor.whichChildren(supervisor);
    (again?.ref as typeof a)?.send({ type: "end", reason: "normal" } as never);
    await bench.rest();
    expect(isRunning((await DynamicSupervisor.startChild(supervisor, worker("b"))) as never)).toBe(true);
    await expect(start({ maxChildren: -1 })).rejects.toMatchObject({ code: "invalid_max_children" });
  });

  test("S110: extraArguments come before the child's own input, and are handed to start functions", async () => {
    const supervisor = await start({ extraArguments: ["extra"] });
    const logic = fromTransition(
      (state: unknown) => state,
      ({ input }: { input: unknown }) => ({ input }),
    );
    const ref = await DynamicSupervisor.startChild(supervisor, { start: { logic, input: "own" } });
    expect(ref?.getSnapshot().context).toEqual({ input: ["extra", "own"] });
    let handed: unknown;
    await DynamicSupervisor.startChild(supervisor, {
      start: ({ spawn, extraArguments }) => {
        handed = extraArguments;
        return spawn(fromCallback(() => {}));
      },
    });
    expect(handed).toEqual(["extra"]);
    await expect(start({ extraArguments: "x" as never })).rejects.toMatchObject({ code: "invalid_extra_arguments" });
  });

  test("the child that spends the budget is reported once, as that, and not as one that failed to stop", async () => {
    const supervisor = await start({ maxRestarts: 0 });
    kill((await DynamicSupervisor.startChild(supervisor, worker("a"))) as never);
    await bench.rest();
    expect(isRunning(supervisor)).toBe(false);
    expect(bench.errors()).toEqual(["child_terminated a", "shutdown a"]);
  });

  test("S111: restart types and budget hold; a restarted child has a new ref, and one that ignores its restart is dropped", async () => {
    const supervisor = await start({ maxRestarts: 3 });
    const a = await DynamicSupervisor.startChild(supervisor, worker("a"));
    const b = await DynamicSupervisor.startChild(supervisor, worker("b", { starts: ["ok", "ignore"] }));
    kill(a as never);
    await bench.rest();
    expect((await DynamicSupervisor.whichChildren(supervisor)).map(({ ref }) => ref)).not.toContain(a);
    kill(b as never);
    await bench.rest();
    expect(await states(supervisor)).toEqual(["running"]);
    for (let i = 0; i < 2; i += 1) {
      const [child] = await DynamicSupervisor.whichChildren(supervisor);
      kill(child?.ref as never);
      await bench.rest();
    }
    expect(ended(supervisor)).toBe("shutdown");
    expect(supervisor.getSnapshot().context.gaveUp).toBe(true);
  });

  test("S112: a child whose restart failed stays known under its old ref: terminating that cancels the retry", async () => {
    const supervisor = await start();
    const a = await DynamicSupervisor.startChild(supervisor, worker("a", { starts: ["ok", "error"] }));
    kill(a as never);
    expect(await states(supervisor)).toEqual(["restarting"]);
    await DynamicSupervisor.terminateChild(supervisor, a as never);
    await bench.rest();
    expect(bench.starts("a")).toBe(2);
    expect(await states(supervisor)).toEqual([]);
  });

  test("S112: left alone, the retry brings it back under a new ref", async () => {
    const supervisor = await start();
    const a = await DynamicSupervisor.startChild(supervisor, worker("a", { starts: ["ok", "error"] }));
    kill(a as never);
    await bench.rest();
    expect(await states(supervisor)).toEqual(["running"]);
    await expect(DynamicSupervisor.terminateChild(supervisor, a as never)).rejects.toMatchObject({ code: "not_found" });
  });

  test("S113: terminateChild drops the child; so does an end without restart", async () => {
    const supervisor = await start();
    const a = await DynamicSupervisor.startChild(supervisor, worker("a"));
    const b = await DynamicSupervisor.startChild(supervisor, worker("b", { restart: "transient" }));
    const c = await DynamicSupervisor.startChild(supervisor, worker("c", { restart: "temporary" }));
    await DynamicSupervisor.terminateChild(supervisor, a as never);
    b?.send({ type: "end", reason: "normal" } as never);
    c?.send({ type: "end", reason: "crash" } as never);
    await bench.rest();
    expect(await states(supervisor)).toEqual([]);
    await expect(DynamicSupervisor.terminateChild(supervisor, a as never)).rejects.toMatchObject({ code: "not_found" });
  });

  test("S114: shutdown is concurrent: the total is the longest wait, not the sum, and each child has its own limit", async () => {
    const supervisor = await start();
    await DynamicSupervisor.startChild(supervisor, worker("a", { onStop: 100 }));
    await DynamicSupervisor.startChild(supervisor, worker("b", { onStop: 200 }));
    await DynamicSupervisor.startChild(supervisor, worker("c", { onStop: "refuse", shutdown: 150 }));
    const stopping = DynamicSupervisor.stop(supervisor, shutdown());
    await bench.time.advance(199);
    expect(isRunning(supervisor)).toBe(true);
    await bench.time.advance(1);
    await stopping;
    expect(exitReason(supervisor)).toEqual(shutdown());
    expect(bench.news().filter((line) => line.startsWith("end"))).toEqual([
      "end a shutdown",
      "end c killed",
      "end b shutdown",
    ]);
  });

  test("S106: it refuses the requests of ordinary supervisors, and lives on", async () => {
    const supervisor = await start();
    await expect(Supervisor.restartChild(supervisor, "a")).rejects.toMatchObject({ code: "undef" });
    await expect(Supervisor.deleteChild(supervisor, "a")).rejects.toMatchObject({ code: "undef" });
    await expect(Supervisor.terminateChild(supervisor, "a")).rejects.toMatchObject({ code: "not_found" });
    expect(isRunning(supervisor)).toBe(true);
  });

  test("S107: as a child it is a supervisor with all the time it needs", async () => {
    const parent = await bench.supervisor([DynamicSupervisor.childSpec({ name: "workers" })]);
    expect(await Supervisor.getChildspec(parent, "workers")).toMatchObject({
      type: "supervisor",
      shutdown: "infinity",
    });
    await DynamicSupervisor.startChild("workers", worker("a"));
    await expect(start({ maxchildren: 3 } as never)).rejects.toThrow(/Did you mean maxChildren/);
  });
});
