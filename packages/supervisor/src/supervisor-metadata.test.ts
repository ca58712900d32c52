import { exited, kill, makeRuntime, metadataOf, SimulatedTime, settle, silentLogger } from "@trunkline/process";
import { expect, test } from "vitest";
import { fromCallback, fromPromise } from "xstate";
import { DynamicSupervisor } from "./dynamic-supervisor.ts";
import { PartitionSupervisor } from "./partition-supervisor.ts";
import { Supervisor } from "./supervisor.ts";
import { mostChildrenTold } from "./supervisor-metadata.ts";
import { TaskSupervisor } from "./task-supervisor.ts";

const idle = fromCallback(() => {});
const simulated = () => {
  const clock = new SimulatedTime();
  return { clock, runtime: makeRuntime({ clock, logger: silentLogger }) };
};

test("a supervisor tells its strategy, its budget, and its children in start order", async () => {
  const { runtime } = simulated();
  const supervisor = await Supervisor.startLink(
    [
      { id: "a", start: { logic: idle }, restart: "transient", shutdown: 100 },
      { id: { b: 1 }, start: { logic: idle } },
    ],
    { strategy: "rest_for_one", maxRestarts: 2, maxSeconds: 7, runtime },
  );
  const [b, a] = await Supervisor.whichChildren(supervisor);
  expect(metadataOf(supervisor)).toEqual({
    kind: "supervisor",
    supervisor: {
      strategy: "rest_for_one",
      maxRestarts: 2,
      maxSeconds: 7,
      restartedAtMs: [],
      maxChildren: undefined,
      childCount: 2,
      children: [
        {
          id: "a",
          process: a?.ref,
          status: "running",
          type: "worker",
          restart: "transient",
          shutdown: 100,
          restarts: 0,
          lastExit: undefined,
        },
        expect.objectContaining({ id: "an object", process: b?.ref, restart: "permanent", shutdown: 5000 }),
      ],
    },
  });
  await Supervisor.stop(supervisor);
});

test("a restart is counted with its child, and against the budget until the window has passed", async () => {
  const { clock, runtime } = simulated();
  const supervisor = await Supervisor.startLink([{ id: "a", start: { logic: idle } }], {
    strategy: "one_for_one",
    maxSeconds: 5,
    runtime,
  });
  const told = () => metadataOf(supervisor).supervisor;
  const first = told()?.children[0]?.process;
  if (first === undefined) throw new Error("it does not run");
  await clock.advance(1000);
  kill(first);
  await settle();
  expect(told()?.restartedAtMs).toEqual([1000]);
  const child = told()?.children[0];
  expect(child).toMatchObject({
    status: "running",
    restarts: 1,
    lastExit: { atMs: 1000, reason: { type: "killed" }, downMs: 0 },
  });
  expect(child?.process).not.toBe(first);
  await clock.advance(5001);
  expect(told()?.restartedAtMs).toEqual([]);
  expect(told()?.children[0]?.restarts).toBe(1);
  await Supervisor.stop(supervisor);
});

test("a child between two attempts is told as restarting, and how long it was away once it is back", async () => {
  const { clock, runtime } = simulated();
  let refused = false;
  const supervisor = await Supervisor.startLink(
    [
      {
        id: "a",
        start: ({ spawn }) => {
          if (refused) throw new Error("not yet");
          return spawn(idle, { id: "a" });
        },
      },
    ],
    { strategy: "one_for_one", maxRestarts: 1000, runtime },
  );
  const told = () => metadataOf(supervisor).supervisor?.children[0];
  const first = told()?.process;
  if (first === undefined) throw new Error("it does not run");
  refused = true;
  kill(first);
  await settle();
  expect(told()).toMatchObject({
    status: "restarting",
    process: undefined,
    restarts: 0,
    lastExit: { downMs: undefined },
  });
  refused = false;
  await clock.advance(0);
  await settle();
  expect(told()).toMatchObject({ status: "running", restarts: 1, lastExit: { reason: { type: "killed" }, downMs: 0 } });
  await Supervisor.stop(supervisor);
});

test("a sibling that was stopped along has its own exit, and a stopped child keeps how it ended", async () => {
  const { runtime } = simulated();
  const supervisor = await Supervisor.startLink(
    [
      { id: "a", start: { logic: idle } },
      { id: "b", start: { logic: idle } },
    ],
    { strategy: "one_for_all", runtime },
  );
  const told = () => metadataOf(supervisor).supervisor?.children;
  const first = told()?.[0]?.process;
  if (first === undefined) throw new Error("it does not run");
  kill(first);
  await settle();
  expect(told()?.map(({ restarts, lastExit }) => [restarts, lastExit?.reason.type])).toEqual([
    [1, "killed"],
    [1, "shutdown"],
  ]);
  await Supervisor.terminateChild(supervisor, "b");
  expect(told()?.[1]).toMatchObject({
    status: "stopped",
    process: undefined,
    lastExit: { reason: { type: "shutdown" } },
  });
  await Supervisor.stop(supervisor);
});

test("a dynamic supervisor of very many children tells of the first, and counts all", async () => {
  const { runtime } = simulated();
  const supervisor = await DynamicSupervisor.startLink({ maxChildren: 5000, runtime });
  const many = mostChildrenTold + 2;
  for (let count = 0; count < many; count += 1) {
    await DynamicSupervisor.startChild(supervisor, { id: `w${count}`, start: { logic: idle } });
  }
  const { kind, supervisor: told } = metadataOf(supervisor);
  expect([kind, told?.childCount, told?.children.length, told?.maxChildren]).toEqual([
    "DynamicSupervisor",
    many,
    mostChildrenTold,
    5000,
  ]);
  expect(told?.children[0]?.id).toBe("w0");
  await DynamicSupervisor.stop(supervisor);
  expect(metadataOf(supervisor).supervisor?.childCount ?? 0).toBe(0);
});

test("partitions and tasks are told of by supervisors of their own kinds", async () => {
  const { runtime } = simulated();
  const partitions = await PartitionSupervisor.startLink({
    name: "parts",
    partitions: 2,
    childSpec: { start: { logic: idle } },
    runtime,
  });
  expect(metadataOf(partitions)).toMatchObject({
    kind: "PartitionSupervisor",
    supervisor: { childCount: 2, children: [{ id: "0" }, { id: "1" }] },
  });
  await PartitionSupervisor.stop(partitions);
  const tasks = await TaskSupervisor.startLink({ runtime });
  const task = await TaskSupervisor.startChild(tasks, ({ signal }) => {
    return new Promise((resolve) => signal.addEventListener("abort", resolve));
  });
  expect(metadataOf(tasks)).toMatchObject({
    kind: "TaskSupervisor",
    supervisor: { children: [{ id: "task", process: task, restart: "temporary" }] },
  });
  const end = exited(task);
  await TaskSupervisor.terminateChild(tasks, task);
  await end;
  expect(metadataOf(tasks).supervisor?.children).toEqual([]);
  await TaskSupervisor.stop(tasks);
});

test("nothing is made while nobody looks, and looking does not touch the children", async () => {
  const { runtime } = simulated();
  const supervisor = await Supervisor.startLink(
    [{ id: "p", start: { logic: fromPromise(() => new Promise(() => {})) } }],
    { strategy: "one_for_one", runtime },
  );
  const before = supervisor.getSnapshot();
  const once = metadataOf(supervisor);
  expect(metadataOf(supervisor)).not.toBe(once);
  expect(supervisor.getSnapshot()).toBe(before);
  await Supervisor.stop(supervisor);
});
