import { startPostgres } from "@trunkline/testing";
import { expect, test, vi } from "vitest";
import { readSlots, start, trunkline } from "./command.ts";
import { readmeOutput, withoutFigures } from "./readme.ts";

// Each command is a process that compiles its sources: a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000 });

/** The statements of a doctor's report, as a person copies them. */
const statements = (report: string): readonly string[] =>
  report.split("\n").flatMap((line) => (line.startsWith("    ") ? [line.trim()] : []));

test("on a server with nothing configured the doctor says what to do, and after just that tail works", async () => {
  await using server = await startPostgres({
    settings: { wal_level: "replica", max_replication_slots: "10", max_wal_senders: "10" },
  });
  const database = await server.database("shop");
  await database.query("CREATE ROLE app LOGIN");
  await database.query("CREATE TABLE orders (id int PRIMARY KEY, status text, total numeric)");
  await database.query("GRANT ALL ON orders TO app");
  const url = Object.assign(new URL(database.url), { username: "app" }).href;

  const before = await trunkline(["doctor", url]);
  expect(before.exitCode).toBe(1);
  expect(statements(before.stdout)).toEqual([
    "ALTER SYSTEM SET wal_level = 'logical';",
    'ALTER ROLE "app" REPLICATION;',
    'CREATE PUBLICATION "trunkline" FOR ALL TABLES;',
    "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';",
    "SELECT pg_reload_conf();",
  ]);
  expect(before.stdout).toContain("Restart the server");
  expect(withoutFigures(before.stdout)).toBe(withoutFigures(await readmeOutput("doctor")));

  for (const statement of statements(before.stdout)) await database.query(statement);
  await server.stop();
  await server.start();

  const after = await trunkline(["doctor", url]);
  expect(after).toMatchObject({ exitCode: 0, stderr: "" });
  const [, next = ""] = /Now: trunkline (.*)$/m.exec(after.stdout) ?? [];
  expect(next).toBe("tail --publication trunkline");
  const tail = start([...next.split(" "), url]);
  await readSlots(database);
  await database.query("INSERT INTO orders VALUES (1, 'new', 19.90)");
  await database.query("UPDATE orders SET status = 'paid in cash'");
  await database.query("DELETE FROM orders");
  await tail.stdoutHas(/delete .*\n/);
  tail.child.kill("SIGINT");
  const shown = await tail.ended;
  expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
  expect(withoutFigures(shown.stdout)).toBe(withoutFigures(await readmeOutput("tail --publication trunkline post")));

  const json = start(["tail", "--publication", "trunkline", "--json", "--limit", "1", url]);
  await readSlots(database);
  await database.query("INSERT INTO orders VALUES (2, 'new', 5.00)");
  expect(withoutFigures((await json.ended).stdout)).toBe(
    withoutFigures(await readmeOutput("tail --publication trunkline --json")),
  );

  await using slot = await database.slot("search_index");
  const slots = await trunkline(["slots", url]);
  expect(slots.stdout).toContain(slot.name);
  expect(withoutFigures(slots.stdout)).toBe(withoutFigures(await readmeOutput("slots")));
});
