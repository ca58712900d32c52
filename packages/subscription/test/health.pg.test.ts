import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { exited, kill, makeRuntime, metadataOf, processInfo, realClock, silentLogger, sys } from "@trunkline/process";
import { startReplication } from "@trunkline/protocol";
import { connect } from "@trunkline/replication";
import { faultProxy, gate } from "@trunkline/testing";
import { expect, test } from "vitest";
import type { SubscriptionOptions } from "../src/options.ts";
import { pinned } from "../src/session/sql-session.ts";
import type { SubscriptionRef } from "../src/stream/subscription-ref.ts";
import { subscriptionChannelNames } from "../src/stream/telemetry.ts";
import {
  pauseSubscription,
  resumeSubscription,
  startSubscription,
  stopSubscription,
  subscriptionStats,
} from "../src/subscription.ts";
import { slotOf, source, until } from "./source.ts";

const health = { intervalMs: 20 };

/** A runtime whose clock can be put forward, so that nobody has to wait. */
function forwarded() {
  const real = realClock();
  let byMs = 0;
  const clock = { ...real, now: () => real.now() + byMs };
  return {
    runtime: makeRuntime({ clock, logger: silentLogger }),
    forward: (ms: number) => {
      byMs += ms;
    },
  };
}

async function watched(change: Partial<SubscriptionOptions> = {}) {
  const { database, options, slot } = await source();
  const { runtime, forward } = forwarded();
  const ref = await startSubscription({ ...options, health, onTransaction: () => {}, ...change }, { runtime });
  return { database, options, slot, ref, forward };
}

const codeOf = (ref: SubscriptionRef): string | undefined => metadataOf(ref).answer?.code;
const answers = (ref: SubscriptionRef, code: string) => until(() => codeOf(ref) === code);

test("an idle subscription says that it is up to date, where its bytes are, and which process has the connection", async () => {
  const { database, ref, slot } = await watched();
  await using _ = database;
  await answers(ref, "idle");
  await until(() => metadataOf(ref).plots?.[0]?.series[0]?.value !== undefined);
  const { kind, of, answer, ladder, plots } = metadataOf(ref);
  expect(kind).toBe("subscription");
  expect(of).toBe(processInfo(ref).children.find(({ id }) => id === "session"));
  expect(answer).toMatchObject({ tone: "fine", question: "Is my slot advancing?" });
  expect(Math.abs((answer?.atMs ?? 0) - Date.now())).toBeLessThan(60_000);
  const labels = ladder?.rungs.map(({ label }) => label);
  expect(labels?.filter((label) => label !== "sent")).toEqual([
    "WAL end",
    "received",
    "dispatched",
    "durable",
    "acked",
    "confirmed_flush",
    "restart_lsn",
  ]);
  for (const { position } of ladder?.rungs ?? []) expect(position).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/);
  expect(ladder?.gaps).toHaveLength((ladder?.rungs.length ?? 0) - 1);
  expect(plots?.map(({ title }) => title)).toEqual(["Changes/s", "Lag in bytes", "Lag in seconds"]);
  expect(plots?.[2]?.series[0]?.value).toBe(0);
  const names = await database.query<{ name: string }>(
    "SELECT application_name AS name FROM pg_stat_activity WHERE datname = current_database()",
  );
  expect(names.map(({ name }) => name)).toContain(`trunkline health ${slot}`);
  expect((await subscriptionStats(ref)).answer).toMatchObject({ code: "idle" });
  await stopSubscription(ref);
});

test("a handler that hangs is told as busy, and samples go on meanwhile", async () => {
  const { database, ref, forward } = await watched({ onTransaction: () => new Promise(() => {}) });
  await using _ = database;
  await database.query("INSERT INTO things VALUES (1)");
  await until(async () => (await subscriptionStats(ref)).unfinished === 1);
  forward(6000);
  await answers(ref, "handler_busy");
  const before = metadataOf(ref);
  const { answer, ladder } = before;
  expect(answer).toMatchObject({ tone: "held", question: "Why isn’t my slot advancing?" });
  expect(answer?.sentence).toMatch(/^Your handler has held transaction \d+ for /);
  expect(answer?.todo).toContain("See what onTransaction is awaiting.");
  expect(ladder?.gaps[answer?.heldGap ?? -1]).toMatchObject({ text: "in your handler, 1 of 1 open" });
  await database.query("SELECT pg_logical_emit_message(false, 'x', 'further')");
  const walEnd = before.ladder?.rungs[0]?.position;
  await until(() => metadataOf(ref).ladder?.rungs[0]?.position !== walEnd);
  expect((metadataOf(ref).plots?.[1]?.series[0]?.value ?? 0) > 0).toBe(true);
  await stopSubscription(ref, { drainMs: 0 });
});

test("a handler that fails is told with its error and its next run; one that has failed for good, as given up", async () => {
  const { database, ref } = await watched({
    onTransaction: () => {
      throw new TypeError("no such customer");
    },
    onFailure: { retries: 1, backoffMs: 60_000, maxBackoffMs: 60_000 },
  });
  await using _ = database;
  await database.query("INSERT INTO things VALUES (1)");
  await answers(ref, "handler_failing");
  expect(metadataOf(ref).answer?.sentence).toMatch(
    /^Your handler failed 1 of 2 times on transaction \d+: no such customer\. Next try in \d/,
  );
  await stopSubscription(ref, { drainMs: 0 });

  const given = await watched({
    onTransaction: () => {
      throw new TypeError("no such customer");
    },
    onFailure: { retries: 0 },
  });
  await using __ = given.database;
  const ended = exited(given.ref);
  await given.database.query("INSERT INTO things VALUES (1)");
  await ended;
  expect(metadataOf(given.ref).answer).toMatchObject({ code: "gave_up", tone: "broken" });
  expect(metadataOf(given.ref).answer?.sentence).toMatch(/stopped .* ago: The handler failed once at [^.]*\.$/);
});

test("while the server can't be reached it says since when and why; a sampler that can, goes on", async () => {
  const { database, options, server } = await source();
  await using _ = database;
  await using proxy = await faultProxy({ target: { host: server.host, port: server.port } });
  const { runtime } = forwarded();
  const ref = await startSubscription(
    {
      ...options,
      connection: { connectionString: proxy.urlOf(database.url) },
      health: { ...health, connection: options.connection },
      onTransaction: () => {},
    },
    { runtime },
  );
  await answers(ref, "idle");
  await proxy.refuse();
  proxy.cut("rst");
  await answers(ref, "unreachable");
  const { answer, of, ladder } = metadataOf(ref);
  expect(answer).toMatchObject({ tone: "held", heldGap: 0 });
  expect(answer?.sentence).toContain(`No connection to 127.0.0.1:${proxy.port} for `);
  expect(of).toBeUndefined();
  await database.query("INSERT INTO things VALUES (1)");
  const walEnd = ladder?.rungs[0]?.position;
  await until(() => metadataOf(ref).ladder?.rungs[0]?.position !== walEnd);
  await proxy.admit();
  await answers(ref, "idle");
  await stopSubscription(ref);
});

test("a sampler that can't reach the server harms nothing, and one that is killed comes back", async () => {
  const { database, options } = await source();
  await using _ = database;
  const { runtime } = forwarded();
  const away = { host: "127.0.0.1", port: 1, database: "x", user: "x" };
  const handled: number[] = [];
  const onTransaction = () => void handled.push(1);
  const ref = await startSubscription(
    { ...options, health: { ...health, connection: away }, onTransaction },
    { runtime },
  );
  await until(
    () => metadataOf(ref).answer?.sentence.startsWith("No facts yet: the server could not be asked (") === true,
  );
  await database.query("INSERT INTO things VALUES (1)");
  await until(() => handled.length === 1);
  const samplers = () => processInfo(ref).children.filter(({ id }) => id === "health");
  const [first] = samplers();
  if (first === undefined) throw new Error("There is no sampler.");
  kill(first);
  await until(() => samplers().some((sampler) => sampler !== first));
  await database.query("INSERT INTO things VALUES (2)");
  await until(() => handled.length === 2);
  await stopSubscription(ref);
});

test("a slot that is dropped under it is told as missing", async () => {
  const { database, ref, slot } = await watched({ backoff: { minMs: 300, maxMs: 300 } });
  await using _ = database;
  await answers(ref, "idle");
  const ended = exited(ref);
  const drop = database
    .query("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1", [slot])
    .then(() => until(async () => (await slotOf(database, slot))?.active === false))
    .then(() => database.query("SELECT pg_drop_replication_slot($1)", [slot]));
  await drop;
  await ended;
  expect(metadataOf(ref).answer).toMatchObject({ code: "slot_missing", tone: "broken" });
});

test("who waits for another says for whom: one with our lock, or one without", async () => {
  const { database, options, ref, slot } = await watched();
  await using _ = database;
  await answers(ref, "idle");
  const { runtime } = forwarded();
  const second = await startSubscription(
    { ...options, health, standbyPollMs: 20, onTransaction: () => {} },
    { runtime },
  );
  await answers(second, "standby");
  expect(metadataOf(second).answer?.sentence).toMatch(/^On standby: pid \d+ /);
  await stopSubscription(second);
  await stopSubscription(ref);
  const foreign = await connect(pinned(options.connection));
  const started = gate();
  const sink = { started: () => started.open(), data: () => {}, turn: () => {}, ended: () => {} };
  void foreign.stream(startReplication({ slot, publications: ["things_pub"] }), sink).catch(() => {});
  await started.opened;
  const third = await startSubscription(
    { ...options, health, standbyPollMs: 20, onTransaction: () => {} },
    { runtime },
  );
  await answers(third, "in_use");
  expect(metadataOf(third).answer?.sentence).toContain(
    `held by pid ${foreign.connectionId}, which does not use our lock`,
  );
  await foreign.close();
  await answers(third, "idle");
  await stopSubscription(third);
});

test("one that somebody paused or suspended says so", async () => {
  const { database, ref } = await watched();
  await using _ = database;
  await answers(ref, "idle");
  await pauseSubscription(ref);
  expect(codeOf(ref)).toBe("paused");
  await resumeSubscription(ref);
  await answers(ref, "idle");
  await sys.suspend(ref);
  expect(codeOf(ref)).toBe("suspended");
  await sys.resume(ref);
  await answers(ref, "idle");
  await stopSubscription(ref);
});

test("a login that the server refuses is told as that", async () => {
  const { database, options } = await source();
  await using _ = database;
  const role = `app_${database.name}`;
  await database.query(`CREATE ROLE "${role}" LOGIN SUPERUSER`);
  const connectionString = Object.assign(new URL(database.url), { username: role }).href;
  const { runtime } = forwarded();
  const ref = await startSubscription(
    { ...options, connection: { connectionString }, health, onTransaction: () => {} },
    { runtime },
  );
  await answers(ref, "idle");
  const ended = exited(ref);
  await database.query(`ALTER ROLE "${role}" NOLOGIN`);
  await database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [role]);
  await ended;
  expect(metadataOf(ref).answer).toMatchObject({ code: "login_refused", tone: "broken" });
  expect(metadataOf(ref).answer?.sentence).toContain(`Postgres refused the login of ${role}: `);
  await database.query("SELECT pg_drop_replication_slot($1)", [options.slot]);
  await database.query(`DROP OWNED BY "${role}" CASCADE`);
  await database.query(`DROP ROLE "${role}"`);
});

test("the password is in nothing that it tells, and the health channel carries the answer", async () => {
  const secret = "hunter2-very-secret";
  const { database, options } = await source();
  await using _ = database;
  const { runtime } = forwarded();
  const heard: unknown[] = [];
  const listen = (message: unknown): void => void heard.push(message);
  subscribe(subscriptionChannelNames.health, listen);
  const connectionString = Object.assign(new URL(database.url), { password: secret }).href;
  const ref = await startSubscription(
    { ...options, connection: { connectionString, password: secret }, health, onTransaction: () => {} },
    { runtime },
  );
  const told = await until(() =>
    heard.find((one) => inspect(one).includes('"idle"') || inspect(one).includes("'idle'")),
  );
  unsubscribe(subscriptionChannelNames.health, listen);
  expect(told).toMatchObject({ slot: options.slot, answer: { code: "idle", tone: "fine" } });
  const { of: _session, ...own } = metadataOf(ref); // a process is shown by its id
  const shown = [own, await subscriptionStats(ref), (await sys.getStatus(ref)).state, heard];
  for (const child of processInfo(ref).children) shown.push(metadataOf(child), (await sys.getStatus(child)).state);
  for (const one of shown) expect(inspect(one, { depth: 12 })).not.toContain(secret);
  await stopSubscription(ref);
});
