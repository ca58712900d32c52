import { getEventListeners } from "node:events";
import { makeRuntime, silentLogger, startLink, stop } from "@trunkline/process";
import { type PostgresVersion, sharedPostgres, startPostgres } from "@trunkline/testing";
import { expect, test } from "vitest";
import { judgeSlot } from "../slot/slot-verdict.ts";
import { healthSampler, slotSampler } from "./health-sampler.ts";

const versions: readonly PostgresVersion[] = [14, 18];

test.each(versions)(
  "on PostgreSQL %i the alarm comes before the slot is lost, and then that it is",
  async (version) => {
    await using server = await startPostgres({
      version,
      settings: { max_slot_wal_keep_size: "64MB", min_wal_size: "32MB", max_wal_size: "64MB" },
    });
    await using database = await server.database();
    await using slot = await database.slot();
    const take = slotSampler({ connectionString: database.url }, slot.name);
    const ref = await startLink(
      { logic: healthSampler, input: { take, intervalMs: 20 } },
      { runtime: makeRuntime({ logger: silentLogger }) },
    );
    const told: string[] = [];
    const lost = new Promise<void>((resolve) => {
      ref.on("slot.alarm", ({ alarm }) => {
        told.push(alarm.to);
        if (alarm.to === "lost") resolve();
      });
    });
    const sampled = () =>
      new Promise<void>((resolve) => {
        const listening = ref.on("slot.sampled", () => {
          listening.unsubscribe();
          resolve();
        });
      });
    await sampled();
    for (let segment = 0; segment < 12 && !told.includes("lost"); segment += 1) {
      await database.query("SELECT pg_logical_emit_message(false, 'fill', repeat('x', 8000000))");
      await database.query("SELECT pg_switch_wal()");
      await sampled();
      await database.query("CHECKPOINT");
    }
    await lost;
    expect(told.at(-1)).toBe("lost");
    expect(told.slice(0, -1)).toContain("half");
    const { row, system } = await take(0, new AbortController().signal);
    expect(judgeSlot({ system, slot: row, checkpoint: undefined })).toEqual({ type: "lost", because: "wal_removed" });
    await stop(ref);
  },
);

test.each(versions)("on PostgreSQL %i a sample has what a verdict and an explanation need", async (version) => {
  await using server = await startPostgres({ version });
  await using database = await server.database();
  await using slot = await database.slot();
  const signal = AbortSignal.timeout(20_000);
  const take = slotSampler({ connectionString: database.url }, slot.name);
  await using writer = await database.client();
  await writer.query("BEGIN");
  await writer.query("SELECT pg_current_xact_id()");
  const sample = await take(7, signal);
  expect(sample.health).toMatchObject({ atMs: 7, walStatus: "reserved", safeWalBytes: null });
  expect(sample.health.inactiveMs === null).toBe(version < 17);
  expect(sample.oldestTransaction?.pid).toBeTypeOf("number");
  const { system, row } = sample;
  expect(judgeSlot({ system, slot: row, checkpoint: undefined })).toMatchObject({ type: "ok" });
  const [identity] = await database.query<{ id: string }>(
    "SELECT system_identifier::text AS id FROM pg_control_system()",
  );
  expect(system).toMatchObject({ systemId: identity?.id, timeline: 1, database: database.name });
  const absent = await slotSampler({ connectionString: database.url }, "nothing_such")(0, signal);
  expect(judgeSlot({ ...absent, slot: absent.row, checkpoint: undefined })).toMatchObject({ type: "missing" });
  await using elsewhere = await server.database();
  const foreign = await slotSampler({ connectionString: elsewhere.url }, slot.name)(0, signal);
  expect(judgeSlot({ ...foreign, slot: foreign.row, checkpoint: undefined })).toEqual({
    type: "missing",
    because: "other_database",
  });
});

test("a session that ends between two samples is no failed sample, and leaves nothing behind", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await using slot = await database.slot();
  const ending = new AbortController();
  const take = slotSampler(
    { connectionString: database.url, parameters: { application_name: "the sampler" } },
    slot.name,
  );
  const sampler = "FROM pg_stat_activity WHERE application_name = 'the sampler' AND datname = current_database()";
  const sessions = async () => (await database.query(`SELECT pid ${sampler}`)).length;
  for (let times = 0; times < 3; times += 1) {
    expect((await take(times, ending.signal)).row?.name).toBe(slot.name);
    await database.query(`SELECT pg_terminate_backend(pid, 20000) ${sampler}`);
    await database.query("SELECT 1"); // one turn of the loop later its end has been read
  }
  await take(3, ending.signal);
  expect(await sessions()).toBe(1);
  expect(getEventListeners(ending.signal, "abort")).toHaveLength(1);
  ending.abort();
  while ((await sessions()) > 0);
  await expect(take(4, ending.signal)).rejects.toThrow();
  expect(await sessions()).toBe(0);
});

test("a role that may replicate and nothing else sees what a verdict and an explanation need", async () => {
  const server = await sharedPostgres();
  await using database = await server.database();
  await using slot = await database.slot();
  const role = `only_${database.name}`;
  await database.query(`CREATE ROLE ${role} LOGIN REPLICATION PASSWORD 'p' CONNECTION LIMIT 1`);
  try {
    const url = new URL(database.url);
    url.username = role;
    url.password = "p";
    const ending = new AbortController();
    const sample = await slotSampler({ connectionString: url.href }, slot.name)(0, ending.signal);
    expect(judgeSlot({ ...sample, slot: sample.row, checkpoint: undefined })).toMatchObject({ type: "ok" });
    expect(sample.health).toMatchObject({ walStatus: "reserved", confirmedLsn: sample.row?.confirmedFlushLsn });
    ending.abort();
  } finally {
    await database.query(`DROP ROLE ${role}`);
  }
});
