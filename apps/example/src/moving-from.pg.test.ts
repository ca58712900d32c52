import { readFile } from "node:fs/promises";
import { makeRuntime, silentLogger } from "@trunkline/process";
import {
  type SubscriptionOptions,
  type SubscriptionRef,
  startSubscription,
  stopSubscription,
} from "@trunkline/subscription";
import { startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";

const page = await readFile(new URL("../../../docs/guides/moving-from.md", import.meta.url), "utf8");
const [afterService = "", afterSubscribe = ""] = [...page.matchAll(/^```ts\n\/\/ after\n([\s\S]*?)^```$/gm)].map(
  ([, code]) => code,
);

/** Runs a block of the page, and answers with what it started. */
async function run(code: string, connectionString: string, index: (row: object) => void): Promise<SubscriptionRef> {
  const started: SubscriptionRef[] = [];
  const start = async (options: SubscriptionOptions) =>
    void started.push(await startSubscription(options, { runtime: makeRuntime({ logger: silentLogger }) }));
  const AsyncFunction = (async () => {}).constructor as new (
    ...text: string[]
  ) => (...values: unknown[]) => Promise<void>;
  await new AsyncFunction("startSubscription", "connectionString", "index", code)(start, connectionString, index);
  const [ref] = started;
  if (ref === undefined) throw new Error("The block started nothing.");
  return ref;
}

test("a slot that another consumer has read is taken over where that one confirmed", async () => {
  await using server = await startPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE orders (id int PRIMARY KEY)");
  await database.query("CREATE PUBLICATION orders FOR TABLE orders");
  await database.query("SELECT pg_create_logical_replication_slot('orders_slot', 'pgoutput')");
  await database.query("INSERT INTO orders VALUES (1)");
  const read =
    "SELECT pg_logical_slot_get_binary_changes($1, NULL, NULL, 'proto_version', '1', 'publication_names', $2)";
  await database.query(read, ["orders_slot", "orders"]);
  await database.query("INSERT INTO orders VALUES (2)");
  const rows: object[] = [];
  const ref = await run(afterService, database.url, (row) => void rows.push(row));
  await expect.poll(() => rows).toEqual([{ id: 2 }]);
  await stopSubscription(ref);
  await database.query("SELECT pg_drop_replication_slot('orders_slot')");
});

test("what stands for postgres.js' pattern hears of inserts, and of nothing else", async () => {
  await using server = await startPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE orders (id int PRIMARY KEY)");
  const rows: object[] = [];
  const ref = await run(afterSubscribe, database.url, (row) => void rows.push(row));
  for (const sql of ["INSERT INTO orders VALUES (1)", "DELETE FROM orders", "INSERT INTO orders VALUES (2)"]) {
    await database.query(sql);
  }
  await expect.poll(() => rows).toEqual([{ id: 1 }, { id: 2 }]);
  await stopSubscription(ref);
  await database.query("SELECT pg_drop_replication_slot('orders')");
});
