import { startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { readSlots, start, trunkline } from "./command.ts";

/** The statements of a doctor's report, as a person copies them. */
const statements = (report: string): readonly string[] =>
  report.split("\n").flatMap((line) => (line.startsWith("    ") ? [line.trim()] : []));

test("on a server with nothing configured the doctor says what to do, and after just that tail works", async () => {
  await using server = await startPostgres({
    settings: { wal_level: "replica", max_replication_slots: "10", max_wal_senders: "10" },
  });
  const database = await server.database("shop");
  await database.query("CREATE ROLE app LOGIN");
  await database.query("CREATE TABLE orders (id int PRIMARY KEY, status text)");
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

  for (const statement of statements(before.stdout)) await database.query(statement);
  await server.stop();
  await server.start();

  const after = await trunkline(["doctor", url]);
  expect(after).toMatchObject({ exitCode: 0, stderr: "" });
  const [, next = ""] = /Now: trunkline (.*)$/m.exec(after.stdout) ?? [];
  expect(next).toBe("tail --publication trunkline");
  const tail = start([...next.split(" "), url]);
  await readSlots(database);
  await database.query("INSERT INTO orders VALUES (1, 'new')");
  await tail.stdoutHas(/insert orders id=1 status=new\n/);
  tail.child.kill("SIGINT");
  expect(await tail.ended).toMatchObject({ exitCode: 0, stderr: "" });
});
