import { connect } from "@trunkline/replication";
import { type PostgresVersion, type ServerSettings, startPostgres } from "@trunkline/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PublicationSpec } from "../publication/publication-spec.ts";
import { connectForSql, pinned, withSql } from "../session/sql-session.ts";
import { createPublications } from "../setup/create-publications.ts";
import { createSlot } from "../setup/create-slot.ts";
import { doctor } from "./doctor.ts";

const versions: readonly PostgresVersion[] = [14, 15, 16, 17, 18];
const settings: ServerSettings = { max_slot_wal_keep_size: "100MB" };

describe.each(versions)("on PostgreSQL %i", (version) => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    server = await startPostgres({ version, settings });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("a server that has everything is ready, and a publication is created as it was asked for", async () => {
    await using database = await server.database();
    await database.query("CREATE TABLE orders (id int PRIMARY KEY, total numeric, note text)");
    await database.query("CREATE SCHEMA audit CREATE TABLE events (id int PRIMARY KEY)");
    const spec: PublicationSpec = {
      name: "Shop's",
      tables: [
        version >= 15 ? { table: "orders", columns: ["id", "total"], where: "id > 0" } : "orders",
        "audit.events",
      ],
      operations: ["insert", "update"],
    };
    const subject = { slot: database.name, publications: spec };
    const before = await doctor({ connection: { connectionString: database.url }, ...subject });
    expect(before).toEqual({ ready: true, findings: [] });
    await withSql({ connectionString: database.url }, async (session) => {
      expect((await createPublications(session, subject)).created).toEqual(["Shop's"]);
      // the second time it is compared with what exists, and found to be the same
      expect(await createPublications(session, subject)).toEqual({ created: [], findings: [] });
    });
    expect(
      await database.query("SELECT pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot FROM pg_publication"),
    ).toEqual([{ pubinsert: true, pubupdate: true, pubdelete: false, pubtruncate: false, pubviaroot: true }]);
    expect(await database.query("SELECT tablename FROM pg_publication_tables ORDER BY 1")).toEqual([
      { tablename: "events" },
      { tablename: "orders" },
    ]);
  });

  test("a publication for all tables, and one for a schema, are created and recognised", async () => {
    await using database = await server.database();
    await database.query("CREATE TABLE orders (id int PRIMARY KEY)");
    await database.query("CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id)");
    await database.query("CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)");
    const publications: PublicationSpec[] = [
      { name: "everything" },
      ...(version >= 15 ? [{ name: "of_schema", schemas: ["public"] }] : []),
    ];
    await withSql({ connectionString: database.url }, async (session) => {
      const subject = { slot: database.name, publications };
      expect((await createPublications(session, subject)).created).toHaveLength(publications.length);
      expect(await createPublications(session, subject)).toEqual({ created: [], findings: [] });
    });
  });

  test("everything that is missing is told at once, and its SQL repairs it", async () => {
    await using database = await server.database();
    const role = `weak_${database.name}`;
    await database.query("CREATE TABLE orders (id int, total int)");
    await database.query("CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY)");
    await database.query("CREATE PUBLICATION partial FOR TABLE orders WITH (publish = 'insert, update')");
    await database.query("CREATE PUBLICATION other WITH (publish_via_partition_root = true)");
    await database.query(`CREATE ROLE ${role} LOGIN`);
    await database.query(`REVOKE ALL ON SCHEMA public FROM PUBLIC`);
    const url = new URL(database.url);
    url.username = role;
    const options = {
      connection: { connectionString: url.href },
      slot: database.name,
      publications: [
        { name: "partial", tables: ["orders", "scratch", "nothing_such"], viaPartitionRoot: false },
        "other",
        "absent",
      ],
      snapshot: "initial" as const,
    };
    const found = await doctor(options);
    expect(found.ready).toBe(false);
    expect(found.findings.map(({ code, severity }) => `${severity} ${code}`).toSorted()).toEqual(
      [
        "missing role_may_not_replicate",
        "missing publication_differs", // operations
        "missing table_unsuitable", // scratch
        "missing table_missing", // nothing_such
        "warning publication_empty", // other
        "missing publication_missing", // absent
        "missing identity_missing", // orders
        "missing table_not_readable", // orders
        "warning partitions_mixed",
      ].toSorted(),
    );
    await expect(
      withSql({ connectionString: database.url }, (session) => createPublications(session, options)),
    ).rejects.toMatchObject({ code: "prerequisites_missing", findings: expect.arrayContaining([]) });
    expect(await database.query("SELECT count(*)::int AS n FROM pg_publication")).toEqual([{ n: 2 }]);

    await database.query("CREATE TABLE nothing_such (id int PRIMARY KEY)");
    for (let round = 0; round < 3; round += 1) {
      for (const { severity, sql } of (await doctor(options)).findings) {
        if (severity === "missing") for (const statement of sql) await database.query(statement);
      }
    }
    const after = await doctor(options);
    expect(after.findings.filter(({ severity }) => severity === "missing")).toEqual([]);
    await database.query(`DROP OWNED BY ${role}`);
    await database.query(`DROP ROLE ${role}`);
  });

  test("W104: a table without identity is found, and its writer really fails", async () => {
    await using database = await server.database();
    await database.query("CREATE TABLE plain (id int)");
    await database.query("CREATE TABLE late (id int PRIMARY KEY DEFERRABLE)");
    await database.query("INSERT INTO plain VALUES (1)");
    await database.query("INSERT INTO late VALUES (1)");
    await database.query("CREATE PUBLICATION p FOR TABLE plain, late");
    const found = await doctor({
      connection: { connectionString: database.url },
      slot: database.name,
      publications: "p",
    });
    expect(found.findings.map(({ code }) => code)).toEqual(["identity_missing", "identity_missing"]);
    for (const table of ["plain", "late"]) {
      await expect(database.query(`UPDATE ${table} SET id = 2`)).rejects.toMatchObject({ code: "55000" });
    }
    for (const { sql } of found.findings) for (const statement of sql) await database.query(statement);
    for (const table of ["plain", "late"]) await database.query(`UPDATE ${table} SET id = 2`);
  });

  if (version >= 15) {
    test("W97, W98: a filter or a column list outside the identity is found, and its writer fails", async () => {
      await using database = await server.database();
      for (const table of ["filtered", "listed"]) {
        await database.query(`CREATE TABLE ${table} (id int PRIMARY KEY, total int)`);
        await database.query(`INSERT INTO ${table} VALUES (1, 1)`);
      }
      await database.query("CREATE PUBLICATION p FOR TABLE filtered WHERE (total > 0), listed (total)");
      const found = await doctor({
        connection: { connectionString: database.url },
        slot: database.name,
        publications: "p",
      });
      expect(found.findings.map(({ code }) => code)).toEqual(["filter_outside_identity", "identity_not_published"]);
      for (const table of ["filtered", "listed"]) {
        await expect(database.query(`UPDATE ${table} SET total = 2`)).rejects.toMatchObject({ code: "42P10" });
      }
    });
  }

  test("trap 12: a slot without its publication is told before it is stuck", async () => {
    await using database = await server.database();
    await using slot = await database.slot();
    const found = await doctor({
      connection: { connectionString: database.url },
      slot: slot.name,
      publications: { name: "late" },
    });
    expect(found.findings.map(({ code }) => code)).toEqual(["slot_before_publication"]);
  });

  test("trap 15: a session has the settings that values are read with, whatever the database prefers", async () => {
    await using database = await server.database();
    await database.query(`ALTER DATABASE ${database.name} SET "DateStyle" = 'German'`);
    await database.query(`ALTER DATABASE ${database.name} SET timezone = 'Asia/Kolkata'`);
    const found = await doctor({
      connection: { connectionString: database.url },
      slot: database.name,
      publications: { name: "p" },
    });
    expect(found.findings).toEqual([]);
  });

  test("a slot is created within its limit of time, and is not left behind beyond it", async () => {
    await using database = await server.database();
    await database.query("CREATE TABLE t (id int PRIMARY KEY)");
    const session = await connect(pinned({ connectionString: database.url }));
    try {
      await using blocker = await database.client();
      await blocker.query("BEGIN");
      await blocker.query("INSERT INTO t VALUES (1)");
      await expect(createSlot(session, { slot: database.name, lockTimeoutMs: 50 })).rejects.toMatchObject({
        code: "55P03",
      });
      await blocker.query("COMMIT");
      expect(await database.query("SELECT slot_name FROM pg_replication_slots")).toEqual([]);
      const made = await createSlot(session, { slot: database.name, snapshot: "export" });
      expect(made).toMatchObject({ slot: database.name, snapshotName: expect.stringMatching(/^[0-9A-F-]+$/) });
      expect(made.consistentPoint).toBeGreaterThan(0n);
      await expect(createSlot(session, { slot: database.name })).rejects.toMatchObject({ code: "42710" });
    } finally {
      await session.close();
    }
  });
});

test("a server that was not set up for it is told what it lacks", async () => {
  await using server = await startPostgres({
    version: 18, // the last of the settings is new in it
    settings: {
      wal_level: "replica",
      max_replication_slots: "0",
      max_wal_senders: "0",
      wal_sender_timeout: "0",
      idle_replication_slot_timeout: "10min",
    },
  });
  await using database = await server.database();
  const found = await doctor({
    connection: { connectionString: database.url },
    slot: "s",
    publications: { name: "p" },
  });
  expect(found.findings.map(({ code }) => code)).toEqual([
    "wal_level",
    "slots_exhausted",
    "senders_exhausted",
    "wal_unlimited",
    "slot_timeout",
    "sender_timeout_off",
  ]);
  // the doctor's session is an ordinary one, so it works where no WAL sender may exist
  const session = await connectForSql({ connectionString: database.url });
  await session.close();
});
