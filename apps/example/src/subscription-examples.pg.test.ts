import { call, makeRuntime, silentLogger } from "@trunkline/process";
import type { SourceOptions } from "@trunkline/subscription";
import { Supervisor } from "@trunkline/supervisor";
import { sharedPostgres, type TestDatabase } from "@trunkline/testing";
import pg from "pg";
import { expect, test } from "vitest";
import { cacheInvalidation } from "./cache-invalidation.ts";
import { mirror } from "./mirror.ts";
import { outboxRelay } from "./outbox-relay.ts";

const app = { strategy: "one_for_one", runtime: makeRuntime({ logger: silentLogger }) } as const;
const sourceOf = ({ url, name }: TestDatabase): Pick<SourceOptions, "connection" | "slot"> => ({
  connection: { connectionString: url },
  slot: `s_${name}`,
});

test("the outbox relay publishes what was committed, in order, with a key that a repeat bears too", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await database.query(
    "CREATE TABLE outbox (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), topic text, payload jsonb)",
  );
  const taken = new Map<string, unknown>();
  let refusals = 2;
  const relay = outboxRelay(sourceOf(database), ({ key, topic, payload }) => {
    taken.set(key, [topic, payload]);
    if (refusals-- > 0) throw new Error("the broker stored it, and its answer was lost");
  });
  const root = await Supervisor.startLink([relay], app);
  await database.query("INSERT INTO outbox (topic, payload) VALUES ('orders', '{\"id\": 1}')");
  await database.query("INSERT INTO outbox (topic, payload) VALUES ('orders', '{\"id\": 2}')");
  await database.query("DELETE FROM outbox");
  await expect.poll(() => taken.size, { timeout: 30_000 }).toBe(2);
  await Supervisor.stop(root, "shutdown");
  expect([...taken.values()]).toEqual([
    ["orders", { id: 1 }],
    ["orders", { id: 2 }],
  ]);
});

test("the cache forgets what has changed, also under its old key, and everything after a TRUNCATE", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE users (id int PRIMARY KEY, name text)");
  const cache = new Map([1, 2, 3, 4].map((id) => [`users:${id}`, id]));
  const spec = cacheInvalidation({ ...sourceOf(database), publications: { name: "users", tables: ["users"] } }, cache);
  const root = await Supervisor.startLink([spec], app);
  await database.query("INSERT INTO users VALUES (1, 'a'), (2, 'b')");
  await database.query("UPDATE users SET id = 3 WHERE id = 2");
  await expect.poll(() => [...cache.values()], { timeout: 30_000 }).toEqual([4]);
  await database.query("TRUNCATE users");
  await expect.poll(() => cache.size, { timeout: 30_000 }).toBe(0);
  await Supervisor.stop(root, "shutdown");
});

test("the mirror is the same after its connections were cut and its process was ended in the middle of a load", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await using copy = await server.database();
  for (const one of [database, copy]) await one.query("CREATE TABLE accounts (id bigint PRIMARY KEY, balance numeric)");
  const sink = new pg.Pool({ connectionString: copy.url });
  sink.on("error", () => {}); // an idle client was ended: the pool makes another
  const slot = sourceOf(database).slot;
  const spec = await mirror(sourceOf(database), sink);
  const named = { ...spec, name: "mirror", id: "mirror" };
  const root = await Supervisor.startLink([named], { ...app, maxRestarts: 100 });
  await database.query("INSERT INTO accounts SELECT n, 0 FROM generate_series(1, 5) AS n");
  for (let round = 1; round <= 60; round += 1) {
    await database.query("UPDATE accounts SET balance = balance + $1 WHERE id = $2", [round, (round % 5) + 1]);
    if (round % 15 === 0) {
      await database.query("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1", [
        slot,
      ]);
    }
    if (round % 20 === 0) await call("mirror", { type: "stop", drainMs: 0 }).catch(() => undefined);
  }
  const all = (one: TestDatabase) => one.query("SELECT id, balance FROM accounts ORDER BY id");
  const wanted = await all(database);
  await expect.poll(() => all(copy), { timeout: 50_000 }).toEqual(wanted);
  await Supervisor.stop(root, "shutdown");
  await sink.end();
});
