import { lsn, MAX_LSN } from "@trunkline/protocol";
import { sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import type { Checkpoint } from "./checkpoint.ts";
import { postgresCheckpoint } from "./postgres-checkpoint.ts";

const at = (position: bigint, change: Partial<Checkpoint> = {}): Checkpoint => ({
  systemId: "7100000000000000001",
  timeline: 1,
  slot: "s",
  lsn: lsn(position),
  ...change,
});

test("a position commits and rolls back with the rows of its transaction", async () => {
  await using database = await (await sharedPostgres()).database();
  await using client = await database.client();
  const store = postgresCheckpoint({ client, slot: "s" });
  await store.createTable();
  await store.createTable();
  expect(await store.load()).toBeUndefined();
  await client.query("BEGIN");
  await store.saveIn(client, at(1n));
  await client.query("ROLLBACK");
  expect(await store.load()).toBeUndefined();
  await client.query("BEGIN");
  await store.saveIn(client, at(MAX_LSN - 1n, { timeline: 3 }));
  await client.query("COMMIT");
  expect(await store.load()).toEqual(at(MAX_LSN - 1n, { timeline: 3 }));
});

test("of two owners with the same transaction one must roll back, so that its rows are applied once", async () => {
  await using database = await (await sharedPostgres()).database();
  await database.query("CREATE TABLE applied (n int)");
  await using one = await database.client();
  await using two = await database.client();
  await postgresCheckpoint({ client: one, slot: "s" }).createTable();
  const apply = async (client: typeof one) => {
    await client.query("BEGIN");
    await client.query("INSERT INTO applied VALUES (1)");
    try {
      await postgresCheckpoint({ client, slot: "s" }).saveIn(client, at(5n));
      await client.query("COMMIT");
      return "applied";
    } catch (error) {
      await client.query("ROLLBACK");
      return error instanceof Error && "code" in error ? error.code : error;
    }
  };
  expect((await Promise.all([apply(one), apply(two)])).toSorted()).toEqual(["applied", "checkpoint_stale"]);
  expect(await database.query("SELECT count(*)::int AS n FROM applied")).toEqual([{ n: 1 }]);
});

test("the same position is saved twice by itself, but never with rows, and none goes back", async () => {
  await using database = await (await sharedPostgres()).database();
  await using client = await database.client();
  const store = postgresCheckpoint({ client, slot: "s" });
  await store.createTable();
  await store.save(at(5n));
  await store.save(at(5n));
  await expect(store.saveIn(client, at(5n))).rejects.toMatchObject({ code: "checkpoint_stale" });
  await expect(store.save(at(4n))).rejects.toMatchObject({ code: "checkpoint_stale" });
  expect(await store.load()).toEqual(at(5n));
});

test("a position of another system is refused", async () => {
  await using database = await (await sharedPostgres()).database();
  await using client = await database.client();
  await database.query('CREATE SCHEMA "my schema"');
  const store = postgresCheckpoint({ client, slot: "s", schema: "my schema", table: 'po"s' });
  await store.createTable();
  await store.save(at(1n));
  await expect(store.save(at(2n, { systemId: "1" }))).rejects.toMatchObject({ code: "checkpoint_foreign" });
  await expect(store.save(at(2n, { slot: "other" }))).rejects.toMatchObject({ code: "checkpoint_foreign" });
  expect(await store.load()).toEqual(at(1n));
});
