import { exited, kill } from "@trunkline/process";
import { Supervisor } from "@trunkline/supervisor";
import { gate } from "@trunkline/testing";
import { expect, test } from "vitest";
import type { SubscriptionOptions } from "../src/options.ts";
import {
  pauseSubscription,
  resumeSubscription,
  serverView,
  startSubscription,
  stopSubscription,
  subscription,
  subscriptionStats,
} from "../src/subscription.ts";
import { quiet, slotOf, source, type Things, until } from "./source.ts";

test("pause hands out nothing more, resume goes on, and stats tells the four positions", async () => {
  const { database, options } = await source();
  await using _ = database;
  const ids: number[] = [];
  const ref = await startSubscription<Things>(
    { ...options, onChange: (change) => void (change.kind === "insert" && ids.push(change.new.id)) },
    quiet,
  );
  await database.query("INSERT INTO things VALUES (1)");
  await until(() => ids.length === 1);
  await pauseSubscription(ref);
  await database.query("INSERT INTO things VALUES (2)");
  await until(async () => (await subscriptionStats(ref)).unfinished === 1);
  const paused = await subscriptionStats(ref);
  expect(paused).toMatchObject({ state: "streaming", paused: true, handled: 1 });
  const { received = 0n, dispatched = 0n, durable = 0n, acked = 0n } = paused;
  expect(received >= dispatched && dispatched >= durable && durable >= acked).toBe(true);
  expect(ids).toEqual([1]);
  await resumeSubscription(ref);
  await until(() => ids.length === 2);
  expect(await serverView(options)).toMatchObject({ active: true, plugin: "pgoutput" });
  await stopSubscription(ref);
});

test("a stop waits for the handler, tells what it abandons, and frees the slot", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const busy = gate();
  const free = gate();
  const onTransaction = async () => {
    busy.open();
    await free.opened;
  };
  const ref = await startSubscription({ ...options, onTransaction }, quiet);
  await database.query("INSERT INTO things VALUES (1)");
  await busy.opened;
  await database.query("INSERT INTO things VALUES (2)");
  await until(async () => (await subscriptionStats(ref)).unfinished === 2);
  const stopped = stopSubscription(ref);
  await until(async () => (await subscriptionStats(ref)).state === "draining");
  free.open();
  expect(await stopped).toMatchObject({ drained: true, abandoned: 1 });
  expect(await slotOf(database, slot)).toMatchObject({ active: false });
  const again = gate(); // a transaction that is unfinished may still be on its way; what is to be waited for runs
  const forEver = () => {
    again.open();
    return new Promise(() => {});
  };
  const given = await startSubscription({ ...options, onTransaction: forEver }, quiet);
  await again.opened;
  expect(await stopSubscription(given, { drainMs: 0 })).toMatchObject({ drained: false, abandoned: 1 });
});

test("a handler that fails is run again; then it stops the subscription, and the transaction comes again", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const attempts: number[] = [];
  const ref = await startSubscription<Things>(
    {
      ...options,
      onFailure: { retries: 2, backoffMs: 1 },
      onTransaction: async (transaction) => {
        for await (const _change of transaction.changes);
        attempts.push(transaction.attempt);
        throw new Error("the sink is down");
      },
    },
    quiet,
  );
  const ended = exited(ref);
  await database.query("INSERT INTO things VALUES (1)");
  expect(await ended).toMatchObject({ type: "error", error: { code: "handler_failed" } });
  expect(attempts).toEqual([1, 2, 3]);
  expect(await slotOf(database, slot)).toMatchObject({ active: false });
  const parked: number[] = [];
  const ids: number[] = [];
  const again = await startSubscription<Things>(
    {
      ...options,
      onFailure: {
        retries: 0,
        park: async (transaction) => {
          for await (const change of transaction.changes) if (change.kind === "insert") parked.push(change.new.id);
        },
      },
      onChange: (change) => {
        if (change.kind !== "insert") return;
        if (change.new.id === 1) throw new Error("not this one");
        ids.push(change.new.id);
      },
    },
    quiet,
  );
  await database.query("INSERT INTO things VALUES (2)");
  await until(() => ids.length === 1);
  await stopSubscription(again);
  expect([parked, ids]).toEqual([[1], [2]]);
});

test("a large transaction that fails in the middle comes again from the server, before those after it", async () => {
  const { database, options } = await source();
  await using _ = database;
  const seen: (readonly [attempt: number, rows: number])[] = [];
  const ref = await startSubscription<Things>(
    {
      ...options,
      buffer: { changes: 50 },
      onFailure: { retries: 1, backoffMs: 1 },
      onTransaction: async (transaction) => {
        let rows = 0;
        for await (const _change of transaction.changes) {
          rows += 1;
          if (rows === 500 && transaction.attempt === 1) throw new Error("in the middle");
        }
        seen.push([transaction.attempt, rows]);
      },
    },
    quiet,
  );
  await database.query("INSERT INTO things SELECT generate_series(1, 2000)");
  await database.query("INSERT INTO things VALUES (5000)");
  await until(() => seen.length === 2);
  await stopSubscription(ref);
  expect(seen).toEqual([
    [2, 2000],
    [1, 1],
  ]);
});

test("one owner at a time: the standby takes over when the owner is killed; takeover ends it; fail refuses", async () => {
  const { database, options } = await source();
  await using _ = database;
  const owners: string[] = [];
  const as = (name: string, ownership: "standby" | "takeover" | "fail") =>
    startSubscription({ ...options, ownership, standbyPollMs: 20, onTransaction: () => void owners.push(name) }, quiet);
  const first = await as("first", "standby");
  const second = await as("second", "standby");
  expect((await subscriptionStats(second)).state).toBe("standingBy");
  await expect(as("refused", "fail")).rejects.toMatchObject({ reason: { error: { code: "owned_elsewhere" } } });
  await database.query("INSERT INTO things VALUES (1)");
  await until(
    async () =>
      (await subscriptionStats(first)).acked === (await subscriptionStats(first)).received && owners.length === 1,
  );
  kill(first);
  await until(async () => (await subscriptionStats(second)).state === "streaming");
  await database.query("INSERT INTO things VALUES (2)");
  await until(() => owners.includes("second"));
  await until(async () => (await subscriptionStats(second)).unfinished === 0);
  const third = await as("third", "takeover");
  await until(async () => (await subscriptionStats(third)).state === "streaming");
  await database.query("INSERT INTO things VALUES (3)");
  await until(() => owners.includes("third"));
  await until(async () => (await subscriptionStats(second)).state === "standingBy");
  await stopSubscription(third);
  await stopSubscription(second);
});

test("a supervisor starts it again after a crash of its handler, and stops it in time", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  let failures = 0;
  const ids: number[] = [];
  const spec = subscription<Things>({
    ...options,
    name: `named_${slot}`,
    onFailure: { retries: 0 },
    onChange: (change) => {
      if (change.kind !== "insert") return;
      if (failures === 0) {
        failures += 1;
        throw new Error("once");
      }
      ids.push(change.new.id);
    },
  });
  const app = await Supervisor.startLink([spec], { strategy: "one_for_one", ...quiet });
  await database.query("INSERT INTO things VALUES (1)");
  await until(() => ids.length === 1);
  await Supervisor.stop(app, "shutdown");
  expect(await slotOf(database, slot)).toMatchObject({ active: false });
  expect(ids).toEqual([1]);
});

test("a killed subscription hands out nothing more, so that the next one is not overtaken by it", async () => {
  const { database, options } = await source();
  await using _ = database;
  const busy = gate();
  const free = gate();
  const runs: { readonly by: string; readonly id: number }[] = [];
  let signal: AbortSignal | undefined;
  const as = (by: string): NonNullable<SubscriptionOptions<Things>["onTransaction"]> => {
    return async (transaction) => {
      signal ??= transaction.signal;
      for await (const change of transaction.changes)
        if (change.kind === "insert") runs.push({ by, id: change.new.id });
      busy.open();
      if (by === "killed") await free.opened;
    };
  };
  const first = await startSubscription<Things>({ ...options, onTransaction: as("killed") }, quiet);
  for (const id of [1, 2, 3]) await database.query("INSERT INTO things VALUES ($1)", [id]);
  await busy.opened;
  await until(async () => (await subscriptionStats(first)).unfinished === 3);
  kill(first);
  expect(signal?.aborted).toBe(true);
  free.open();
  const second = await startSubscription<Things>({ ...options, onTransaction: as("next") }, quiet);
  await until(() => runs.length === 4);
  await database.query("INSERT INTO things VALUES (4)");
  await until(() => runs.length === 5);
  await stopSubscription(second);
  const next = [1, 2, 3, 4].map((id) => ({ by: "next", id }));
  expect(runs).toEqual([{ by: "killed", id: 1 }, ...next]);
});
