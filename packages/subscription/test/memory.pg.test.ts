import { type FaultProxy, faultProxy, gate, type TestDatabase } from "@trunkline/testing";
import { expect, test } from "vitest";
import type { SubscriptionOptions } from "../src/options.ts";
import { startSubscription, stopSubscription, subscriptionStats } from "../src/subscription.ts";
import { quiet, source, type Things, until } from "./source.ts";

// What is held is counted here, in changes and bytes; `memory.ts` measures the memory of a whole process.
const buffer = { changes: 1000, bytes: 256 * 1024 };
// Sockets of the kernel hold up to 6 MB at each end; the connection reads 256 KiB at once. A third of what is written.
const onTheWay = 16 * 1024 * 1024;
const note = "x".repeat(1000);
const rows = 50_000;

/** A source behind a proxy that counts what reaches us, and a subscription with a small buffer. */
async function counted(onTransaction: NonNullable<SubscriptionOptions<Things>["onTransaction"]>) {
  const { server, database, options } = await source();
  const proxy = await faultProxy({ target: { host: server.host, port: server.port } });
  const connection = { connectionString: proxy.urlOf(database.url) };
  const ref = await startSubscription<Things>({ ...options, connection, buffer, onTransaction }, quiet);
  return { database, proxy, ref };
}

/** Waits until the server can't send on, or has sent all. */
async function stalled(database: TestDatabase, proxy: FaultProxy): Promise<"stalled" | "sentAll"> {
  let before = -1;
  let looks = 0;
  return until(async () => {
    const [sender] = await database.query<{ stands: boolean; sentAll: boolean }>(
      `SELECT wait_event = 'WalSenderWriteData' AS stands, sent_lsn >= pg_current_wal_insert_lsn() AS "sentAll"
       FROM pg_stat_replication JOIN pg_stat_activity USING (pid)
       WHERE pg_stat_activity.datname = current_database()`,
    );
    const now = proxy.bytes.toClients;
    looks = sender?.stands === true && now === before ? looks + 1 : 0;
    before = now;
    return looks === 50 ? "stalled" : sender?.sentAll === true && "sentAll";
  });
}

test("while a handler is blocked a fast writer is held back by the server, not in our memory", async () => {
  const blocked = gate();
  const seen: number[] = [];
  const { database, proxy, ref } = await counted(async ({ changes }) => {
    for await (const change of changes) if (change.kind === "insert") seen.push(change.new.id);
    await blocked.opened;
  });
  await using _ = database;
  await using __ = proxy;
  await database.query(`DO $$ BEGIN
    FOR n IN 1 .. ${rows} LOOP INSERT INTO things VALUES (n, '${note}'); COMMIT; END LOOP;
  END $$`);
  expect(await stalled(database, proxy)).toBe("stalled");
  const { buffered, unfinished } = await subscriptionStats(ref);
  expect(buffered.changes).toBeLessThanOrEqual(buffer.changes);
  expect(buffered.bytes).toBeLessThanOrEqual(buffer.bytes + 2 * note.length); // the one that filled it is held too
  expect(unfinished).toBeLessThanOrEqual(buffer.changes + 1);
  expect(proxy.bytes.toClients).toBeLessThan(onTheWay);
  expect(seen).toEqual([1]);
  blocked.open();
  await until(() => seen.length >= rows);
  expect(seen).toEqual(Array.from({ length: rows }, (_, index) => index + 1));
  expect(await stopSubscription(ref)).toMatchObject({ drained: true, abandoned: 0 });
});

test("of one large transaction no more is held than fits, however slowly it is read", async () => {
  const blocked = gate();
  const most = { changes: 0, bytes: 0 };
  let read = 0;
  let inOrder = true;
  const { database, proxy, ref } = await counted(async ({ changes }) => {
    for await (const change of changes) {
      read += 1;
      inOrder &&= change.kind === "insert" && change.new.id === read;
      if (read === 1) await blocked.opened;
      if (read % 100 !== 0) continue;
      const { buffered } = await subscriptionStats(ref); // gives the connection time to bring more than is read
      most.changes = Math.max(most.changes, buffered.changes);
      most.bytes = Math.max(most.bytes, buffered.bytes);
    }
  });
  await using _ = database;
  await using __ = proxy;
  await database.query(`INSERT INTO things SELECT n, '${note}' FROM generate_series(1, ${2 * rows}) AS n`);
  expect(await stalled(database, proxy)).toBe("stalled");
  const { buffered } = await subscriptionStats(ref);
  expect(buffered.changes).toBeLessThanOrEqual(buffer.changes);
  expect(buffered.bytes).toBeLessThanOrEqual(buffer.bytes + 2 * note.length);
  expect(proxy.bytes.toClients).toBeLessThan(onTheWay);
  expect(read).toBe(1);
  blocked.open();
  await until(async () => (await subscriptionStats(ref)).handled === 1);
  expect([read, inOrder]).toEqual([2 * rows, true]);
  expect(most.changes).toBeLessThanOrEqual(buffer.changes);
  expect(most.bytes).toBeGreaterThan(0);
  expect(most.bytes).toBeLessThanOrEqual(buffer.bytes + 2 * note.length);
  expect(await stopSubscription(ref)).toMatchObject({ drained: true, abandoned: 0 });
});
