import { type PostgresServer, startPostgres } from "@trunkline/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readSlots, start, trunkline } from "./command.ts";

// Each command is a process that compiles its sources: a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000 });

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ settings: { max_slot_wal_keep_size: "200MB" } });
});
afterAll(() => server[Symbol.asyncDispose]());

test("slots are listed with their reader, lag, WAL kept and budget", async () => {
  await using database = await server.database();
  await database.query("CREATE TABLE orders (id int PRIMARY KEY)");
  expect(await trunkline(["slots", database.url])).toMatchObject({
    exitCode: 0,
    stdout: "The server has no replication slots.\n",
  });
  await using idle = await database.slot();
  const tail = start(["tail", database.url, "--table", "orders"]);
  await readSlots(database);
  const { exitCode, stdout } = await trunkline(["slots", database.url, "--json", "--interval", "1"]);
  expect(exitCode).toBe(0);
  const { slots } = JSON.parse(stdout);
  expect(slots).toHaveLength(2);
  expect(slots.find(({ name }: { readonly name: string }) => name === idle.name)).toMatchObject({
    verdict: "idle",
    reader: null,
    database: database.name,
    confirmedLsn: expect.stringMatching(/\//),
    keptBytes: expect.stringMatching(/^\d+$/),
    safeBytes: expect.stringMatching(/^\d+$/),
    fullInMs: null,
  });
  expect(slots.find(({ name }: { readonly name: string }) => name !== idle.name)).toMatchObject({
    verdict: "reading",
    temporary: true,
    reader: { application: "trunkline tail", pid: expect.any(Number) },
  });
  const shown = await trunkline(["slots", database.url, "--interval", "1"]);
  expect(shown.stdout).toContain("Read by trunkline tail (pid ");
  expect(shown.stdout).toMatch(/WAL budget: .* of .*\. (Not growing|Full in)/);
  tail.child.kill("SIGINT");
  await tail.ended;
});

test("--watch looks again and again, until Ctrl-C", async () => {
  await using database = await server.database();
  await using slot = await database.slot();
  const watching = start(["slots", database.url, "--watch", "--json", "--interval", "1"]);
  await watching.stdoutHas(/\n.*\n/);
  watching.child.kill("SIGINT");
  const { exitCode, stdout } = await watching.ended;
  expect(exitCode).toBe(0);
  const looks = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(looks.length).toBeGreaterThanOrEqual(2);
  for (const { slots } of looks) expect(slots).toMatchObject([{ name: slot.name }]);
});

test("a slot is dropped after a yes, and only then", async () => {
  await using database = await server.database();
  await using slot = await database.slot();
  const drop = ["slots", "drop", slot.name, database.url];
  const silent = await trunkline(drop);
  expect(silent).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("add --yes") });
  const no = await trunkline(drop, { input: "n\n" });
  expect(no).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`Slot ${slot.name} was not dropped.`) });
  expect(await slot.state()).toBeDefined();
  const yes = await trunkline(drop, { input: "y\n" });
  expect(yes).toMatchObject({ exitCode: 0, stdout: `Slot ${slot.name} is dropped.\n` });
  expect(await slot.state()).toBeUndefined();
  const gone = await trunkline([...drop, "--yes"]);
  expect(gone).toMatchObject({ exitCode: 4, stderr: expect.stringContaining(`There is no slot ${slot.name}.`) });
});

test("a slot that somebody reads from is not dropped, whatever is said", async () => {
  await using database = await server.database();
  await database.query("CREATE TABLE orders (id int PRIMARY KEY)");
  await using slot = await database.slot();
  await database.query("CREATE PUBLICATION shop FOR TABLE orders");
  const tail = start(["tail", database.url, "-p", "shop", "--slot", slot.name]);
  await readSlots(database);
  const refused = await trunkline(["slots", "drop", slot.name, database.url, "--yes"]);
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/is in use: trunkline tail \(pid \d+.*\) reads from it\. Stop that first\./),
  });
  const second = await trunkline(["tail", database.url, "-p", "shop", "--slot", slot.name]);
  expect(second).toMatchObject({ exitCode: 4, stderr: expect.stringContaining("is read by process") });
  tail.child.kill("SIGINT");
  expect(await tail.ended).toMatchObject({ exitCode: 0 });
});
