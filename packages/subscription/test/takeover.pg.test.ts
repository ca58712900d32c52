import { kill, makeRuntime, SimulatedTime, silentLogger } from "@trunkline/process";
import { expect, test } from "vitest";
import { startSubscription, stopSubscription, subscriptionStats } from "../src/subscription.ts";
import { quiet, slotOf, source, until } from "./source.ts";

test("a standby looks every 500 ms, and its first look after the end of the owner's session makes it the owner", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const handled: string[] = [];
  const as = (name: string) => ({ ...options, onTransaction: () => void handled.push(name) });
  const clock = new SimulatedTime();
  const owner = await startSubscription(as("owner"), quiet);
  await until(async () => (await subscriptionStats(owner)).state === "streaming");
  const standby = await startSubscription(as("standby"), {
    runtime: makeRuntime({ logger: silentLogger, clock }),
  });
  const looks = () =>
    database.query<{ at: string }>(
      `SELECT query_start::text AS at FROM pg_stat_activity
       WHERE datname = current_database() AND backend_type = 'walsender' AND state = 'idle'`,
    );
  // It looks, and goes on standing by, for as long as the owner lives.
  for (let look = 0; look < 3; look += 1) {
    const [before] = await looks();
    await clock.advance(500);
    await until(async () => (await looks())[0]?.at !== before?.at);
    expect((await subscriptionStats(standby)).state).toBe("standingBy");
  }
  const ownerPid = (await slotOf(database, slot))?.pid;
  kill(owner);
  await until(
    async () => (await database.query("SELECT FROM pg_stat_activity WHERE pid = $1", [ownerPid])).length === 0,
  );
  await clock.advance(500);
  await until(async () => (await subscriptionStats(standby)).state === "streaming");
  expect(clock.now()).toBe(2000);
  await database.query("INSERT INTO things VALUES (1)");
  await until(() => handled.length === 1);
  await stopSubscription(standby);
  expect(handled).toEqual(["standby"]);
});
