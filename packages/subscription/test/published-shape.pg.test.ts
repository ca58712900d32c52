import { gate, type PostgresServer, type PostgresVersion, startPostgres, type TestDatabase } from "@trunkline/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PublicationSpec } from "../src/publication/publication-spec.ts";
import { startSubscription, stopSubscription } from "../src/subscription.ts";
import { quiet, until } from "./source.ts";

/** Copies what is there, streams what `insert` adds, and answers with the tables and rows of both. */
async function copiedAndStreamed(database: TestDatabase, publication: PublicationSpec, insert: string) {
  const copied: unknown[] = [];
  const streamed: unknown[] = [];
  const done = gate(); // the subscription has started when it begins to copy
  const ref = await startSubscription(
    {
      connection: { connectionString: database.url },
      slot: database.name,
      publications: publication,
      snapshot: "initial",
      onSnapshot: {
        onRows: ({ name }, rows) => void copied.push(...rows.map((row) => [name, row])),
        onDone: () => done.open(),
      },
      onChange: (change) => void (change.kind === "insert" && streamed.push([change.table, change.new])),
    },
    quiet,
  );
  await done.opened;
  await database.query(insert);
  await until(() => streamed.length > 0);
  await stopSubscription(ref);
  return { copied, streamed };
}

describe.each<PostgresVersion>([14, 15, 16, 17, 18])("on PostgreSQL %i", (version) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ version, settings: { max_slot_wal_keep_size: "100MB" } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const boxes = async () => {
    const database = await server.database();
    await database.query("CREATE TABLE boxes (w int PRIMARY KEY, twice int GENERATED ALWAYS AS (w * 2) STORED)");
    await database.query("INSERT INTO boxes VALUES (1)");
    return database;
  };
  const insert = "INSERT INTO boxes VALUES (2)";

  test("a generated column is neither copied nor streamed, unless it is asked for", async () => {
    await using database = await boxes();
    expect(await copiedAndStreamed(database, { name: "p", tables: ["boxes"] }, insert)).toEqual({
      copied: [["boxes", { w: 1 }]],
      streamed: [["boxes", { w: 2 }]],
    });
  });

  test("generated columns that are asked for are copied and streamed, or refused where the server can't", async () => {
    await using database = await boxes();
    const rows = copiedAndStreamed(database, { name: "p", tables: ["boxes"], generatedColumns: true }, insert);
    if (version >= 18) {
      expect(await rows).toEqual({
        copied: [["boxes", { w: 1, twice: 2 }]],
        streamed: [["boxes", { w: 2, twice: 4 }]],
      });
    } else {
      const error = { code: "prerequisites_missing", findings: [{ code: "publication_unsupported" }] };
      await expect(rows).rejects.toMatchObject({ reason: { error } });
      expect(await database.query("SELECT 1 FROM pg_publication")).toEqual([]);
    }
  });

  test.each([
    { viaPartitionRoot: true, table: "parts" },
    { viaPartitionRoot: false, table: "part_1" },
  ])("rows of a partition come under $table, copied and streamed (root: $viaPartitionRoot)", async (given) => {
    await using database = await server.database();
    await database.query("CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)");
    await database.query("CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (100)");
    await database.query("INSERT INTO parts VALUES (1)");
    const { viaPartitionRoot, table } = given;
    const publication = { name: "p", tables: ["parts"], viaPartitionRoot };
    expect(await copiedAndStreamed(database, publication, "INSERT INTO parts VALUES (2)")).toEqual({
      copied: [[table, { id: 1 }]],
      streamed: [[table, { id: 2 }]],
    });
  });
});
