import { type PostgresVersion, startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { doctor } from "../src/doctor/doctor.ts";
import { startSubscription, stopSubscription } from "../src/subscription.ts";
import { quiet, until, within } from "./source.ts";

test.each<PostgresVersion>([17, 18])(
  "on PostgreSQL %i a slot is made for failover when that is asked for, also after a snapshot",
  async (version) => {
    await using server = await startPostgres({ version });
    const { database, options, slot } = await within(server);
    await using _ = database;
    const run = async (name: string, more: object) => {
      const ids: number[] = [];
      const ref = await startSubscription<{ things: { readonly id: number } }>(
        {
          ...options,
          slot: name,
          onChange: (change) => void (change.kind === "insert" && ids.push(change.new.id)),
          ...more,
        },
        quiet,
      );
      await until(async () => {
        const found = await database.query("SELECT FROM pg_replication_slots WHERE slot_name = $1 AND active", [name]);
        return found.length === 1;
      });
      await database.query("TRUNCATE things");
      await database.query("INSERT INTO things VALUES (1)");
      await until(() => ids.length === 1);
      await stopSubscription(ref);
    };
    await run(slot, { failover: true });
    await run(`${slot}_copied`, { failover: true, snapshot: "initial", onSnapshot: { onRows: () => {} } });
    await run(`${slot}_plain`, {});
    const slots = await database.query<{ name: string; failover: boolean }>(
      "SELECT slot_name AS name, failover FROM pg_replication_slots ORDER BY 1",
    );
    expect(slots).toEqual([
      { name: slot, failover: true },
      { name: `${slot}_copied`, failover: true },
      { name: `${slot}_plain`, failover: false },
    ]);
    const { findings } = await doctor({ ...options, slot: `${slot}_plain`, failover: true });
    expect(findings.map(({ code }) => code)).toContain("slot_not_failover");
  },
);

test("on PostgreSQL 16 a slot for failover is refused before anything is made", async () => {
  await using server = await startPostgres({ version: 16 });
  const { database, options } = await within(server);
  await using _ = database;
  const start = startSubscription({ ...options, failover: true, onTransaction: () => {} }, quiet);
  await expect(start).rejects.toMatchObject({ reason: { error: { code: "prerequisites_missing" } } });
  expect(await database.query("SELECT FROM pg_replication_slots")).toEqual([]);
});
