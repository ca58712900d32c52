import { ExitSignal, isRunning, kill, type StartFunction } from "@trunkline/process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Supervisor } from "../../src/index.ts";
import { Bench, ended } from "../bench.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const news = () => bench.news().filter((line) => !line.startsWith("asked"));

describe("strategies", () => {
  test("S63: one_for_one starts only the ended child again", async () => {
    const supervisor = await bench.supervisor(bench.workers("a", "b", "c"));
    bench.news();
    await bench.end(supervisor, "crash", "b");
    expect(news()).toEqual(["end b error", "start b"]);
  });

  test("S64: one_for_all stops the others in reverse order, then starts all in list order, the ended one in its own place", async () => {
    const supervisor = await bench.supervisor(bench.workers("a", "b", "c"), { strategy: "one_for_all" });
    bench.news();
    await bench.end(supervisor, "crash", "b");
    expect(news()).toEqual(["end b error", "end c shutdown", "end a shutdown", "start a", "start b", "start c"]);
  });

  test("S65: rest_for_one stops those after it in reverse order, then starts it and them; earlier ones are untouched", async () => {
    const supervisor = await bench.supervisor(bench.workers("a", "b", "c", "d"), { strategy: "rest_for_one" });
    bench.news();
    await bench.end(supervisor, "crash", "b");
    expect(news()).toEqual(["end b error", "end d shutdown", "end c shutdown", "start b", "start c", "start d"]);
  });

  test("S66: temporary siblings caught in a group stop do not come back; one that ends by itself triggers no group action", async () => {
    const children = [
      bench.worker("a"),
      bench.worker("t", { restart: "temporary" }),
      bench.worker("u", { restart: "temporary" }),
    ];
    const supervisor = await bench.supervisor(children, { strategy: "one_for_all" });
    bench.news();
    await bench.end(supervisor, "crash", "u");
    expect(news()).toEqual(["end u error"]);
    await bench.end(supervisor, "crash", "a");
    expect(news()).toEqual(["end a error", "end t shutdown", "start a"]);
    expect(await bench.list(supervisor)).toBe("a:running");
  });

  test("S67: a group start brings back finished and terminated children, under rest_for_one only from the ended one on", async () => {
    const children = [
      bench.worker("a"),
      bench.worker("b"),
      bench.worker("c", { restart: "transient" }),
      bench.worker("d"),
    ];
    const supervisor = await bench.supervisor(children, { strategy: "rest_for_one" });
    await Supervisor.terminateChild(supervisor, "a");
    await Supervisor.terminateChild(supervisor, "d");
    await bench.end(supervisor, "normal", "c");
    await bench.end(supervisor, "crash", "b");
    expect(await bench.list(supervisor)).toBe("a:stopped b:running c:running d:running");
  });

  test("S68: an added child goes to the end; stop and restart keeps the place, delete and start moves to the end", async () => {
    const supervisor = await bench.supervisor(bench.workers("a", "b"));
    await Supervisor.startChild(supervisor, bench.worker("c"));
    await Supervisor.terminateChild(supervisor, "a");
    await Supervisor.restartChild(supervisor, "a");
    expect(await bench.list(supervisor)).toBe("a:running b:running c:running");
    await Supervisor.terminateChild(supervisor, "a");
    await Supervisor.deleteChild(supervisor, "a");
    await Supervisor.startChild(supervisor, bench.worker("a"));
    expect(await bench.list(supervisor)).toBe("b:running c:running a:running");
  });

  test("S69: a group stop obeys each sibling's own shutdown; one that fails in it is reported, not counted", async () => {
    const children = [bench.worker("a"), bench.worker("b", { onStop: 100 }), bench.worker("c", { onStop: "fail" })];
    const supervisor = await bench.supervisor(children, { strategy: "one_for_all", maxRestarts: 1 });
    await bench.end(supervisor, "crash", "a");
    expect(bench.starts("a")).toBe(1);
    const counting = Supervisor.countChildren(supervisor);
    await bench.time.advance(100);
    expect((await counting).active).toBe(3);
    expect(bench.starts("a")).toBe(2);
    expect(bench.errors()).toEqual(["child_terminated a", "shutdown_error c"]);
  });

  test("S70: a restart uses the original start and input; no state is carried over", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    const first = await bench.child(supervisor, "a");
    first.send({ type: "count" });
    expect(first.getSnapshot().count).toBe(1);
    await bench.end(supervisor, "crash", "a");
    const second = await bench.child(supervisor, "a");
    expect(second).not.toBe(first);
    expect(second.getSnapshot().count).toBe(0);
  });
});

describe("failing restarts", () => {
  test("S71, S169: after a failed restart what has arrived is served first, then the next attempt comes at once, through the event loop", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { starts: ["ok", "error", "error"] })]);
    (await bench.child(supervisor, "a")).send({ type: "end", reason: "crash" });
    const listing = bench.list(supervisor);
    const turns: string[] = [];
    setImmediate(() => turns.push(`${bench.starts("a")} starts`));
    expect(await listing).toBe("a:restarting");
    await bench.rest();
    expect(turns).toEqual(["2 starts"]); // I/O had its turn between the attempts
    expect(await bench.list(supervisor)).toBe("a:running");
    expect(bench.time.now()).toBe(0);
  });

  test("S72: each retry costs a unit: with 3 restarts a child that can never restart is started 1 + 3 times", async () => {
    const supervisor = await bench.supervisor([
      bench.worker("a", { starts: ["ok", "error", "error", "error", "error"] }),
    ]);
    await bench.end(supervisor, "crash", "a");
    expect(bench.starts("a")).toBe(4);
    expect(ended(supervisor)).toBe("shutdown");
  });

  test("S73: a failed restart is retried whatever the reason, also for transient children", async () => {
    const reasons = ["normal", "shutdown"] as const;
    for (const reason of reasons) {
      let attempt = 0;
      const worker = bench.worker(reason, { restart: "transient" });
      const start: StartFunction = (context) => {
        attempt += 1;
        if (attempt === 2) throw new ExitSignal(reason);
        return typeof worker.start === "function" ? worker.start(context) : "ignore";
      };
      const supervisor = await bench.supervisor([{ ...worker, start }]);
      await bench.end(supervisor, "crash", reason);
      expect(await bench.list(supervisor)).toBe(`${reason}:running`);
      expect(attempt).toBe(3);
    }
  });

  test("S74: one_for_all failing in the middle keeps those started in this attempt until the retry, which stops and starts all", async () => {
    const children = [bench.worker("a"), bench.worker("b", { starts: ["ok", "error"] }), bench.worker("c")];
    const supervisor = await bench.supervisor(children, { strategy: "one_for_all" });
    bench.news();
    (await bench.child(supervisor, "c")).send({ type: "end", reason: "crash" });
    expect(await bench.list(supervisor)).toBe("a:running b:restarting c:stopped");
    await bench.rest();
    expect(news()).toEqual([
      "end c error",
      "end b shutdown",
      "end a shutdown",
      "start a",
      "fail b",
      "end a shutdown",
      "start a",
      "start b",
      "start c",
    ]);
  });

  test("S75, S76: rest_for_one retries from the child that failed; those after it show as stopped meanwhile", async () => {
    const children = [
      bench.worker("a"),
      bench.worker("b"),
      bench.worker("c", { starts: ["ok", "error"] }),
      bench.worker("d"),
    ];
    const supervisor = await bench.supervisor(children, { strategy: "rest_for_one" });
    bench.news();
    (await bench.child(supervisor, "b")).send({ type: "end", reason: "crash" });
    expect(await bench.list(supervisor)).toBe("a:running b:running c:restarting d:stopped");
    await bench.rest();
    expect(news().slice(3)).toEqual(["start b", "fail c", "start c", "start d"]);
  });

  test("S77: while a child is restarting, delete and restart are refused, its id is present, and terminate cancels the retry", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { starts: ["ok", "error"] })]);
    (await bench.child(supervisor, "a")).send({ type: "end", reason: "crash" });
    const refusals = [
      Supervisor.deleteChild(supervisor, "a"),
      Supervisor.restartChild(supervisor, "a"),
      Supervisor.startChild(supervisor, bench.worker("a")),
    ].map((request) => request.catch((error: { code: string }) => error.code));
    const terminating = Supervisor.terminateChild(supervisor, "a");
    const deleting = Supervisor.deleteChild(supervisor, "a");
    expect(await Promise.all(refusals)).toEqual(["restarting", "restarting", "already_present"]);
    await Promise.all([terminating, deleting]);
    await bench.rest();
    expect(bench.starts("a")).toBe(2);
    expect(await bench.list(supervisor)).toBe("");
  });

  test("S78: a restart that answers ignore leaves the child stopped, and is not retried", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { starts: ["ok", "ignore"] }), bench.worker("b")]);
    await bench.end(supervisor, "crash", "a");
    expect(await bench.list(supervisor)).toBe("a:stopped b:running");
    expect(bench.starts("a")).toBe(2);
  });

  test("S79: a retry that finds the child brought up by a sibling's group restart does nothing", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { starts: ["ok", "error"] }), bench.worker("b")], {
      strategy: "one_for_all",
      maxRestarts: 2,
    });
    const [a, b] = [await bench.child(supervisor, "a"), await bench.child(supervisor, "b")];
    a.send({ type: "end", reason: "crash" });
    const terminating = Supervisor.terminateChild(supervisor, "a");
    const restarting = Supervisor.restartChild(supervisor, "a");
    b.send({ type: "end", reason: "crash" });
    await Promise.all([terminating, restarting]);
    await bench.rest();
    expect(bench.starts("a")).toBe(3);
    expect(isRunning(supervisor)).toBe(true);
    expect((await bench.list(supervisor)).startsWith("a:running")).toBe(true);
  });
});

describe("restart budget", () => {
  test("S80, S87: the restart over the limit is refused: that child is not started, the others stop in reverse, the reason is shutdown", async () => {
    const supervisor = await bench.supervisor(bench.workers("a", "b", "c"), { maxRestarts: 2 });
    for (let i = 0; i < 2; i += 1) await bench.end(supervisor, "crash", "b");
    bench.news();
    await bench.end(supervisor, "crash", "b");
    expect(news()).toEqual(["end b error", "end c shutdown", "end a shutdown"]);
    expect(ended(supervisor)).toBe("shutdown");
    expect(bench.errors().at(-1)).toBe("shutdown b");
    expect(supervisor.getSnapshot().context).toEqual({ gaveUp: true });
  });

  test("S81: with 0 the first restart that would be needed ends the supervisor", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"), { maxRestarts: 0 });
    await bench.end(supervisor, "crash", "a");
    expect(bench.starts("a")).toBe(1);
    expect(ended(supervisor)).toBe("shutdown");
  });

  test("S82: restarts outside the window are forgotten", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"), { maxRestarts: 1, maxSeconds: 5 });
    for (let i = 0; i < 4; i += 1) {
      await bench.end(supervisor, "crash", "a");
      await bench.time.advance(5_001);
    }
    expect(await bench.list(supervisor)).toBe("a:running");
    await bench.end(supervisor, "crash", "a");
    await bench.time.advance(5_000);
    await bench.end(supervisor, "crash", "a");
    expect(ended(supervisor)).toBe("shutdown");
  });

  test("S83: the budget is one for all children", async () => {
    const supervisor = await bench.supervisor(bench.workers("a", "b", "c"), { maxRestarts: 2 });
    for (const id of ["a", "b", "c"]) await bench.end(supervisor, "crash", id);
    expect(ended(supervisor)).toBe("shutdown");
  });

  test("S84: a group restart costs one unit, however many it restarts", async () => {
    const supervisor = await bench.supervisor(bench.workers("a", "b", "c"), {
      strategy: "one_for_all",
      maxRestarts: 1,
    });
    await bench.end(supervisor, "crash", "a");
    expect(await bench.list(supervisor)).toBe("a:running b:running c:running");
  });

  test("S85: three that die together cost one unit under one_for_all, three under one_for_one", async () => {
    const all = await bench.supervisor(bench.workers("a", "b", "c"), { strategy: "one_for_all", maxRestarts: 1 });
    await bench.end(all, "crash", "a", "b", "c");
    expect(isRunning(all)).toBe(true);
    const one = await bench.supervisor(bench.workers("d", "e", "f"), { maxRestarts: 2 });
    await bench.end(one, "crash", "d", "e", "f");
    expect(isRunning(one)).toBe(false);
  });

  test("S85: under rest_for_one it depends on the order of the deaths", async () => {
    const options = { strategy: "rest_for_one", maxRestarts: 1 } as const;
    const firstFirst = await bench.supervisor(bench.workers("a", "b", "c"), options);
    await bench.end(firstFirst, "crash", "a", "b", "c");
    expect(isRunning(firstFirst)).toBe(true);
    const lastFirst = await bench.supervisor(bench.workers("d", "e", "f"), options);
    await bench.end(lastFirst, "crash", "f", "e", "d");
    expect(isRunning(lastFirst)).toBe(false);
  });

  test("S86: exits without restart and requests cost nothing", async () => {
    const children = [
      bench.worker("a", { restart: "temporary" }),
      bench.worker("b", { restart: "transient", starts: ["ok", "error"] }),
    ];
    const supervisor = await bench.supervisor(children, { maxRestarts: 0 });
    await bench.end(supervisor, "crash", "a");
    await Supervisor.terminateChild(supervisor, "b");
    await expect(Supervisor.restartChild(supervisor, "b")).rejects.toMatchObject({ code: "failed_to_start_child" });
    await Supervisor.restartChild(supervisor, "b");
    await Supervisor.startChild(supervisor, bench.worker("c"));
    expect(await bench.list(supervisor)).toBe("b:running c:running");
  });

  test("S88: a supervisor that gave up is not restarted when transient, vanishes when temporary, and comes back when permanent", async () => {
    const inner = (restart: "permanent" | "transient" | "temporary") =>
      Supervisor.childSpec(
        bench.workers(`w-${restart}`),
        { strategy: "one_for_one", maxRestarts: 0 },
        { id: restart, restart },
      );
    const supervisor = await bench.supervisor([inner("permanent"), inner("transient"), inner("temporary")]);
    for (const restart of ["permanent", "transient", "temporary"]) {
      await bench.end(await bench.child(supervisor, restart), "crash", `w-${restart}`);
    }
    expect(await bench.list(supervisor)).toBe("permanent:running transient:stopped");
  });

  test("S89, S90: with inner budget 2 and outer budget 1 a worker is started (2 + 1) × (1 + 1) times; a restarted supervisor begins afresh", async () => {
    const inner = Supervisor.childSpec(
      bench.workers("w"),
      { strategy: "one_for_one", maxRestarts: 2 },
      { id: "inner" },
    );
    const outer = await bench.supervisor([inner], { maxRestarts: 1 });
    while (isRunning(outer)) await bench.end(await bench.child(outer, "inner"), "crash", "w");
    expect(bench.starts("w")).toBe(6);
  });

  test("S91: an inner supervisor that cannot start again costs the outer budget one unit at each attempt", async () => {
    const worker = bench.worker("w", { starts: ["ok", "error", "error", "error", "error", "error"] });
    const inner = Supervisor.childSpec([worker], { strategy: "one_for_one" }, { id: "inner" });
    const outer = await bench.supervisor([inner], { maxRestarts: 3 });
    kill(await bench.child(outer, "inner"));
    await bench.rest();
    expect(bench.starts("w")).toBe(4);
    expect(ended(outer)).toBe("shutdown");
  });
});
