// What supervision costs: tsx --conditions=@trunkline/source --expose-gc packages/supervisor/test/cost.ts
// Printed, never asserted: the figures are those of the machine at that moment.
import { exited, kill, makeRuntime, silentLogger, startLink } from "@trunkline/process";
import { type AnyActorRef, createActor, fromTransition } from "xstate";
import { DynamicSupervisor, Supervisor } from "../src/index.ts";

const logic = fromTransition((count: number, event: { type: string }) => {
  if (event.type === "crash") throw new Error("boom");
  return count + 1;
}, 0);
const runtime = makeRuntime({ logger: silentLogger });
const options = { runtime, unref: true } as const;
const child = (id: number) => ({ id, start: { logic }, restart: "transient" as const });

const collect = (globalThis as { gc?: () => void }).gc;
const row = (what: string, figure: string): void => console.log(`${what.padEnd(66)} ${figure.padStart(16)}`);
const micros = (ms: number, count: number): string => `${((ms * 1000) / count).toFixed(1)} µs`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

async function startAndStop(count: number): Promise<void> {
  const specs = Array.from({ length: count }, (_, id) => child(id));
  let root: AnyActorRef | undefined;
  const starting = await timed(async () => {
    root = await Supervisor.startLink(specs, { strategy: "one_for_one", ...options });
  });
  row(`start ${count} children of one Supervisor, each`, micros(starting, count));
  row(`stop them in reverse order, each`, micros(await timed(() => Supervisor.stop(root as AnyActorRef)), count));
  const dynamic = await DynamicSupervisor.startLink(options);
  const adding = await timed(async () => {
    for (let id = 0; id < count; id += 1) await DynamicSupervisor.startChild(dynamic, child(id));
  });
  row(`start ${count} children of a DynamicSupervisor by request, each`, micros(adding, count));
  row(`stop them all at once, each`, micros(await timed(() => DynamicSupervisor.stop(dynamic)), count));
}

async function restartStorm(count: number): Promise<void> {
  const flags = { strategy: "one_for_one", maxRestarts: count + 1, maxSeconds: 3600, ...options } as const;
  const root = await Supervisor.startLink([child(0)], flags);
  const storm = await timed(async () => {
    for (let i = 0; i < count; i += 1) {
      const children = await Supervisor.whichChildren(root);
      for (const { ref } of children) if (typeof ref === "object") ref.send({ type: "crash" });
    }
    await Supervisor.whichChildren(root);
  });
  row(`a storm of ${count} crashes and restarts of one child, each`, micros(storm, count));
  kill(root);
}

async function overhead(count: number): Promise<void> {
  const bare = await timed(async () => {
    for (let i = 0; i < count; i += 1) createActor(logic).start().stop();
  });
  row("create, start and stop a bare XState actor", micros(bare, count));
  const processes = await timed(async () => {
    for (let i = 0; i < count; i += 1) kill(await startLink({ logic }, { runtime }));
  });
  row("the same as a process of the kernel", micros(processes, count));
  const dynamic = await DynamicSupervisor.startLink(options);
  const supervised = await timed(async () => {
    for (let i = 0; i < count; i += 1) {
      const ref = (await DynamicSupervisor.startChild(dynamic, child(i))) as AnyActorRef;
      await DynamicSupervisor.terminateChild(dynamic, ref);
    }
  });
  row("the same as a supervised child, by two requests", micros(supervised, count));
  const actor = createActor(logic).start();
  const ref = (await DynamicSupervisor.startChild(dynamic, child(0))) as AnyActorRef;
  for (const [what, target] of [
    ["a bare actor", actor],
    ["a supervised child", ref],
  ] as const) {
    const sending = await timed(async () => {
      for (let i = 0; i < count * 20; i += 1) target.send({ type: "add" });
    });
    row(`send one event to ${what}`, micros(sending, count * 20));
  }
  await DynamicSupervisor.stop(dynamic);
}

async function memory(count: number): Promise<void> {
  if (collect === undefined) {
    row("memory per supervised child", "run with --expose-gc");
    return;
  }
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const empty = heap();
  const actors = Array.from({ length: count }, () => createActor(logic).start());
  const bare = heap();
  row("heap of a bare XState actor", `${Math.round((bare - empty) / count)} B`);
  for (const actor of actors) actor.stop();
  actors.length = 0;
  const before = heap();
  const dynamic = await DynamicSupervisor.startLink(options);
  for (let id = 0; id < count; id += 1) await DynamicSupervisor.startChild(dynamic, child(id));
  row("heap of a supervised child, spec and actor", `${Math.round((heap() - before) / count)} B`);
  const ended = exited(dynamic);
  kill(dynamic);
  await ended;
  row("heap that is left per child after the kill", `${Math.round((heap() - before) / count)} B`);
}

async function tableOperations(): Promise<void> {
  for (const count of [1_000, 10_000, 100_000]) {
    const specs = Array.from({ length: count }, (_, id) => child(id));
    const root = await Supervisor.startLink(specs, { strategy: "one_for_one", maxRestarts: 1e6, ...options });
    const rounds = 2_000;
    const cycle = await timed(async () => {
      for (let i = 0; i < rounds; i += 1) {
        await Supervisor.terminateChild(root, i % count);
        await Supervisor.restartChild(root, i % count);
        await Supervisor.getChildspec(root, i % count);
      }
    });
    row(`terminate, restart and look up one of ${count} children`, micros(cycle, rounds));
    kill(root);
  }
}

await startAndStop(100_000);
await restartStorm(10_000);
await overhead(20_000);
await memory(20_000);
await tableOperations();
