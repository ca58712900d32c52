import {
  type ChildSpec,
  call,
  exit,
  exited,
  exitReason,
  isRunning,
  kill,
  link,
  normal,
  shutdown,
  sys,
} from "@trunkline/process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AnyActorRef, fromCallback } from "xstate";
import { Supervisor, SupervisorError } from "../../src/index.ts";
import { Bench, ended } from "../bench.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const nest = (id: string, ...ids: string[]) =>
  Supervisor.childSpec(bench.workers(...ids), { strategy: "one_for_one" }, { id });

describe("start and order", () => {
  test("S51: a supervisor traps exits and is linked to each child", async () => {
    const supervisor = await bench.supervisor(bench.workers("a", "b"), { maxRestarts: 10 });
    await bench.end(supervisor, "crash", "a", "b");
    expect(isRunning(supervisor)).toBe(true);
    expect(bench.errors()).toEqual(["child_terminated a", "child_terminated b"]);
  });

  test("S52: children start in list order, each acknowledged before the next begins, and stop in reverse order", async () => {
    const slow = bench.worker("b", { onStop: 10 });
    const supervisor = await bench.supervisor([bench.worker("a", { onStop: 20 }), slow, bench.worker("c")]);
    expect(bench.news()).toEqual(["start a", "start b", "start c"]);
    const stopping = Supervisor.stop(supervisor);
    await bench.time.advance(29);
    expect(isRunning(supervisor)).toBe(true); // the sum of the waits, not the longest
    await bench.time.advance(1);
    await stopping;
    expect(bench.news()).toEqual(["end c shutdown", "asked b", "end b shutdown", "asked a", "end a shutdown"]);
  });

  test("S52: the next start waits for the acknowledgement of the one before", async () => {
    let acknowledge = (): void => {};
    const first = {
      id: "first",
      start: async ({ spawn }: { spawn: (logic: never) => AnyActorRef }) => {
        await new Promise<void>((resolve) => {
          acknowledge = resolve;
        });
        const { start } = bench.worker("first");
        return typeof start === "function" ? start({ spawn } as never) : "ignore";
      },
    };
    const starting = bench.supervisor([first as never, bench.worker("second")]);
    await bench.rest();
    expect(bench.news()).toEqual([]);
    acknowledge();
    await starting;
    expect(bench.news()).toEqual(["start first", "start second"]);
  });

  test("S53: when a child fails to start, those before it are stopped in reverse, later ones never start, and the start fails", async () => {
    const children = [...bench.workers("a", "b"), bench.worker("c", { starts: ["error"] }), bench.worker("d")];
    const failure = bench.supervisor(children);
    await expect(failure).rejects.toMatchObject({ code: "failed_to_start_child", id: "c", reason: { type: "error" } });
    expect(bench.news()).toEqual(["start a", "start b", "fail c", "end b shutdown", "end a shutdown"]);
    expect(bench.starts("c")).toBe(1);
  });

  test("S53: nested supervisors nest the reason", async () => {
    const inner = Supervisor.childSpec(
      [bench.worker("w", { starts: ["error"] })],
      { strategy: "one_for_one" },
      { id: "inner" },
    );
    const error: unknown = await bench.supervisor([inner]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "failed_to_start_child", id: "inner" });
    const { reason } = error as { reason: { type: string; info: unknown } };
    expect(reason.type).toBe("shutdown");
    expect(reason.info).toBeInstanceOf(SupervisorError);
    expect(reason.info).toMatchObject({ code: "failed_to_start_child", id: "w", reason: { type: "error" } });
  });

  test("S167: a child that does not acknowledge in time is killed and its start fails", async () => {
    const starting = bench.supervisor([
      bench.worker("a"),
      bench.worker("b", { starts: ["hang"], startTimeoutMs: 100 }),
    ]);
    const failure = expect(starting).rejects.toMatchObject({ code: "failed_to_start_child", id: "b" });
    await bench.time.advance(100);
    await failure;
    expect(bench.news()).toEqual(["start a", "hang b", "end a shutdown"]);
    expect(bench.time.pending).toBe(0);
  });

  test("S167: a supervisor's own start has no limit, nested or not: each of its children has one", async () => {
    const slow: ChildSpec = {
      id: "slow",
      startTimeoutMs: 60_000,
      start: async ({ spawn }) => {
        await new Promise<void>((resolve) => void bench.time.setTimeout(resolve, 30_000));
        return spawn(fromCallback(() => {}));
      },
    };
    const starting = bench.supervisor([
      slow,
      Supervisor.childSpec([slow], { strategy: "one_for_one" }, { id: "inner" }),
    ]);
    await bench.time.advance(60_000);
    expect(await bench.list(await starting)).toBe("slow:running inner:running");
  });

  test("S54: an init function may answer ignore, which is no failure; anything but child specs is a bad return", async () => {
    expect(await Supervisor.startLink(() => "ignore", bench.options)).toBeUndefined();
    await expect(Supervisor.startLink(() => 1 as never, bench.options)).rejects.toMatchObject({
      code: "bad_return",
      value: 1,
    });
    const ignoring = Supervisor.childSpec(() => "ignore", { strategy: "one_for_one" }, { id: "inner" });
    expect(await bench.list(await bench.supervisor([ignoring]))).toBe("inner:stopped");
  });

  test("S54: an init function decides anew at each restart", async () => {
    let count = 0;
    const init = () => {
      count += 1;
      return bench.workers(`w${count}`);
    };
    const supervisor = await bench.supervisor([Supervisor.childSpec(init, { strategy: "one_for_one", name: "inner" })]);
    expect(await bench.list("inner" as never)).toBe("w1:running");
    kill("inner");
    await bench.rest();
    expect(await bench.list("inner" as never)).toBe("w2:running");
    expect(await bench.list(supervisor)).toBe("inner:running");
  });

  test("S43, S44: malformed children or flags: nothing is started", async () => {
    await expect(bench.supervisor(bench.workers("a", "a"))).rejects.toMatchObject({
      code: "duplicate_child_name",
      where: "start_spec",
    });
    await expect(bench.supervisor(bench.workers("a"), { maxRestarts: -1 })).rejects.toMatchObject({
      code: "invalid_intensity",
      where: "supervisor_data",
    });
    await expect(bench.supervisor(bench.workers("a"), { max_restarts: 1 } as never)).rejects.toThrow(
      /Did you mean maxRestarts/,
    );
    expect(bench.news()).toEqual([]);
  });

  test("a name, parent, runtime or inspect of the wrong shape is a badarg that says what it takes; nothing is started", async () => {
    const wrong = [
      [{ name: 4 }, /^name is 4: it takes a string or via/],
      [{ name: { type: "global", name: "x" } }, /Registry with via/],
      [{ parent: "app" }, /^parent is "app": it takes an actor/],
      [{ runtime: { logger: bench.options.runtime.logger } }, /^runtime is .*makeRuntime/],
      [{ runtime: null, unref: true }, /^runtime is null: .*makeRuntime/],
      [{ inspect: true }, /^inspect is true/],
    ] as const;
    for (const [options, sentence] of wrong) {
      const { strategy, runtime } = bench.options;
      const starting = Supervisor.startLink(bench.workers("a"), { strategy, runtime, ...options } as never);
      const error: unknown = await starting.catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: "SupervisorError", code: "badarg", where: "supervisor_data" });
      expect((error as Error).message).toMatch(sentence);
    }
    expect(bench.news()).toEqual([]);
  });

  test("S29: a taken name is already_started, with its holder, and no child is started", async () => {
    const holder = await bench.supervisor([], { name: "taken" });
    await expect(bench.supervisor(bench.workers("a"), { name: "taken" })).rejects.toMatchObject({
      code: "already_started",
      ref: holder,
    });
    expect(bench.news()).toEqual([]);
  });
});

describe("stop", () => {
  test("S56: a stop with a reason, an auto-shutdown and a spent budget all stop the children in reverse first", async () => {
    const stopped = await bench.supervisor(bench.workers("a", "b"));
    await Supervisor.stop(stopped, shutdown("why"));
    expect(exitReason(stopped)).toEqual({ type: "shutdown", info: "why" });
    const spent = await bench.supervisor(bench.workers("c", "d"), { maxRestarts: 0 });
    await bench.end(spent, "crash", "c");
    expect(exitReason(spent)).toEqual({ type: "shutdown" });
    expect(bench.news().filter((line) => line.startsWith("end"))).toEqual([
      "end b shutdown",
      "end a shutdown",
      "end c error",
      "end d shutdown",
    ]);
  });

  test("S20, S56: an exit signal from the parent stops it with the parent's reason, also normal", async () => {
    const parent = await bench.supervisor([]);
    for (const reason of [normal, shutdown("info")]) {
      const supervisor = await Supervisor.startLink(bench.workers("a"), { strategy: "one_for_one", parent });
      exit(supervisor, reason, parent);
      await bench.rest();
      expect(exitReason(supervisor)).toEqual(reason);
    }
    expect(isRunning(parent)).toBe(true);
  });

  test("S57: an exit signal from anybody else is dropped", async () => {
    const stranger = await bench.supervisor([]);
    const supervisor = await bench.supervisor(bench.workers("a"));
    link(supervisor, stranger);
    exit(supervisor, "shutdown", stranger);
    exit(supervisor, "shutdown");
    kill(stranger);
    await bench.rest();
    expect(await bench.list(supervisor)).toBe("a:running");
    expect(bench.starts("a")).toBe(1);
  });

  test("S57: a child that sends its supervisor an exit signal is not mistaken for one that has ended", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    exit(supervisor, "shutdown", await bench.child(supervisor, "a"));
    await bench.rest();
    expect(bench.news()).toEqual(["start a"]);
  });

  test("S155: a suspended supervisor handles child deaths and requests after it is resumed, but obeys a stop at once", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    const a = await bench.child(supervisor, "a");
    await sys.suspend(supervisor);
    kill(a);
    const counting = Supervisor.countChildren(supervisor);
    await bench.rest();
    expect(bench.starts("a")).toBe(1);
    expect((await sys.getStatus(supervisor)).mailboxDepth).toBe(2);
    await sys.resume(supervisor);
    expect((await counting).active).toBe(1);
    await sys.suspend(supervisor);
    const lost = expect(Supervisor.countChildren(supervisor)).rejects.toMatchObject({ code: "exited" });
    await Supervisor.stop(supervisor, "shutdown");
    await lost;
    expect(bench.news()).toEqual(["start a", "end a killed", "start a", "end a shutdown"]);
  });

  test("S58, S59: killing a supervisor kills its subtree in the same turn, without asking anybody", async () => {
    const supervisor = await bench.supervisor([nest("inner", "x", "y"), bench.worker("a", { onStop: "refuse" })]);
    const inner = await bench.child(supervisor, "inner");
    const refs = [
      await bench.child(inner, "x"),
      await bench.child(inner, "y"),
      await bench.child(supervisor, "a"),
      inner,
    ];
    kill(supervisor);
    expect(refs.map(ended)).toEqual(["killed", "killed", "killed", "killed"]);
    // However long somebody keeps the ref of the dead supervisor: nothing of its children is kept by it.
    expect([supervisor, inner].map((ref) => ref.getSnapshot().children)).toEqual([{}, {}]);
    expect(bench.news()).not.toContain("asked a");
  });

  test("S59: a nested supervisor that is killed is replaced, names and all, and costs one unit", async () => {
    const named = { ...bench.worker("w", { onStop: "refuse" }), name: "held" };
    const supervisor = await bench.supervisor(
      [Supervisor.childSpec([named], { strategy: "one_for_one" }, { id: "inner" })],
      {
        maxRestarts: 1,
      },
    );
    kill(await bench.child(supervisor, "inner"));
    await bench.rest();
    expect(await bench.list(await bench.child(supervisor, "inner"))).toBe("w:running");
  });

  test("S60: a nested supervisor with a finite shutdown is killed when it is over, and its children with it", async () => {
    const inner = Supervisor.childSpec(
      [bench.worker("w", { onStop: "refuse", shutdown: "infinity" })],
      { strategy: "one_for_one" },
      {
        id: "inner",
        shutdown: 100,
      },
    );
    const supervisor = await bench.supervisor([inner]);
    const worker = await bench.child(await bench.child(supervisor, "inner"), "w");
    const stopping = Supervisor.stop(supervisor);
    await bench.time.advance(100);
    await stopping;
    expect(ended(worker)).toBe("killed");
  });

  test("S60: supervisors have no limit by default", async () => {
    const supervisor = await bench.supervisor([nest("inner")]);
    expect((await Supervisor.getChildspec(supervisor, "inner")).shutdown).toBe("infinity");
  });

  test("S61, S166: while it stops it serves nothing: a call ends with its exit reason, or with its own timeout", async () => {
    const supervisor = await bench.supervisor([bench.worker("a", { onStop: 1_000 })]);
    const stopping = Supervisor.stop(supervisor, "shutdown");
    await bench.rest();
    expect(supervisor.getSnapshot().value).toBe("stopping");
    const waiting = expect(Supervisor.whichChildren(supervisor)).rejects.toMatchObject({
      code: "exited",
      reason: { type: "shutdown" },
    });
    const impatient = expect(Supervisor.whichChildren(supervisor, { timeoutMs: 500 })).rejects.toMatchObject({
      code: "timeout",
    });
    await bench.time.advance(1_000);
    await Promise.all([stopping, waiting, impatient]);
  });

  test("S62: a child that crashes while the supervisor stops another is not restarted", async () => {
    const supervisor = await bench.supervisor([bench.worker("a"), bench.worker("b", { onStop: 100 })]);
    const stopping = Supervisor.stop(supervisor, "shutdown");
    await bench.rest();
    (supervisor.getSnapshot().children.a as AnyActorRef).send({ type: "end", reason: "crash" });
    await bench.time.advance(100);
    await stopping;
    expect(bench.starts("a")).toBe(1);
    expect(exitReason(supervisor)).toEqual({ type: "shutdown" });
    expect(bench.errors()).toEqual(["shutdown_error a"]);
  });

  test("a root that a stranger stops counts as shut down, and takes its tree along", async () => {
    const supervisor = await bench.supervisor([nest("inner", "x"), bench.worker("a")]);
    const inner = await bench.child(supervisor, "inner");
    supervisor.stop();
    expect(exitReason(supervisor)).toEqual({ type: "shutdown" });
    expect(ended(inner)).toBe("shutdown");
    expect(bench.news().slice(2)).toEqual(["end a shutdown", "end x shutdown"]);
  });

  test("S162: a killed supervisor takes no further step, even in the middle of a stop, a start or a retry", async () => {
    const midStop = await bench.supervisor([
      bench.worker("a"),
      bench.worker("b", { onStop: "refuse", shutdown: "infinity" }),
    ]);
    void Supervisor.terminateChild(midStop, "b").catch(() => {});
    await bench.rest();
    const midStart = await bench.supervisor([]);
    void Supervisor.startChild(midStart, bench.worker("c", { starts: ["hang"] })).catch(() => {});
    const midRetry = await bench.supervisor(
      [bench.worker("d", { starts: ["ok", ...Array<"error">(99).fill("error")] })],
      {
        maxRestarts: 99,
      },
    );
    (await bench.child(midRetry, "d")).send({ type: "end", reason: "crash" });
    await bench.rest();
    const tries = bench.starts("d");
    expect(tries).toBeGreaterThan(1);
    for (const supervisor of [midStop, midStart, midRetry]) kill(supervisor);
    bench.news();
    bench.reports.length = 0;
    await bench.rest();
    await bench.time.advance(1_000_000);
    expect(bench.news()).toEqual([]);
    expect(bench.errors()).toEqual([]);
    expect(bench.starts("d")).toBe(tries);
    expect(bench.time.pending).toBe(0);
  });

  test("S105: an unknown message is logged and ignored, and so is an unknown call refused: the supervisor lives on", async () => {
    const supervisor = await bench.supervisor(bench.workers("a"));
    supervisor.send({ type: "nonsense" });
    await expect(call(supervisor as AnyActorRef, { type: "nonsense" })).rejects.toMatchObject({ code: "undef" });
    expect(await bench.list(supervisor)).toBe("a:running");
  });

  test("S103, S166: requests and exits that arrive during a slow stop are served afterwards, in order", async () => {
    const supervisor = await bench.supervisor([bench.worker("slow", { onStop: 100 }), bench.worker("b")]);
    const terminating = Supervisor.terminateChild(supervisor, "slow");
    await bench.rest();
    const b = supervisor.getSnapshot().children.b as AnyActorRef;
    b.send({ type: "end", reason: "crash" });
    const counting = Supervisor.countChildren(supervisor);
    const deleting = Supervisor.deleteChild(supervisor, "slow");
    await bench.rest();
    expect(bench.starts("b")).toBe(1);
    await bench.time.advance(100);
    await Promise.all([terminating, deleting]);
    expect(await counting).toEqual({ specs: 2, active: 1, supervisors: 0, workers: 2 });
    expect(await bench.list(supervisor)).toBe("b:running");
    expect(bench.starts("b")).toBe(2);
  });

  test("S104: a child whose start asks its own supervisor waits until its start has timed out; the request is served later", async () => {
    const supervisor = await bench.supervisor([bench.worker("a")]);
    const asking = {
      id: "asking",
      startTimeoutMs: 100,
      start: async () => {
        await Supervisor.terminateChild(supervisor, "a");
        return "ignore" as const;
      },
    };
    const starting = expect(Supervisor.startChild(supervisor, asking)).rejects.toMatchObject({
      code: "failed_to_start_child",
    });
    await bench.rest();
    expect(await Promise.race([exited(supervisor), "lives"])).toBe("lives");
    await bench.time.advance(100);
    await starting;
    expect(await bench.list(supervisor)).toBe("a:stopped");
  });
});
