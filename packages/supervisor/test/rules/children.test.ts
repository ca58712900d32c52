import { exitReason, isRunning, type ReasonLike, type Restart, StartError, shutdown, unlink } from "@trunkline/process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Supervisor } from "../../src/index.ts";
import { Bench, ended } from "../bench.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const table: Record<Restart, Record<string, "running" | "stopped" | "gone">> = {
  permanent: { normal: "running", shutdown: "running", info: "running", killed: "running", crash: "running" },
  transient: { normal: "stopped", shutdown: "stopped", info: "stopped", killed: "running", crash: "running" },
  temporary: { normal: "gone", shutdown: "gone", info: "gone", killed: "gone", crash: "gone" },
};
const reasons: Record<string, ReasonLike | "crash"> = {
  normal: "normal",
  shutdown: "shutdown",
  info: shutdown("info"),
  killed: "killed",
  crash: "crash",
};

describe("a child that ends by itself", () => {
  for (const restart of ["permanent", "transient", "temporary"] as const) {
    for (const [name, reason] of Object.entries(reasons)) {
      const outcome = table[restart][name];
      test(`S33: a ${restart} child that ends with ${name} is ${outcome} afterwards`, async () => {
        const supervisor = await bench.supervisor([bench.worker("a", { restart })]);
        await bench.end(supervisor, reason, "a");
        expect(await bench.list(supervisor)).toBe(outcome === "gone" ? "" : `a:${outcome}`);
        expect(bench.starts("a")).toBe(outcome === "running" ? 2 : 1);
      });
    }
  }

  test("S34: an end that leads to no restart costs nothing and touches no sibling, whatever the strategy", async () => {
    for (const strategy of ["one_for_one", "one_for_all", "rest_for_one"] as const) {
      const children = [
        bench.worker("a", { restart: "transient" }),
        bench.worker("b", { restart: "temporary" }),
        bench.worker("c"),
      ];
      const supervisor = await bench.supervisor(children, { strategy, maxRestarts: 0 });
      bench.news();
      await bench.end(supervisor, "normal", "a");
      await bench.end(supervisor, "crash", "b");
      expect(bench.news()).toEqual(["end a normal", "end b error"]);
      expect(await bench.list(supervisor)).toBe("a:stopped c:running");
    }
  });

  test("S35, S99: a child that is kept stopped can be restarted and deleted", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { restart: "transient" })]);
    await bench.end(supervisor, "normal", "a");
    expect(await Supervisor.countChildren(supervisor)).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 1 });
    await expect(Supervisor.startChild(supervisor, bench.worker("a"))).rejects.toMatchObject({
      code: "already_present",
    });
    expect(isRunning((await Supervisor.restartChild(supervisor, "a")) as never)).toBe(true);
    await bench.end(supervisor, "normal", "a");
    await Supervisor.terminateChild(supervisor, "a");
    await Supervisor.deleteChild(supervisor, "a");
    expect(await bench.list(supervisor)).toBe("");
  });
});

describe("starts", () => {
  test("S36: a start function that throws, rejects or returns junk is a start failure with that reason", async () => {
    const supervisor = await bench.supervisor([]);
    const boom = new Error("boom");
    const starts: [() => never, object][] = [
      [
        () => {
          throw boom;
        },
        { type: "error", error: boom },
      ],
      [() => Promise.reject(boom) as never, { type: "error", error: boom }],
      [() => "junk" as never, { type: "error", error: "junk" }],
    ];
    for (const [start, reason] of starts) {
      const failure = Supervisor.startChild(supervisor, { id: "a", start });
      await expect(failure).rejects.toMatchObject({ code: "failed_to_start_child", id: "a", reason });
      await expect(failure).rejects.toHaveProperty("cause", expect.any(StartError));
    }
    expect(isRunning(supervisor)).toBe(true);
  });

  test("S37: ignore is no failure: a permanent or transient child is kept stopped, a temporary one is not stored", async () => {
    const ignoring = (["permanent", "transient", "temporary"] as const).map((restart) =>
      bench.worker(restart, { restart, starts: ["ignore"] }),
    );
    const supervisor = await bench.supervisor(ignoring, { maxRestarts: 0 });
    await bench.rest();
    expect(await bench.list(supervisor)).toBe("permanent:stopped transient:stopped");
    expect(bench.starts("permanent")).toBe(1);
    expect(bench.errors()).toEqual([]);
  });
});

describe("stopping a child by request", () => {
  test("S38: brutal_kill kills at once, without asking", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { shutdown: "brutal_kill", onStop: "wait" })]);
    const ref = await bench.child(supervisor, "a");
    await Supervisor.terminateChild(supervisor, "a");
    expect(ended(ref)).toBe("killed");
    expect(bench.news()).toEqual(["start a", "end a killed"]);
  });

  test("S38: a child has its shutdown time after the request, then it is killed", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { shutdown: 300, onStop: "refuse" })]);
    const ref = await bench.child(supervisor, "a");
    const stopping = Supervisor.terminateChild(supervisor, "a");
    await bench.time.advance(299);
    expect(ended(ref)).toBeUndefined();
    await bench.time.advance(1);
    await stopping;
    expect(ended(ref)).toBe("killed");
    expect(bench.errors()).toEqual(["shutdown_error a"]);
    expect(bench.time.pending).toBe(0);
  });

  test("S38: a child that ends in time is not killed, and its timer is taken back", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { shutdown: 300, onStop: 100 })]);
    const ref = await bench.child(supervisor, "a");
    const stopping = Supervisor.terminateChild(supervisor, "a");
    await bench.time.advance(100);
    await stopping;
    expect(ended(ref)).toBe("shutdown");
    expect(bench.time.pending).toBe(0);
    expect(bench.errors()).toEqual([]);
  });

  test("S38: infinity waits as long as it takes", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { shutdown: "infinity", onStop: 10_000_000 })]);
    const ref = await bench.child(supervisor, "a");
    const stopping = Supervisor.terminateChild(supervisor, "a");
    await bench.time.advance(9_999_999);
    expect(ended(ref)).toBeUndefined();
    await bench.time.advance(1);
    await stopping;
    expect(ended(ref)).toBe("shutdown");
  });

  test("S38: 0 is allowed: the kill follows the request at once", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { shutdown: 0, onStop: "refuse" })]);
    const ref = await bench.child(supervisor, "a");
    await Supervisor.terminateChild(supervisor, "a");
    expect(ended(ref)).toBe("killed");
  });

  test("S39: a child that unlinked itself cannot hang its own stop", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { onStop: 10 })]);
    const ref = await bench.child(supervisor, "a");
    unlink(ref, supervisor);
    const stopping = Supervisor.terminateChild(supervisor, "a");
    await bench.time.advance(10);
    await stopping;
    expect(ended(ref)).toBe("shutdown");
  });

  test("S40: an end other than the expected one is reported and changes nothing else", async () => {
    const children = [
      bench.worker("error", { onStop: "fail" }),
      bench.worker("permanent", { onStop: "normal" }),
      bench.worker("transient", { onStop: "normal", restart: "transient" }),
      bench.worker("late", { onStop: "refuse", shutdown: 10 }),
    ];
    const supervisor = await bench.supervisor(children);
    const stopping = Supervisor.stop(supervisor);
    await bench.time.advance(10);
    await stopping;
    expect(bench.errors()).toEqual(["shutdown_error late", "shutdown_error permanent", "shutdown_error error"]);
    expect(exitReason(supervisor)).toEqual({ type: "normal" });
  });
});

describe("significant children", () => {
  const significant = (id: string, restart: Restart = "transient") => bench.worker(id, { restart, significant: true });

  test("S45: with autoShutdown never no child can be significant, and the end of others shuts nothing down", async () => {
    await expect(bench.supervisor([significant("a")])).rejects.toMatchObject({
      code: "bad_combination",
      where: "start_spec",
    });
    const supervisor = await bench.supervisor([bench.worker("a", { restart: "temporary" })], {
      autoShutdown: "any_significant",
    });
    await bench.end(supervisor, "crash", "a");
    expect(isRunning(supervisor)).toBe(true);
  });

  test("S45, S46: a transient child ending cleanly, or a temporary one for any reason, ends the supervisor with shutdown, the others stopped in reverse", async () => {
    for (const [restart, reason] of [
      ["transient", "normal"],
      ["temporary", "crash"],
    ] as const) {
      const children = [bench.worker("a"), significant("b", restart), bench.worker("c")];
      const supervisor = await bench.supervisor(children, { autoShutdown: "any_significant" });
      bench.news();
      await bench.end(supervisor, reason, "b");
      expect(bench.news().slice(1)).toEqual(["end c shutdown", "end a shutdown"]);
      expect(exitReason(supervisor)).toEqual({ type: "shutdown" });
    }
  });

  test("S47: all_significant waits for the last one", async () => {
    const supervisor = await bench.supervisor([significant("a"), significant("b"), bench.worker("c")], {
      autoShutdown: "all_significant",
    });
    await bench.end(supervisor, "normal", "a");
    expect(isRunning(supervisor)).toBe(true);
    await bench.end(supervisor, "normal", "b");
    expect(ended(supervisor)).toBe("shutdown");
  });

  test("S47: a significant child that is being restarted is left; one that ignored its start is not", async () => {
    const restarting = bench.worker("a", { restart: "transient", significant: true, starts: ["ok", "error", "hang"] });
    const ignoring = bench.worker("c", { restart: "transient", significant: true, starts: ["ignore"] });
    const supervisor = await bench.supervisor([restarting, significant("b"), ignoring], {
      autoShutdown: "all_significant",
    });
    const b = await bench.child(supervisor, "b");
    (await bench.child(supervisor, "a")).send({ type: "end", reason: "crash" });
    b.send({ type: "end", reason: "normal" });
    await bench.rest();
    expect(isRunning(supervisor)).toBe(true);
    await bench.time.advance(5_000);
    await bench.rest();
    expect(await bench.list(supervisor)).toBe("a:running b:stopped c:stopped");
    await bench.end(supervisor, "normal", "a");
    expect(ended(supervisor)).toBe("shutdown");
  });

  test("S48: a significant transient child that crashes is restarted", async () => {
    const supervisor = await bench.supervisor([significant("a")], { autoShutdown: "any_significant" });
    await bench.end(supervisor, "crash", "a");
    expect(await bench.list(supervisor)).toBe("a:running");
  });

  test("S49: a child ended by terminateChild never triggers it, but counts as gone for a later one", async () => {
    const supervisor = await bench.supervisor([significant("a"), significant("b")], {
      autoShutdown: "all_significant",
    });
    await Supervisor.terminateChild(supervisor, "a");
    expect(isRunning(supervisor)).toBe(true);
    await bench.end(supervisor, "normal", "b");
    expect(ended(supervisor)).toBe("shutdown");
  });

  test("S49: children ended by a group restart never trigger it", async () => {
    const supervisor = await bench.supervisor([significant("a", "temporary"), bench.worker("b")], {
      strategy: "one_for_all",
      autoShutdown: "any_significant",
    });
    await bench.end(supervisor, "crash", "b");
    expect(await bench.list(supervisor)).toBe("b:running");
  });

  test("S50: a permanent supervisor that shut down automatically is restarted, a transient one stays stopped, a significant one cascades", async () => {
    const inner = (restart: Restart, isSignificant = false) =>
      Supervisor.childSpec(
        [bench.worker(`${restart}-worker`, { restart: "temporary", significant: true })],
        { strategy: "one_for_one", autoShutdown: "any_significant" },
        { id: restart, restart, significant: isSignificant },
      );
    const supervisor = await bench.supervisor([inner("permanent"), inner("transient", true), bench.worker("x")], {
      autoShutdown: "all_significant",
    });
    await bench.end(await bench.child(supervisor, "permanent"), "normal", "permanent-worker");
    expect(await bench.list(supervisor)).toBe("permanent:running transient:running x:running");
    expect(bench.starts("permanent-worker")).toBe(2);
    await bench.end(await bench.child(supervisor, "transient"), "normal", "transient-worker");
    expect(ended(supervisor)).toBe("shutdown");
    const other = await bench.supervisor([inner("transient")]);
    await bench.end(await bench.child(other, "transient"), "normal", "transient-worker");
    expect(await bench.list(other)).toBe("transient:stopped");
  });
});
