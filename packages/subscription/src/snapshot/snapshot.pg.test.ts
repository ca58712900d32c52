import { createChangeDecoder, type Row, startReplication, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import { connect } from "@trunkline/replication";
import { type PostgresServer, type PostgresVersion, startPostgres, type TestDatabase } from "@trunkline/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pinned } from "../session/sql-session.ts";
import { takeSnapshot } from "./snapshot.ts";

const versions: readonly PostgresVersion[] = [14, 15, 16, 17, 18];

interface Streamed {
  readonly table: string;
  readonly row: Row;
}

/** Streams inserts from a slot until one of the table `done` comes. */
async function streamInserts(database: TestDatabase, slot: string, publication: string): Promise<readonly Streamed[]> {
  const session = await connect(pinned({ connectionString: database.url }));
  const decoder = createChangeDecoder();
  const rows: Streamed[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const sink = {
        data(payload: Buffer): void {
          if (payload[0] !== 0x77) return;
          const change = decoder.decode(payload, X_LOG_DATA_HEADER_BYTES);
          if (change.kind !== "insert") return;
          if (change.relation.name === "done") resolve();
          else rows.push({ table: change.relation.name, row: change.new });
        },
        ended: () => reject(new Error("The stream ended.")),
      };
      session.stream(startReplication({ slot, publications: [publication] }), sink).catch(reject);
    });
  } finally {
    await session.close();
  }
  return rows;
}

/** Takes a snapshot and keeps its rows. */
async function copyAll(database: TestDatabase, slot: string, publications: readonly string[]) {
  const rows: Streamed[] = [];
  const relations: string[] = [];
  const done = await takeSnapshot({
    connection: { connectionString: database.url },
    slot,
    publications,
    onTable: (relation) => void relations.push(`${relation.schema}.${relation.name}`),
    onRows: (relation, batch) => void rows.push(...batch.map((row) => ({ table: relation.name, row }))),
  });
  return { done, rows, relations };
}

const slotsOf = (database: TestDatabase) =>
  database.query<{ name: string }>(
    "SELECT slot_name AS name FROM pg_replication_slots WHERE database = current_database()",
  );

describe.each(versions)("on PostgreSQL %i", (version) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ version });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("W68: rows copied and rows streamed together are all rows, each once, while four writers write", async () => {
    await using database = await server.database();
    await database.query("CREATE TABLE t (id text PRIMARY KEY)");
    await database.query("CREATE TABLE done (id int PRIMARY KEY)");
    await database.query("CREATE PUBLICATION p FOR TABLE t, done");
    const written = new Set<string>();
    let writing = true;
    let begun = 0;
    let allBegun = (): void => {};
    const started = new Promise<void>((resolve) => {
      allBegun = resolve;
    });
    const writers = ["a", "b", "c", "d"].map(async (name) => {
      await using client = await database.client();
      for (let count = 0; writing || count < 50; count += 1) {
        await client.query("BEGIN");
        for (const part of ["x", "y"]) {
          await client.query("INSERT INTO t VALUES ($1)", [`${name}${count}${part}`]);
          written.add(`${name}${count}${part}`);
        }
        await client.query("COMMIT");
        if (count === 10) {
          begun += 1;
          if (begun === 4) allBegun();
        }
      }
    });
    await started;
    const { rows, done } = await copyAll(database, database.name, ["p"]);
    expect(await slotsOf(database)).toEqual([{ name: database.name }]);
    writing = false;
    await Promise.all(writers);
    await database.query("INSERT INTO done VALUES (1)");
    const streamed = await streamInserts(database, database.name, "p");
    const ids = [...rows, ...streamed].map(({ row }) => String(row["id"]));
    expect(ids.toSorted()).toEqual([...written].toSorted());
    expect(rows.length).toBeGreaterThan(0);
    expect(streamed.length).toBeGreaterThan(0);
    const [slot] = await database.query<{ confirmed: string }>(
      "SELECT (confirmed_flush_lsn - '0/0')::text AS confirmed FROM pg_replication_slots WHERE slot_name = $1",
      [database.name],
    );
    expect(BigInt(slot?.confirmed ?? 0)).toBe(done.consistentPoint);
  });

  test("trap 15: a copied row is what the stream brings for the same values, whatever DateStyle the database prefers", async () => {
    await using database = await server.database();
    await database.query("CREATE TYPE mood AS ENUM ('sad', 'not so sad')");
    await database.query(`CREATE TABLE t (
      id bigint PRIMARY KEY, i2 int2, n numeric, f float8, b bool, raw bytea, s text, c char(4), d date,
      ts timestamp, tz timestamptz, iv interval, j json, jb jsonb, u uuid, a int[], ta text[], r int4range, m mood,
      "Odd ""name" text, gone text, g int GENERATED ALWAYS AS (i2 * 2) STORED)`);
    await database.query("ALTER TABLE t DROP COLUMN gone");
    await database.query("CREATE TABLE done (id int PRIMARY KEY)");
    await database.query("CREATE PUBLICATION p FOR TABLE t, done");
    const values = (
      id: number,
    ) => `(${id}, 7, 'NaN', '-0', true, '\\x00ff', E'tab\\t nl\\n cr\\r bs\\b ff\\f vt\\x0b \\\\N \\\\. é🙂',
      'ab', 'infinity', '0044-03-15 01:02:03.5 BC', '2024-06-01 12:00:00.123456+05:30', '1 year -3 days 04:05:06.789',
      '{"b":1,  "a":[1]}', '{"a": null}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{{1,2},{3,NULL}}',
      E'{"a\\tb","NULL",NULL,"\\\\\\\\N"}', '[1,5)', 'not so sad', '')`;
    const columns = `(id, i2, n, f, b, raw, s, c, d, ts, tz, iv, j, jb, u, a, ta, r, m, "Odd ""name")`;
    await database.query(`INSERT INTO t ${columns} VALUES ${values(1)}`);
    await database.query("INSERT INTO t (id) VALUES (2)");
    await database.query(`ALTER DATABASE ${database.name} SET "DateStyle" = 'German'`);
    const { rows, relations } = await copyAll(database, database.name, ["p"]);
    await database.query(`INSERT INTO t ${columns} VALUES ${values(3)}`);
    await database.query("INSERT INTO t (id) VALUES (4)");
    await database.query("INSERT INTO done VALUES (1)");
    const streamed = await streamInserts(database, database.name, "p");
    const without = (list: readonly Streamed[]) => list.map(({ row }) => ({ ...row, id: 0n }));
    expect(rows.map(({ row }) => row["id"])).toEqual([1n, 2n]);
    expect(without(rows)).toEqual(without(streamed));
    expect(rows.map(({ row }) => Object.keys(row))).toEqual(streamed.map(({ row }) => Object.keys(row)));
    expect(relations).toEqual(["public.done", "public.t"]);
  });

  test("what is published is copied: partitions under their root, and no rows of tables that inherit", async () => {
    await using database = await server.database();
    await database.query("CREATE TABLE parts (id int PRIMARY KEY, kind text) PARTITION BY RANGE (id)");
    await database.query("CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (10)");
    await database.query("CREATE TABLE high PARTITION OF parts FOR VALUES FROM (10) TO (20)");
    await database.query("INSERT INTO parts VALUES (1, 'a'), (11, 'b')");
    await database.query("CREATE TABLE parent (id int PRIMARY KEY)");
    await database.query("CREATE TABLE child () INHERITS (parent)");
    await database.query("INSERT INTO parent VALUES (1)");
    await database.query("INSERT INTO child VALUES (2)");
    const options = "WITH (publish_via_partition_root = true)";
    await database.query(`CREATE PUBLICATION p FOR TABLE parts, ONLY parent ${options}`);
    const { rows, done } = await copyAll(database, database.name, ["p"]);
    expect(rows.map(({ table, row }) => `${table} ${String(row["id"])}`).toSorted()).toEqual([
      "parent 1",
      "parts 1",
      "parts 11",
    ]);
    expect(done.tables.map(({ relation, rows: count }) => [relation.name, count])).toEqual([
      ["parent", 1],
      ["parts", 2],
    ]);
  });

  if (version >= 15) {
    test("row filters and column lists hold for the copy too, filters of several publications with OR", async () => {
      await using database = await server.database();
      await database.query("CREATE TABLE t (id int PRIMARY KEY, kept text, secret text)");
      await database.query("INSERT INTO t SELECT n, 'k', 's' FROM generate_series(1, 9) n");
      await database.query("CREATE PUBLICATION small FOR TABLE t (id, kept) WHERE (id < 3)");
      await database.query("CREATE PUBLICATION large FOR TABLE t (id, kept) WHERE (id > 8)");
      const { rows, done } = await copyAll(database, database.name, ["small", "large"]);
      expect(rows.map(({ row }) => row)).toEqual([1, 2, 9].map((id) => ({ id, kept: "k" })));
      const columns = done.tables[0]?.relation.columns.map(({ name, key }) => [name, key]);
      expect(columns).toEqual([
        ["id", true],
        ["kept", false],
      ]);
    });
  }

  test("a handler that fails in the middle leaves no slot, and the next attempt begins anew", async () => {
    await using database = await server.database();
    await database.query("CREATE TABLE t (id int PRIMARY KEY)");
    await database.query("INSERT INTO t SELECT generate_series(1, 5000)");
    await database.query("CREATE PUBLICATION p FOR TABLE t");
    let batches = 0;
    const failing = takeSnapshot({
      connection: { connectionString: database.url },
      slot: database.name,
      publications: ["p"],
      onRows: async () => {
        batches += 1;
        if (batches === 3) throw new Error("the sink is full");
      },
    });
    await expect(failing).rejects.toThrow("the sink is full");
    expect(batches).toBe(3);
    expect(await slotsOf(database)).toEqual([]);
    const { rows } = await copyAll(database, database.name, ["p"]);
    expect(rows).toHaveLength(5000);
  });

  test("a session that is killed in the middle leaves no slot", async () => {
    await using database = await server.database();
    await database.query("CREATE TABLE t (id int PRIMARY KEY)");
    await database.query("INSERT INTO t SELECT generate_series(1, 5000)");
    await database.query("CREATE PUBLICATION p FOR TABLE t");
    for (const type of ["walsender", "client backend"]) {
      const killed = takeSnapshot({
        connection: { connectionString: database.url, parameters: { application_name: "copier" } },
        slot: database.name,
        publications: ["p"],
        onTable: async () => {
          await database.query(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'copier' AND backend_type = $1",
            [type],
          );
        },
        onRows: () => {},
      });
      await expect(killed).rejects.toMatchObject({ code: "57P01" });
      expect(await slotsOf(database)).toEqual([]);
    }
  });

  test("one that is aborted leaves no slot, and a slot that exists is not touched", async () => {
    await using database = await server.database();
    await database.query("CREATE TABLE t (id int PRIMARY KEY)");
    await database.query("CREATE PUBLICATION p FOR TABLE t");
    const controller = new AbortController();
    const aborted = takeSnapshot({
      connection: { connectionString: database.url },
      slot: database.name,
      publications: ["p"],
      onTable: () => controller.abort(new Error("enough")),
      onRows: () => {},
      signal: controller.signal,
    });
    await expect(aborted).rejects.toThrow();
    expect(await slotsOf(database)).toEqual([]);
    await using slot = await database.slot();
    await expect(copyAll(database, slot.name, ["p"])).rejects.toMatchObject({ code: "42710" });
    expect(await slotsOf(database)).toEqual([{ name: slot.name }]);
  });

  test("row security that would hide rows is an error, not a smaller copy", async () => {
    await using database = await server.database();
    const role = `r_${database.name}`;
    await database.query("CREATE TABLE t (id int PRIMARY KEY)");
    await database.query("ALTER TABLE t ENABLE ROW LEVEL SECURITY");
    await database.query("CREATE PUBLICATION p FOR TABLE t");
    await database.query(`CREATE ROLE ${role} LOGIN REPLICATION`);
    await database.query(`GRANT SELECT ON t TO ${role}`);
    const url = new URL(database.url);
    url.username = role;
    const copied = takeSnapshot({
      connection: { connectionString: url.href },
      slot: database.name,
      publications: ["p"],
      onRows: () => {},
    });
    await expect(copied).rejects.toMatchObject({ code: "42501" });
    await database.query(`DROP OWNED BY ${role}`);
    await database.query(`DROP ROLE ${role}`);
  });
});
