import { expect, test } from "vitest";
import { frontend, rawClient, startupMessage } from "../test/raw-client.ts";
import { sharedPostgres } from "./shared-postgres.ts";
import { startPostgres } from "./start-postgres.ts";

test("a test's database, publication and slot are gone after it", async () => {
  const server = await sharedPostgres();
  await using outside = await server.client();
  const left = async () => {
    const sql = `SELECT (SELECT count(*)::int FROM pg_database WHERE datname = $1) AS databases,
      (SELECT count(*)::int FROM pg_replication_slots WHERE database = $1) AS slots`;
    return (await outside.query(sql, [name])).rows[0];
  };
  let name = "";
  {
    await using database = await server.database();
    name = database.name;
    await using publication = await database.publication();
    await using slot = await database.slot();
    expect(await left()).toEqual({ databases: 1, slots: 1 });
    expect(await database.query("SELECT pubname FROM pg_publication")).toEqual([{ pubname: publication.name }]);
    expect(await slot.state()).toMatchObject({ active: false, activePid: null, walStatus: "reserved" });
  }
  expect(await left()).toEqual({ databases: 0, slots: 0 });
});

test("a database is dropped although sessions, a held slot and a prepared transaction are in the way", async () => {
  const server = await sharedPostgres();
  const database = await server.database();
  await database.query("CREATE TABLE t (n int)");
  const slot = await database.slot();
  await using session = await database.client();
  await session.query("BEGIN");
  await session.query("INSERT INTO t VALUES (1)");
  await session.query(`PREPARE TRANSACTION '${database.name}'`);
  using walsender = await rawClient(server.port);
  const start = `START_REPLICATION SLOT ${slot.name} LOGICAL 0/0 (proto_version '1', publication_names 'none')\0`;
  const login = startupMessage({ user: "postgres", database: database.name, replication: "database" });
  walsender.socket.write(Buffer.concat([login, frontend("Q", start)]));
  while ((await slot.state())?.active !== true);
  await database[Symbol.asyncDispose]();
  await using outside = await server.client();
  const left = await outside.query("SELECT 1 FROM pg_database WHERE datname = $1", [database.name]);
  expect(left.rows).toEqual([]);
  await slot[Symbol.asyncDispose](); // gone with its database
});

test("a publication publishes what it is told", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await database.query("CREATE TABLE a (id int PRIMARY KEY, x int)");
  await database.query("CREATE TABLE b (id int PRIMARY KEY)");
  await using _ = await database.publication("some", { tables: ["a", "b"], parameters: { publish: "insert, delete" } });
  const found = await database.query(
    "SELECT pubinsert, pubupdate, pubdelete, (SELECT count(*)::int FROM pg_publication_tables) AS tables FROM pg_publication",
  );
  expect(found).toEqual([{ pubinsert: true, pubupdate: false, pubdelete: true, tables: 2 }]);
});

test("a slot can decode in two phases", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await using slot = await database.slot(undefined, { twoPhase: true });
  expect(slot.consistentPoint).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  const found = await database.query("SELECT two_phase, plugin FROM pg_replication_slots WHERE slot_name = $1", [
    slot.name,
  ]);
  expect(found).toEqual([{ two_phase: true, plugin: "pgoutput" }]);
});

test("what a stopped server held needs no dropping", async () => {
  await using server = await startPostgres({ settings: {} });
  await using database = await server.database();
  await using _publication = await database.publication();
  await using _slot = await database.slot();
  await server.stop("immediate");
});

test("the kept connection of query comes back after a restart", async () => {
  await using server = await startPostgres({ settings: {} });
  await using database = await server.database();
  const first = await database.query("SELECT pg_backend_pid() AS pid");
  await server.stop();
  await expect(database.query("SELECT 1")).rejects.toThrow();
  await server.start();
  expect(await database.query("SELECT pg_backend_pid() AS pid")).not.toEqual(first);
});

test("the shared server is one per process and options", async () => {
  expect(await sharedPostgres()).toBe(await sharedPostgres());
});
