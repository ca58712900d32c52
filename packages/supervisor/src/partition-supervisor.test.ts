import { availableParallelism } from "node:os";
import { isRunning, kill, startLink, whereis } from "@trunkline/process";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fromCallback, fromTransition } from "xstate";
import { Bench } from "../test/bench.ts";
import { partitionOf } from "./partition-key.ts";
import { PartitionSupervisor, type PartitionSupervisorOptions } from "./partition-supervisor.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

const counter = {
  start: {
    logic: fromTransition(
      (state: { count: number; input: unknown }, _event: { type: "add" }) => ({ ...state, count: state.count + 1 }),
      ({ input }: { input: unknown }) => ({
        count: 0,
        input,
      }),
    ),
    input: "shared",
  },
};
const start = async (options: Partial<PartitionSupervisorOptions> = {}) =>
  bench.root(
    await PartitionSupervisor.startLink({
      name: "parts",
      childSpec: counter,
      runtime: bench.runtime,
      unref: true,
      ...options,
    }),
  );
const at = (key: unknown) => {
  const ref = whereis(PartitionSupervisor.via("parts", key));
  if (ref === undefined) throw new Error("nobody there");
  return ref;
};

describe("PartitionSupervisor", () => {
  test("S115: it starts one copy for each partition, with the ids 0 to n-1, as many as Node can run in parallel by default", async () => {
    const supervisor = await start({ partitions: 3 });
    expect((await PartitionSupervisor.whichChildren(supervisor)).map(({ id }) => id)).toEqual([2, 1, 0]);
    kill(supervisor);
    await start();
    expect(PartitionSupervisor.partitions("parts")).toBe(availableParallelism());
  });

  test("S115: a name and a child spec are required, autoShutdown is never, partitions a positive whole number", async () => {
    const refusals: [object, string][] = [
      [{ name: undefined }, "badarg"],
      [{ childSpec: undefined }, "badarg"],
      [{ autoShutdown: "any_significant" }, "invalid_auto_shutdown"],
      [{ partitions: 0 }, "invalid_partitions"],
      [{ withArguments: 1 }, "badarg"],
      [{ childSpec: { start: "x" } }, "invalid_mfa"],
      [{ partition: 1 }, "badarg"],
    ];
    for (const [options, code] of refusals) await expect(start(options)).rejects.toMatchObject({ code });
  });

  test("S116: withArguments makes the input of each partition", async () => {
    await start({ partitions: 2, withArguments: (input, partition) => [input, partition] });
    expect([at(0), at(1)].map((ref) => ref.getSnapshot().context.input)).toEqual([
      ["shared", 0],
      ["shared", 1],
    ]);
  });

  test("S117: an integer key is routed by its absolute value, any other by a stable hash", () => {
    expect([0, 5, -5, 7n, -7n].map((key) => partitionOf(key, 4))).toEqual([0, 1, 1, 3, 3]);
    // Fixed, so that a change of the hash is seen: it would reroute every key of a running system.
    expect(["a", "user:17", "order-9"].map((key) => partitionOf(key, 1_000_003))).toEqual([60_309, 952_885, 559_840]);
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true }),
        fc.integer({ min: 1, max: 64 }),
        (key, partitions) => {
          const partition = partitionOf(key, partitions);
          expect(partition >= 0 && partition < partitions && Number.isInteger(partition)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("S117: the target is looked up on each use: a restarted partition is found again, others keep their state", async () => {
    await start({ partitions: 2 });
    const [zero, one] = [at(0), at(1)];
    one.send({ type: "add" });
    kill(zero);
    expect(whereis(PartitionSupervisor.via("parts", 0))).toBe(zero);
    await bench.rest();
    expect(at(0)).not.toBe(zero);
    expect(isRunning(at(0))).toBe(true);
    expect(at(1)).toBe(one);
    expect(one.getSnapshot().context.count).toBe(1);
  });

  test("S118: it cannot be used to register a name", async () => {
    await start({ partitions: 2 });
    const registering = startLink(
      { logic: fromCallback(() => {}) },
      { name: PartitionSupervisor.via("nobody", 1), runtime: bench.runtime },
    );
    await expect(registering).rejects.toThrow(/cannot be used to register/);
  });

  test("S118: it is resized down and up between 0 and the initial number; with 0 partitions routing raises", async () => {
    const supervisor = await start({ partitions: 3 });
    const one = at(1);
    expect(await PartitionSupervisor.resize(supervisor, 1)).toBe(3);
    expect(isRunning(one)).toBe(false);
    expect(at(7)).toBe(at(0));
    expect(await PartitionSupervisor.resize(supervisor, 0)).toBe(1);
    expect(() => whereis(PartitionSupervisor.via("parts", 1))).toThrow(expect.objectContaining({ code: "noproc" }));
    expect(await PartitionSupervisor.resize(supervisor, 3)).toBe(0);
    expect(isRunning(at(1))).toBe(true);
    for (const count of [4, -1, 1.5]) {
      await expect(PartitionSupervisor.resize(supervisor, count)).rejects.toMatchObject({ code: "invalid_partitions" });
    }
    expect((await PartitionSupervisor.countChildren(supervisor)).active).toBe(3);
    await PartitionSupervisor.stop(supervisor);
    expect(PartitionSupervisor.partitions("parts")).toBe(0);
  });

  test("S115: as a child it is a supervisor named as it is routed by", async () => {
    await bench.supervisor([PartitionSupervisor.childSpec({ name: "parts", childSpec: counter, partitions: 2 })]);
    expect(isRunning(at("key"))).toBe(true);
  });
});
