import { makeRuntime, silentLogger } from "@trunkline/process";
import { gate, sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import type { SubscriptionOptions } from "./options.ts";
import { startSubscription, stopSubscription, subscriptionStats } from "./subscription.ts";

const runtime = makeRuntime({ logger: silentLogger });

test("a subscription makes publication and slot, hands out each transaction, and confirms its end", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE orders (id int PRIMARY KEY, note text)");
  const seen: unknown[] = [];
  const done = gate();
  const options: SubscriptionOptions<{ orders: { id: number; note: string } }> = {
    connection: { connectionString: database.url },
    slot: `s_${database.name}`,
    publications: { name: "orders_pub", tables: ["orders"] },
    onTransaction: async (transaction) => {
      for await (const change of transaction.changes) {
        if (change.kind === "insert") seen.push([change.new.id, change.new.note, change.position.index]);
      }
      if (seen.length === 3) done.open();
    },
  };
  const ref = await startSubscription(options, { runtime });
  await database.query("INSERT INTO orders VALUES (1, 'a'), (2, 'b')");
  await database.query("INSERT INTO orders VALUES (3, 'c')");
  await done.opened;
  const { state } = await subscriptionStats(ref);
  expect(state).toBe("streaming");
  const result = await stopSubscription(ref);
  expect(seen).toEqual([
    [1, "a", 0],
    [2, "b", 1],
    [3, "c", 0],
  ]);
  expect(result).toMatchObject({ drained: true, abandoned: 0 });
  const [slot] = await database.query(
    "SELECT active, confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = $1",
    [options.slot],
  );
  expect(slot).toMatchObject({ active: false });
});
