import { once } from "node:events";
import { type PostgresServer, sharedPostgres } from "@trunkline/testing";
import { beforeAll, expect, test, vi } from "vitest";
import { readSlots, start, tidy, trunkline } from "./command.ts";

// Each command is a process that compiles its sources: a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000 });

let server: PostgresServer;
beforeAll(async () => {
  server = await sharedPostgres();
});

async function shop() {
  const database = await server.database();
  await database.query("CREATE TABLE orders (id bigint PRIMARY KEY, status text, total numeric, doc jsonb)");
  return database;
}

const withoutTimes = (text: string): string =>
  text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z [0-9A-F]+\/[0-9A-F]+/g, "WHEN WHERE");

test("changes of a table come as lines; Ctrl-C ends it, and leaves neither slot nor publication", async () => {
  await using database = await shop();
  const tail = start(["tail", database.url, "--table", "orders"]);
  expect(await readSlots(database)).toEqual([expect.stringMatching(/^trunkline_tail_/)]);
  await database.query("INSERT INTO orders VALUES (1, 'brand new', 19.90, '{\"a\": 12345678901234567890}')");
  await database.query("UPDATE orders SET id = 2, status = 'paid'");
  await database.query("DELETE FROM orders");
  await database.query("INSERT INTO orders VALUES (3, NULL, NULL, NULL)");
  await database.query("TRUNCATE orders");
  await tail.stdoutHas(/truncate/);
  tail.child.kill("SIGINT");
  const { exitCode, stdout, stderr } = await tail.ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(withoutTimes(stdout)).toBe(
    [
      "WHEN WHERE insert orders id=1 status='brand new' total=19.90 doc='{\"a\": 12345678901234567890}'",
      "WHEN WHERE update orders id=2 status=paid total=19.90 doc='{\"a\": 12345678901234567890}' was id=1",
      "WHEN WHERE delete orders id=2",
      "WHEN WHERE insert orders id=3 status=null total=null doc=null",
      "WHEN WHERE truncate orders",
      "",
    ].join("\n"),
  );
  await tidy(database);
});

test("--json prints one object a line, with exact values; a limit ends it", async () => {
  await using database = await shop();
  const tail = start(["tail", database.url, "--all-tables", "--json", "-n", "3"]);
  await readSlots(database);
  await database.query(
    "INSERT INTO orders VALUES (9007199254740993, 'é', 1.50, '{\"n\":1.0}'), (2, NULL, 'NaN', NULL)",
  );
  await database.query("SELECT pg_logical_emit_message(true, 'note', 'hello')");
  const { exitCode, stdout } = await tail.ended;
  expect(exitCode).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  const head = { position: expect.any(String), lsn: expect.stringMatching(/\//), xid: expect.any(Number) };
  const first = { ...head, committedAt: expect.stringMatching(/Z$/), kind: "insert", table: "orders" };
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { ...first, new: { id: "9007199254740993", status: "é", total: "1.50", doc: { n: 1 } } },
    { ...first, new: { id: "2", status: null, total: "NaN", doc: null } },
    { ...first, table: undefined, kind: "message", transactional: true, prefix: "note", content: "hello" },
  ]);
  expect(lines[0]).toContain('"doc":{"n": 1.0}'); // as the server wrote it
  await tidy(database);
});

test("filters by operation and table leave the rest out", async () => {
  await using database = await shop();
  await database.query("CREATE TABLE items (id int PRIMARY KEY)");
  await database.query("CREATE PUBLICATION shop FOR ALL TABLES");
  const tail = start([
    "tail",
    database.url,
    "-p",
    "shop",
    "-t",
    "public.orders",
    "-o",
    "insert",
    "-o",
    "DELETE",
    "-n",
    "2",
  ]);
  await readSlots(database);
  await database.query("INSERT INTO items VALUES (1)");
  await database.query("INSERT INTO orders VALUES (1, 'a', 1, NULL)");
  await database.query("UPDATE orders SET status = 'b'");
  await database.query("DELETE FROM orders");
  const { exitCode, stdout } = await tail.ended;
  expect(exitCode).toBe(0);
  expect(stdout.match(/ (insert|update|delete) \w+ /g)).toEqual([" insert orders ", " delete orders "]);
});

test("a reader that goes away ends it quietly, as `| head` does", async () => {
  await using database = await shop();
  const tail = start(["tail", database.url, "--table", "orders"]);
  await readSlots(database);
  await database.query("INSERT INTO orders VALUES (1, 'a', 1, NULL)");
  await tail.stdoutHas(/insert/);
  tail.child.stdout?.destroy();
  await database.query("INSERT INTO orders SELECT n, 'a', 1, NULL FROM generate_series(2, 5000) n");
  expect(await tail.ended).toMatchObject({ exitCode: 0, stderr: "" });
  await tidy(database);
});

test("a second Ctrl-C ends it at once, and tells which publication stays", async () => {
  await using database = await shop();
  const tail = start(["tail", database.url, "--table", "orders"]);
  await readSlots(database);
  tail.child.stdout?.pause(); // so that it can't write, and the first Ctrl-C has to wait
  await database.query("INSERT INTO orders SELECT n, 'a', 1, NULL FROM generate_series(1, 50000) n");
  const exited = once(tail.child, "exit");
  while (tail.child.exitCode === null) {
    tail.child.kill("SIGINT");
    await Promise.race([exited, new Promise((resolve) => setImmediate(resolve))]);
  }
  tail.child.stdout?.resume();
  expect(await tail.ended).toMatchObject({
    exitCode: 130,
    stderr: expect.stringMatching(/may be left behind: DROP PUBLICATION IF EXISTS "trunkline_tail_/),
  });
});

test("a named slot goes on where it was left, and what a limit has cut comes again", async () => {
  await using database = await shop();
  await database.query("CREATE PUBLICATION shop FOR TABLE orders");
  const args = ["tail", database.url, "-p", "shop", "--slot", database.name];
  const missing = await trunkline(args);
  expect(missing).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("--create-slot makes it") });
  const first = start([...args, "--create-slot", "-n", "1"]);
  await readSlots(database);
  await database.query("INSERT INTO orders VALUES (1, 'a', 1, NULL)");
  expect(await first.ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("id=1") });
  await database.query("INSERT INTO orders VALUES (2, 'a', 1, NULL), (3, 'a', 1, NULL)");
  await database.query("INSERT INTO orders VALUES (4, 'a', 1, NULL)");
  const ids = async (limit: string) => (await trunkline([...args, "-n", limit])).stdout.match(/id=\d+/g);
  expect(await ids("1")).toEqual(["id=2"]); // its transaction has one more
  expect(await ids("2")).toEqual(["id=2", "id=3"]);
  expect(await ids("1")).toEqual(["id=4"]);
});

test("--from passes over what was committed before, and is refused where that can't be had", async () => {
  await using database = await shop();
  await database.query("CREATE PUBLICATION shop FOR TABLE orders");
  await using slot = await database.slot();
  await database.query("INSERT INTO orders VALUES (1, 'a', 1, NULL)");
  const [row] = await database.query<{ lsn: string }>("SELECT pg_current_wal_insert_lsn()::text AS lsn");
  await database.query("INSERT INTO orders VALUES (2, 'a', 1, NULL)");
  const from = row?.lsn ?? "";
  const args = ["tail", database.url, "-p", "shop", "-n", "1"];
  const after = await trunkline([...args, "--slot", slot.name, "--from", from]);
  expect(after).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("id=2") });
  const before = await trunkline([...args, "--slot", slot.name, "--from", slot.consistentPoint]);
  expect(before).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("was confirmed up to") });
  const temporary = await trunkline([...args, "--from", from]);
  expect(temporary).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("begins now") });
});

test("a connection that is lost is told, and the changes from then on come", async () => {
  await using database = await shop();
  const tail = start(["tail", database.url, "--table", "orders"]);
  await readSlots(database);
  await database.query(
    "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database()",
  );
  await tail.stderrHas(/the temporary slot with it/);
  await readSlots(database);
  await database.query("INSERT INTO orders VALUES (1, 'a', 1, NULL)");
  await tail.stdoutHas(/id=1/);
  tail.child.kill("SIGTERM");
  expect(await tail.ended).toMatchObject({ exitCode: 0 });
  await tidy(database);
});

test("nothing to watch, an unknown publication, an unknown table: each is a sentence that says what to do", async () => {
  await using database = await shop();
  const nothing = await trunkline(["tail", database.url]);
  expect(nothing).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining("Say what to watch:") });
  const table = await trunkline(["tail", database.url, "--table", "no_such"]);
  expect(table).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Table public.no_such does not exist.") });
  const publication = await trunkline(["tail", database.url, "--publication", "none"]);
  expect(publication).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("There is no publication none.") });
  await database.query("CREATE PUBLICATION shop FOR TABLE orders");
  const member = await trunkline(["tail", database.url, "-p", "shop", "-t", "no_such"]);
  expect(member).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("It publishes orders.") });
  await database.query("DROP PUBLICATION shop");
  await tidy(database);
});
