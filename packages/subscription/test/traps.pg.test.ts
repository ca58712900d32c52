import { subscribe as listen, unsubscribe } from "node:diagnostics_channel";
import { kill } from "@trunkline/process";
import { type Lsn, parseLsn } from "@trunkline/protocol";
import { replicationChannelNames } from "@trunkline/replication";
import { faultProxy, gate, type PostgresVersion, startPostgres } from "@trunkline/testing";
import { describe, expect, test } from "vitest";
import type { Checkpoint, CheckpointStore } from "../src/checkpoint/checkpoint.ts";
import type { SubscriptionOptions } from "../src/options.ts";
import { startSubscription, stopSubscription, subscriptionStats } from "../src/subscription.ts";
import { quiet, slotOf, source, type Things, until, within } from "./source.ts";

/** A store in memory, filled beforehand where a test says so. */
function memoryStore(saved?: Checkpoint): CheckpointStore & { saved: Checkpoint | undefined } {
  return {
    saved,
    async load() {
      return this.saved;
    },
    async save(checkpoint) {
      this.saved = checkpoint;
    },
  };
}

/** Keeps the ids that are inserted. */
function collector() {
  const ids: number[] = [];
  const onChange: SubscriptionOptions<Things>["onChange"] = (change) => {
    if (change.kind === "insert") ids.push(change.new.id);
  };
  return { ids, onChange };
}

test("Trap 1: the end LSN of what is handled is confirmed, so that it does not come again", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const first = collector();
  const ref = await startSubscription<Things>({ ...options, onChange: first.onChange }, quiet);
  await database.query("INSERT INTO things VALUES (1)");
  await until(async () => (await subscriptionStats(ref)).handled === 1);
  const { ackedTo } = await stopSubscription(ref);
  expect(parseLsn((await slotOf(database, slot))?.confirmed ?? "")).toBe(ackedTo);
  await database.query("INSERT INTO things VALUES (2)");
  const second = collector();
  const again = await startSubscription<Things>({ ...options, onChange: second.onChange }, quiet);
  await until(() => second.ids.length > 0);
  await stopSubscription(again);
  expect([first.ids, second.ids]).toEqual([[1], [2]]);
});

test("Trap 2: nothing is confirmed while a handler works, whatever keepalives say", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  await database.query("CREATE TABLE other (id int)");
  const busy = gate();
  let commitLsn: Lsn | undefined;
  const onTransaction = (transaction: { readonly commitLsn: Lsn }) => {
    commitLsn = transaction.commitLsn;
    busy.open();
    return new Promise(() => {});
  };
  const ref = await startSubscription({ ...options, onTransaction }, quiet);
  await database.query("INSERT INTO things VALUES (1)");
  await busy.opened;
  const before = (await subscriptionStats(ref)).received ?? 0n;
  await database.query("INSERT INTO other VALUES (1)");
  await until(async () => ((await subscriptionStats(ref)).received ?? 0n) > before);
  expect((await subscriptionStats(ref)).durable ?? 0n).toBeLessThanOrEqual(commitLsn ?? 0n);
  // The last status update of all confirms no more either: the transaction comes again.
  const stopped = await stopSubscription(ref, { drainMs: 0 });
  expect(stopped.drained).toBe(false);
  expect(stopped.abandoned).toBeGreaterThanOrEqual(1); // PostgreSQL 14 sends transactions of other tables too, empty
  const confirmed = async () => parseLsn((await slotOf(database, slot))?.confirmed ?? "");
  expect(await confirmed()).toBeLessThanOrEqual(commitLsn ?? 0n);
  const { ids, onChange } = collector();
  const again = await startSubscription<Things>({ ...options, onChange }, quiet);
  await until(() => ids.length === 1);
  // With nothing unfinished, an idle publication's slot moves with the WAL of others.
  await until(async () => (await confirmed()) > before);
  await stopSubscription(again);
});

describe.each<PostgresVersion>([14, 18])("on PostgreSQL %i", (version) => {
  test("Trap 4: what comes again after the server crashed is not delivered again, and nothing is lost", async () => {
    await using server = await startPostgres({ version });
    const { database, options } = await within(server);
    await using _ = database;
    const { ids, onChange } = collector();
    const checkpoint = memoryStore();
    const ref = await startSubscription<Things>({ ...options, onChange, checkpoint }, quiet);
    for (const id of [1, 2, 3]) await database.query("INSERT INTO things VALUES ($1)", [id]);
    await until(() => ids.length === 3);
    await server.stop("immediate");
    await server.start();
    await database.query("INSERT INTO things VALUES (4)");
    await until(() => ids.length === 4);
    await stopSubscription(ref);
    // A new process knows no more than the checkpoint.
    const next = collector();
    await server.stop("immediate");
    await server.start();
    const again = await startSubscription<Things>({ ...options, onChange: next.onChange, checkpoint }, quiet);
    await database.query("INSERT INTO things VALUES (5)");
    await until(() => next.ids.includes(5));
    await stopSubscription(again);
    expect([ids, next.ids]).toEqual([[1, 2, 3, 4], [5]]);
  });

  test("Trap 9: a fast shutdown is not held up by a handler that does not end", async () => {
    await using server = await startPostgres({ version });
    const { database, options } = await within(server);
    await using _ = database;
    const busy = gate();
    const never = new Promise(() => {});
    const onTransaction = () => {
      busy.open();
      return never;
    };
    const ref = await startSubscription({ ...options, onTransaction, serverShutdownGraceMs: 50 }, quiet);
    await database.query("INSERT INTO things VALUES (1)");
    await busy.opened;
    await server.stop("fast");
    await server.start();
    kill(ref);
  });

  test("Trap 9: nor by a handler that does not end while so much is held that the server is not heard", async () => {
    await using server = await startPostgres({ version });
    const { database, options } = await within(server);
    await using _ = database;
    const busy = gate();
    const onTransaction = () => {
      busy.open();
      return new Promise(() => {});
    };
    const given = { ...options, onTransaction, buffer: { changes: 5 }, serverShutdownGraceMs: 50 };
    const ref = await startSubscription(given, quiet);
    for (let id = 0; id < 10; id += 1)
      await database.query("INSERT INTO things VALUES ($1, repeat('x', 100000))", [id]);
    await busy.opened;
    await until(async () => (await subscriptionStats(ref)).buffered.changes >= 5);
    await server.stop("fast");
    await server.start();
    kill(ref);
  });

  test("Trap 11: a cancelled stream is made again on a new connection, with nothing assumed of the old one", async () => {
    await using server = await startPostgres({ version });
    const { database, options, slot } = await within(server);
    await using _ = database;
    const { ids, onChange } = collector();
    const ref = await startSubscription<Things>({ ...options, onChange }, quiet);
    await database.query("INSERT INTO things VALUES (1)");
    await until(() => ids.length === 1);
    const before = await slotOf(database, slot);
    await database.query("SELECT pg_cancel_backend($1)", [before?.pid]);
    const after = await until(async () => {
      const now = await slotOf(database, slot);
      return now?.active === true && now.pid !== before?.pid ? now : undefined;
    });
    expect(after.pid).not.toBe(before?.pid);
    await database.query("INSERT INTO things VALUES (2)");
    await until(() => ids.length === 2);
    await stopSubscription(ref);
    expect(ids).toEqual([1, 2]);
  });
});

test("Trap 5: a checkpoint of another system stops the start, and says what to do", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const checkpoint = memoryStore({ systemId: "1", timeline: 1, slot, lsn: parseLsn("0/1") });
  const start = startSubscription({ ...options, checkpoint, onTransaction: () => {} }, quiet);
  await expect(start).rejects.toMatchObject({ reason: { error: { code: "other_system" } } });
});

test("Trap 6: a checkpoint beyond the server's WAL stops the start instead of skipping in silence", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const [row] = await database.query<{ id: string; timeline: number }>(
    "SELECT system_identifier::text AS id, timeline_id AS timeline FROM pg_control_system(), pg_control_checkpoint()",
  );
  const lsn = parseLsn("FFFF/0");
  const checkpoint = memoryStore({ systemId: row?.id ?? "", timeline: row?.timeline ?? 0, slot, lsn });
  const start = startSubscription({ ...options, checkpoint, onTransaction: () => {} }, quiet);
  await expect(start).rejects.toMatchObject({ reason: { error: { code: "server_behind" } } });
});

test("Trap 7: a held position makes no ping-pong of keepalives", async () => {
  const { database, options } = await source();
  await using _ = database;
  await database.query("CREATE TABLE other (id int)");
  const busy = gate();
  const free = gate();
  const onTransaction = async () => {
    busy.open();
    await free.opened;
  };
  let sent = 0;
  const count = (): void => {
    sent += 1;
  };
  const ref = await startSubscription({ ...options, onTransaction }, quiet);
  await database.query("INSERT INTO things VALUES (1)");
  await busy.opened;
  listen(replicationChannelNames.acknowledged, count);
  for (let id = 0; id < 50; id += 1) await database.query("INSERT INTO other VALUES ($1)", [id]);
  const before = (await subscriptionStats(ref)).received ?? 0n;
  await database.query("INSERT INTO other VALUES (51)");
  await until(async () => ((await subscriptionStats(ref)).received ?? 0n) > before);
  unsubscribe(replicationChannelNames.acknowledged, count);
  expect(sent).toBeLessThan(10);
  free.open();
  await stopSubscription(ref);
});

test("Trap 8: a paused stream says by timer that it lives, and keeps its session over three timeouts", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const busy = gate();
  const free = gate();
  const ids: number[] = [];
  const onTransaction: SubscriptionOptions<Things>["onTransaction"] = async (transaction) => {
    busy.open();
    await free.opened;
    for await (const change of transaction.changes) if (change.kind === "insert") ids.push(change.new.id);
  };
  const connection = { ...options.connection, options: "-c wal_sender_timeout=1s" };
  const buffer = { changes: 10 };
  const ref = await startSubscription<Things>({ ...options, connection, buffer, onTransaction }, quiet);
  await database.query("INSERT INTO things SELECT generate_series(1, 1000)");
  await busy.opened;
  const before = await slotOf(database, slot);
  const beaten = gate();
  let beats = 0;
  const beat = (): void => {
    beats += 1;
    if (beats === 10) beaten.open();
  };
  listen(replicationChannelNames.acknowledged, beat);
  await beaten.opened;
  unsubscribe(replicationChannelNames.acknowledged, beat);
  expect((await slotOf(database, slot))?.pid).toBe(before?.pid);
  free.open();
  await until(() => ids.length === 1000);
  await stopSubscription(ref);
});

test("Trap 10: after a terminated session the slot is looked at: it goes on, or says that the slot is gone", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const { ids, onChange } = collector();
  const ref = await startSubscription<Things>({ ...options, onChange }, quiet);
  await database.query("INSERT INTO things VALUES (1)");
  await until(() => ids.length === 1);
  const terminate = "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1";
  await database.query(terminate, [slot]);
  await database.query("INSERT INTO things VALUES (2)");
  await until(() => ids.length === 2);
  const ended = new Promise<unknown>((resolve) => {
    ref.subscribe({ error: resolve });
  });
  await until(async () => {
    await database.query(terminate, [slot]);
    return database.query("SELECT pg_drop_replication_slot($1)", [slot]).then(
      () => true,
      () => false,
    );
  });
  expect(await ended).toMatchObject({ reason: { error: { code: "slot_missing" } } });
});

test("Trap 10: an end without a word is the timeout or the network, and the stream is made again", async () => {
  const { server, database, options } = await source();
  await using _ = database;
  await using proxy = await faultProxy({ target: { host: server.host, port: server.port } });
  const { ids, onChange } = collector();
  const connection = { connectionString: proxy.urlOf(database.url) };
  const ref = await startSubscription<Things>({ ...options, connection, onChange }, quiet);
  await database.query("INSERT INTO things VALUES (1)");
  await until(() => ids.length === 1);
  proxy.cut("fin");
  await database.query("INSERT INTO things VALUES (2)");
  await until(() => ids.length === 2);
  expect((await subscriptionStats(ref)).lastError?.action).not.toBe("stop");
  await stopSubscription(ref);
  expect(ids).toEqual([1, 2]);
});

test("Trap 12: no slot is made before its publication, and one whose publication is gone is not streamed", async () => {
  const { database, options, slot } = await source();
  await using _ = database;
  const start = startSubscription({ ...options, publications: "nowhere", onTransaction: () => {} }, quiet);
  await expect(start).rejects.toMatchObject({ reason: { error: { code: "prerequisites_missing" } } });
  expect(await slotOf(database, slot)).toBeUndefined();

  const { ids, onChange } = collector();
  const ref = await startSubscription<Things>({ ...options, onChange }, quiet);
  await database.query("INSERT INTO things VALUES (1)");
  await until(() => ids.length === 1);
  const ended = new Promise<unknown>((resolve) => {
    ref.subscribe({ error: resolve });
  });
  await database.query("DROP PUBLICATION things_pub");
  await database.query("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1", [
    slot,
  ]);
  expect(await ended).toMatchObject({ reason: { error: { code: "publication_missing" } } });
});

test.each<PostgresVersion>([14, 17, 18])(
  "Trap 12: on PostgreSQL %i a publication that is dropped while it is streamed stops the subscription, and nothing is skipped",
  async (version) => {
    await using server = await startPostgres({ version });
    const { database, options, slot } = await within(server);
    await using _ = database;
    const { ids, onChange } = collector();
    const ref = await startSubscription<Things>({ ...options, onChange }, quiet);
    await database.query("INSERT INTO things VALUES (1)");
    await until(() => ids.length === 1);
    const ended = new Promise<unknown>((resolve) => {
      ref.subscribe({ error: resolve });
    });
    await database.query("DROP PUBLICATION things_pub");
    const [before] = await database.query<{ lsn: string }>("SELECT pg_current_wal_lsn()::text AS lsn");
    await database.query("INSERT INTO things VALUES (2)");
    expect(await ended).toMatchObject({ reason: { error: { code: "publication_missing" } } });
    const confirmed = parseLsn((await slotOf(database, slot))?.confirmed ?? "");
    expect(confirmed <= parseLsn(before?.lsn ?? "")).toBe(true);
    expect(ids).toEqual([1]);
  },
);

test("Trap 15: values are written as they are read, whatever the database's settings are", async () => {
  const { database, options } = await source();
  await using _ = database;
  await database.query("ALTER TABLE things ADD at timestamptz, ADD long interval, ADD bytes bytea");
  for (const setting of ["DateStyle = 'German'", "IntervalStyle = 'sql_standard'", "client_encoding = 'LATIN1'"]) {
    await database.query(`ALTER DATABASE ${database.name} SET ${setting}`);
  }
  await database.query(`ALTER DATABASE ${database.name} SET bytea_output = 'escape'`);
  const rows: unknown[] = [];
  const ref = await startSubscription<{ things: object }>(
    { ...options, onChange: (change) => void (change.kind === "insert" && rows.push(change.new)) },
    quiet,
  );
  await database.query("INSERT INTO things VALUES (1, '🐘', '2024-01-02 03:04:05+00', '1 mon -00:00:01', '\\xff')");
  await until(() => rows.length === 1);
  await stopSubscription(ref);
  expect(rows).toMatchObject([{ note: "🐘", at: "2024-01-02 03:04:05+00", long: "1 mon -00:00:01" }]);
});
