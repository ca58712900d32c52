import { type CallEvent, call, reply } from "@trunkline/process";
import { expect, expectTypeOf, test } from "vitest";
import { fromTransition } from "xstate";
import { DynamicSupervisor, PartitionSupervisor, Supervisor } from "../src/index.ts";
import { Bench } from "./bench.ts";

const logic = fromTransition(
  (total: number, event: CallEvent<{ readonly add: number }, number>) => {
    if (event.type === "call") reply(event.from, total + event.request.add);
    return total;
  },
  ({ input }: { input: { readonly from: number } }) => input.from,
);

test("a started child is typed by its logic: its input, its requests and their replies", async () => {
  const bench = new Bench();
  const supervisor = await bench.supervisor([]);
  const child = await Supervisor.startChild(supervisor, { id: "a", start: { logic, input: { from: 1 } } });
  const dynamic = bench.root(await DynamicSupervisor.startLink({ runtime: bench.runtime, unref: true }));
  const other = await DynamicSupervisor.startChild(dynamic, { start: { logic, input: { from: 2 } } });
  const total = await call(child, { add: 1 });
  expectTypeOf(total).toEqualTypeOf<number>();
  expect([total, await call(other, { add: 1 })]).toEqual([2, 3]);
  bench.root(
    await PartitionSupervisor.startLink({
      name: "typed",
      childSpec: { start: { logic, input: { from: 5 } } },
      partitions: 2,
      runtime: bench.runtime,
      unref: true,
    }),
  );
  const routed = await call(PartitionSupervisor.via<typeof child>("typed", "key"), { add: 1 });
  expectTypeOf(routed).toEqualTypeOf<number>();
  expect(routed).toBe(6);
  await bench.close();
});
