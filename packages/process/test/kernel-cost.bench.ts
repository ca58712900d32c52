// What the kernel costs over bare XState: run with `tsx --conditions=@trunkline/source packages/process/test/kernel-cost.bench.ts`.
import { createActor, fromTransition, setup } from "xstate";
import { cast, exit, kill, makeRuntime, settle, silentLogger, startLink, trapExit } from "../src/index.ts";

const logic = fromTransition((n: number, _event: { readonly type: string }) => n + 1, 0);
const machine = setup({ types: { events: {} as { readonly type: string } } }).createMachine({ on: { go: {} } });
const runtime = makeRuntime({ logger: silentLogger });

function report(what: string, times: number, ms: number): void {
  console.log(`${what.padEnd(58)} ${((ms * 1e6) / times).toFixed(0).padStart(8)} ns`);
}

function measure(what: string, times: number, run: () => void): void {
  run();
  const start = performance.now();
  run();
  report(what, times, performance.now() - start);
}

const events = 200_000;
const bare = createActor(logic).start();
const kept = await startLink({ logic }, { runtime });
measure("event, bare reducer", events, () => {
  for (let i = 0; i < events; i += 1) bare.send({ type: "go" });
});
measure("event, reducer as a process", events, () => {
  for (let i = 0; i < events; i += 1) kept.send({ type: "go" });
});
const bareMachine = createActor(machine).start();
const keptMachine = await startLink({ logic: machine }, { runtime });
measure("event, bare machine", events, () => {
  for (let i = 0; i < events; i += 1) bareMachine.send({ type: "go" });
});
measure("event, machine as a process", events, () => {
  for (let i = 0; i < events; i += 1) keptMachine.send({ type: "go" });
});
measure("cast, reducer as a process", events, () => {
  for (let i = 0; i < events; i += 1) cast(kept, 1);
});

const actors = 20_000;
measure("create, start and stop, bare root", actors, () => {
  for (let i = 0; i < actors; i += 1) createActor(logic).start().stop();
});
const parent = await startLink({ logic }, { runtime });
trapExit(parent);
for (let round = 0; round < 3; round += 1) {
  const start = performance.now();
  for (let i = 0; i < actors; i += 1) kill(await startLink({ logic }, { parent }));
  report("startLink and kill, linked child", actors, performance.now() - start);
  await settle();
}
for (const count of [1_000, 10_000, 100_000]) {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const start = performance.now();
  const children = [];
  for (let i = 0; i < count; i += 1) children.push(await startLink({ logic }, { parent }));
  report(`startLink of ${count} children that live together`, count, performance.now() - start);
  globalThis.gc?.();
  const bytes = (process.memoryUsage().heapUsed - before) / count;
  console.log(`${`heap per child of ${count}`.padEnd(58)} ${bytes.toFixed(0).padStart(8)} bytes`);
  const stopping = performance.now();
  for (const child of children) exit(child, "shutdown", parent);
  await settle();
  report(`shutdown of ${count} children`, count, performance.now() - stopping);
}
