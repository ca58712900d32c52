import { readFile } from "node:fs/promises";
import { makeRuntime, silentLogger } from "@trunkline/process";
import { pauseSubscription, resumeSubscription, startSubscription, stopSubscription } from "@trunkline/subscription";
import { sharedPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { copyTable } from "./guides/copy-table.ts";
import { followGuide, readGuide } from "./guides/follow-guide.ts";

test.each(["replica-identity-toast-ddl", "adding-a-table-later"])(
  "the SQL of %s does what the page says",
  async (page) => {
    const guide = readGuide(await readFile(new URL(`../../../docs/guides/${page}.md`, import.meta.url), "utf8"));
    const server = await sharedPostgres();
    await using database = await server.database();
    expect(guide.steps.length).toBeGreaterThan(2);
    expect(await followGuide(guide, database)).toEqual(guide.steps.map(({ expected }) => expected));
  },
);

test("a table that is added and copied later has neither a gap nor a repeat, while others write", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE orders (id int PRIMARY KEY)");
  await database.query("CREATE TABLE customers (id int PRIMARY KEY)");
  await database.query("INSERT INTO customers SELECT generate_series(1, 500)");
  const connection = { connectionString: database.url };
  const streamed: { id: number; commitLsn: bigint }[] = [];
  const ref = await startSubscription<{ orders: { id: number }; customers: { id: number } }>(
    {
      connection,
      slot: `s_${database.name}`,
      publications: { name: "shop", tables: ["orders"] },
      onChange: (change) => {
        if (change.kind !== "insert" || change.table !== "customers") return;
        streamed.push({ id: change.new.id, commitLsn: change.position.commitLsn });
      },
    },
    { runtime: makeRuntime({ logger: silentLogger }) },
  );
  let writing = true;
  const writer = (async () => {
    let id = 500;
    while (writing) await database.query("INSERT INTO customers VALUES ($1)", [++id]);
    return id;
  })();
  await database.query("ALTER PUBLICATION shop ADD TABLE customers");
  await pauseSubscription(ref);
  const copied: number[] = [];
  const { consistentPoint } = await copyTable({
    connection,
    table: "customers",
    onRows: (rows) => void copied.push(...rows.map((row) => Number(row["id"]))),
  });
  await resumeSubscription(ref);
  await expect
    .poll(() => streamed.some(({ commitLsn }) => commitLsn >= consistentPoint), { timeout: 30_000 })
    .toBe(true);
  writing = false;
  const last = await writer;
  await expect.poll(() => streamed.at(-1)?.id, { timeout: 30_000 }).toBe(last);
  await stopSubscription(ref);
  const fresh = streamed.filter(({ commitLsn }) => commitLsn >= consistentPoint).map(({ id }) => id);
  expect([...copied.toSorted((a, b) => a - b), ...fresh]).toEqual(
    Array.from({ length: last }, (_, index) => index + 1),
  );
  expect(await database.query("SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'copy%'")).toEqual([]);
});
