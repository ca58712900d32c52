import { type PostgresVersion, startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { type Diagnosis, doctor } from "../src/doctor/doctor.ts";
import { startSubscription, stopSubscription, subscriptionStats } from "../src/subscription.ts";
import { quiet, type Things, until, within } from "./source.ts";
import { standbyOf } from "./standby.ts";

/** A standby with a published table, and what the doctor says of it as soon as it lets anybody in. */
async function onStandby(version: PostgresVersion) {
  const server = await startPostgres({ version, provider: "embedded", settings: { max_slot_wal_keep_size: "100MB" } });
  const { database, slot } = await within(server);
  await database.query("CREATE PUBLICATION things_pub FOR TABLE things WITH (publish_via_partition_root = true)");
  await database.query("INSERT INTO things VALUES (1)");
  const standby = await standbyOf(server, database);
  const options = { connection: { connectionString: standby.url }, slot, publications: "things_pub" };
  const diagnosis = await until<Diagnosis>(() => doctor(options).catch(() => undefined));
  return {
    database,
    options,
    diagnosis,
    [Symbol.asyncDispose]: async () => {
      await standby[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test.each<PostgresVersion>([16, 17, 18])(
  "on a standby of PostgreSQL %i the doctor says what a slot there waits for, and tables are copied and streamed",
  async (version) => {
    await using place = await onStandby(version);
    const { database, options, diagnosis } = place;
    expect(diagnosis.ready).toBe(true);
    expect(diagnosis.findings.map(({ code, sql }) => [code, sql])).toEqual([
      ["standby", ["SELECT pg_log_standby_snapshot()"]],
    ]);
    const copied: unknown[] = [];
    const streamed: number[] = [];
    const ref = await startSubscription<Things>(
      {
        ...options,
        snapshot: "initial",
        onSnapshot: { onRows: (_relation, rows) => void copied.push(...rows) },
        onChange: (change) => void (change.kind === "insert" && streamed.push(change.new.id)),
      },
      quiet,
    );
    await until(async () => {
      await database.query("SELECT pg_log_standby_snapshot()");
      return (await subscriptionStats(ref)).state === "streaming";
    });
    await database.query("INSERT INTO things VALUES (2)");
    await until(() => streamed.length === 1);
    await stopSubscription(ref);
    expect([copied, streamed]).toEqual([[{ id: 1, note: null }], [2]]);
  },
);

test("on a standby of PostgreSQL 15 the doctor says that it can't be", async () => {
  await using place = await onStandby(15);
  expect(place.diagnosis.ready).toBe(false);
  expect(place.diagnosis.findings.map(({ code }) => code)).toEqual(["standby_too_old"]);
  const start = startSubscription({ ...place.options, onTransaction: () => {} }, quiet);
  await expect(start).rejects.toMatchObject({ reason: { error: { code: "prerequisites_missing" } } });
});
