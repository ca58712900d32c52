import { exitReason, isRunning, kill, startLink, trapExit } from "@trunkline/process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ActorLogic, type AnyActorRef, type AnyEventObject, fromCallback, type Snapshot } from "xstate";
import { Bench, ended } from "../test/bench.ts";
import { TaskSupervisor } from "./task-supervisor.ts";

let bench: Bench;
let supervisor: AnyActorRef;
beforeEach(async () => {
  bench = new Bench();
  supervisor = bench.root(await TaskSupervisor.startLink({ runtime: bench.runtime, unref: true }));
});
afterEach(() => bench.close());

const process = async () => bench.root(await startLink({ logic: fromCallback(() => {}) }, { runtime: bench.runtime }));

type Heard = Snapshot<undefined> & { readonly events: readonly AnyEventObject[] };
const listener: ActorLogic<Heard, AnyEventObject> = {
  getInitialSnapshot: () => ({ status: "active", output: undefined, error: undefined, events: [] }),
  transition: (snapshot, event) =>
    event.type === "xstate.stop"
      ? { ...snapshot, status: "stopped", output: undefined, error: undefined }
      : { ...snapshot, events: [...snapshot.events, event] },
  start: (_snapshot, { self }) => trapExit(self),
  getPersistedSnapshot: (snapshot) => snapshot,
};
const trapping = async () => bench.root(await startLink({ logic: listener }, { runtime: bench.runtime }));

const never = () => new Promise<never>(() => {});
const boom = async () => {
  throw new Error("boom");
};

describe("TaskSupervisor", () => {
  test("S119: a task is a temporary child with 5000 ms to shut down, and runs once", async () => {
    let runs = 0;
    await TaskSupervisor.startChild(supervisor, () => {
      runs += 1;
      throw new Error("boom");
    });
    await bench.rest();
    expect(runs).toBe(1);
    expect((await TaskSupervisor.countChildren(supervisor)).specs).toBe(0);
  });

  test("S119: a task's function runs after its start, so whatever it does at once is no start failure", async () => {
    const task = await TaskSupervisor.asyncNolink(undefined, supervisor, ({ self }) => kill(self));
    expect(await TaskSupervisor.yield(undefined, task)).toEqual({ type: "exit", reason: { type: "killed" } });
  });

  test("S120: async gives the value to whoever awaits it", async () => {
    const self = await process();
    const task = await TaskSupervisor.async(self, supervisor, async () => 42);
    expect(await TaskSupervisor.await(self, task)).toBe(42);
    expect(exitReason(task.ref)).toEqual({ type: "normal" });
    expect(isRunning(self)).toBe(true);
  });

  test("S120: a crash of the task ends a caller that does not trap exits, and a death of the caller ends the task", async () => {
    const self = await process();
    await TaskSupervisor.async(self, supervisor, boom);
    await bench.rest();
    expect(ended(self)).toBe("error");
    const other = await process();
    const task = await TaskSupervisor.async(other, supervisor, never);
    kill(other);
    await bench.rest();
    expect(ended(task.ref)).toBe("killed");
  });

  test("S120: a caller that traps exits lives and gets the exit signal", async () => {
    const self = await trapping();
    const task = await TaskSupervisor.async(self, supervisor, boom);
    await bench.rest();
    expect(self.getSnapshot().events).toMatchObject([{ type: "otp.exit", from: task.ref, reason: { type: "error" } }]);
  });

  test("S121: a crash of an asyncNolink task arrives as otp.down, or from await; caller and task outlive each other", async () => {
    const self = await trapping();
    const task = await TaskSupervisor.asyncNolink(self, supervisor, boom);
    await expect(TaskSupervisor.await(self, task)).rejects.toMatchObject({ code: "exited", reason: { type: "error" } });
    expect(self.getSnapshot().events).toMatchObject([
      { type: "otp.down", process: task.ref, reason: { type: "error" } },
    ]);
    const surviving = await TaskSupervisor.asyncNolink(self, supervisor, never);
    kill(self);
    await bench.rest();
    expect(isRunning(surviving.ref)).toBe(true);
  });

  test("S122: startChild may be transient or permanent; at the limit all three are refused", async () => {
    let runs = 0;
    await TaskSupervisor.startChild(
      supervisor,
      () => {
        runs += 1;
        if (runs < 3) throw new Error("boom");
      },
      { restart: "transient" },
    );
    await bench.rest();
    expect(runs).toBe(3);
    const small = bench.root(await TaskSupervisor.startLink({ maxChildren: 0, runtime: bench.runtime, unref: true }));
    const self = await process();
    await expect(TaskSupervisor.startChild(small, never)).rejects.toMatchObject({ code: "max_children" });
    await expect(TaskSupervisor.async(self, small, never)).rejects.toMatchObject({ code: "max_children" });
    await expect(TaskSupervisor.asyncNolink(self, small, never)).rejects.toMatchObject({ code: "max_children" });
  });

  test("S123: await fails with timeout after 5000 ms by default, and leaves the task running", async () => {
    const task = await TaskSupervisor.asyncNolink(undefined, supervisor, never);
    const waiting = expect(TaskSupervisor.await(undefined, task)).rejects.toMatchObject({ code: "timeout" });
    await bench.time.advance(5_000);
    await waiting;
    expect(isRunning(task.ref)).toBe(true);
  });

  test("S123: yield gives nothing on timeout, later the value or the exit", async () => {
    let finish = (_: number): void => {};
    const task = await TaskSupervisor.asyncNolink(
      undefined,
      supervisor,
      () =>
        new Promise<number>((resolve) => {
          finish = resolve;
        }),
    );
    const early = TaskSupervisor.yield(undefined, task, 100);
    await bench.time.advance(100);
    expect(await early).toBeUndefined();
    finish(7);
    expect(await TaskSupervisor.yield(undefined, task, 100)).toEqual({ type: "ok", value: 7 });
    const crashed = await TaskSupervisor.asyncNolink(undefined, supervisor, boom);
    expect(await TaskSupervisor.yield(undefined, crashed)).toMatchObject({ type: "exit", reason: { type: "error" } });
    expect(bench.time.pending).toBe(0);
  });

  test("S123: shutdown stops a task, aborting its signal, and gives the value that was there already", async () => {
    let aborted = false;
    const running = await TaskSupervisor.asyncNolink(undefined, supervisor, ({ signal }) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return never();
    });
    await bench.rest();
    expect(await TaskSupervisor.shutdown(undefined, running)).toBeUndefined();
    expect(ended(running.ref)).toBe("shutdown");
    expect(aborted).toBe(true);
    const done = await TaskSupervisor.asyncNolink(undefined, supervisor, () => "value");
    await bench.rest();
    expect(await TaskSupervisor.shutdown(undefined, done, "brutal_kill")).toEqual({ type: "ok", value: "value" });
    const killed = await TaskSupervisor.asyncNolink(undefined, supervisor, never);
    expect(await TaskSupervisor.shutdown(undefined, killed, "brutal_kill")).toBeUndefined();
    expect(ended(killed.ref)).toBe("killed");
  });

  test("S124: only the process that started a task may await it", async () => {
    const self = await process();
    const task = await TaskSupervisor.async(self, supervisor, async () => 1);
    for (const other of [undefined, await process()]) {
      await expect(TaskSupervisor.await(other, task)).rejects.toMatchObject({ code: "not_owner" });
      await expect(TaskSupervisor.yield(other, task)).rejects.toMatchObject({ code: "not_owner" });
      await expect(TaskSupervisor.shutdown(other, task)).rejects.toMatchObject({ code: "not_owner" });
    }
  });

  test("S125: stopping the supervisor ends running tasks with shutdown, which awaiting callers see", async () => {
    const task = await TaskSupervisor.asyncNolink(undefined, supervisor, never);
    const waiting = expect(TaskSupervisor.await(undefined, task)).rejects.toMatchObject({
      code: "exited",
      reason: { type: "shutdown" },
    });
    await TaskSupervisor.stop(supervisor);
    await waiting;
  });

  test("S162: the late result of a killed task is without effect", async () => {
    let finish = (_: string): void => {};
    const task = await TaskSupervisor.asyncNolink(
      undefined,
      supervisor,
      () =>
        new Promise<string>((resolve) => {
          finish = resolve;
        }),
    );
    await bench.rest();
    kill(task.ref);
    finish("too late");
    expect(await TaskSupervisor.yield(undefined, task)).toEqual({ type: "exit", reason: { type: "killed" } });
  });
});
