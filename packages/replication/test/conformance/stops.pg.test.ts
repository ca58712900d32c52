// R92: a supervisor's terminateChild, wherever the connection stands. A process that outlives its budget ends as
// `killed`: `shutdown` says that it ended by itself inside it.
import { faultProxy, gate, scriptedServer, sharedPostgres, type TestDatabase } from "@trunkline/testing";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { noreply, query, stream } from "../../src/index.ts";
import { type ProbeOptions, startProbe } from "./probe.ts";

let database: TestDatabase;

beforeAll(async () => void (await sharedPostgres()));
beforeEach(async () => {
  const own = await (await sharedPostgres()).database();
  database = own;
  await own.query("CREATE TABLE things (id int)");
  await own.publication("things_published");
  return () => own[Symbol.asyncDispose]();
});

const probing = (options: ProbeOptions = {}) =>
  startProbe({ connectionString: database.url, shutdown: 3000, ...options });

const startSql = (slot: string) =>
  `START_REPLICATION SLOT ${slot} LOGICAL 0/0 (proto_version '1', publication_names 'things_published')`;

/** The slots of this database as the server lists them: name and whether somebody holds it. */
async function slots(): Promise<readonly string[]> {
  const rows = await database.query<{ name: string; active: boolean }>(
    "SELECT slot_name AS name, active FROM pg_replication_slots WHERE database = $1",
    [database.name],
  );
  return rows.map(({ name, active }) => `${name} ${active ? "held" : "free"}`);
}

/** Resolves when a walsender of this database runs this. */
async function queryRuns(query: string): Promise<void> {
  const sql = "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND query = $2 AND state = 'active'";
  while ((await database.query(sql, [database.name, query])).length === 0);
}

/** Resolves when the server has no session of a walsender in this database. */
async function sessionsEnd(): Promise<void> {
  const sql = "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'walsender'";
  for (let rows = await database.query(sql, [database.name]); rows.length > 0; ) {
    rows = await database.query(sql, [database.name]);
  }
}

test("R92: during an unanswered query it ends inside its budget, its session is gone and with it its temporary slot", async () => {
  const asked = gate();
  const slot = `temporary_${database.name}`;
  await using probe = await probing({
    syncConnect: false,
    callbacks: {
      handleConnect: (state) => query(`CREATE_REPLICATION_SLOT ${slot} TEMPORARY LOGICAL pgoutput`, state),
      handleResult: (_, state) => {
        asked.open();
        return query("SELECT pg_sleep(3600)", state);
      },
    },
  });
  await asked.opened;
  await queryRuns("SELECT pg_sleep(3600)"); // a cancel request that overtakes the query would cancel nothing
  expect(await slots()).toEqual([`${slot} held`]);
  expect(await probe.terminate()).toMatchObject({ type: "shutdown" });
  await sessionsEnd();
  expect(await slots()).toEqual([]);
});

test("R92: during connect it ends inside its budget, and the socket is closed", async () => {
  const accepted = gate();
  await using server = await scriptedServer(async (peer) => {
    await peer.expectStartup();
    accepted.open();
    await peer.expectClosed();
  });
  await using probe = await probing({ connectionString: server.url, syncConnect: false });
  await accepted.opened;
  expect(await probe.terminate()).toMatchObject({ type: "shutdown" });
  await server.done;
});

test("R92: during backoff it ends inside its budget, and the slot it has held is free", async () => {
  const slot = await database.slot();
  await using proxy = await faultProxy({ target: await sharedPostgres() });
  await using probe = await probing({
    connectionString: proxy.urlOf(database.url),
    autoReconnect: true,
    reconnectBackoff: 600_000,
    callbacks: { handleConnect: (state) => stream(startSql(slot.name), state) },
  });
  await probe.inbox.next("streamStart");
  expect(await slots()).toEqual([`${slot.name} held`]);
  await proxy.refuse();
  proxy.cut("rst");
  await new Promise<void>((resolve) => {
    const subscription = probe.ref.subscribe({
      next: ({ value }) => {
        if (value !== "backingOff") return;
        subscription.unsubscribe();
        resolve();
      },
    });
  });
  expect(await probe.terminate()).toMatchObject({ type: "shutdown" });
  await sessionsEnd();
  expect(await slots()).toEqual([`${slot.name} free`]);
});

test("R91, R92: during a long asynchronous handler it ends inside its budget, and the slot is free at once", async () => {
  const slot = await database.slot();
  const busy = gate();
  await using probe = await probing({
    callbacks: {
      handleConnect: (state) => stream(startSql(slot.name), state),
      handleData: (data, state) => {
        if (typeof data === "symbol" || data[0] !== 0x77) return noreply(state);
        busy.open();
        return new Promise(() => {});
      },
    },
  });
  await database.query("INSERT INTO things VALUES (1)");
  await busy.opened;
  expect(await slots()).toEqual([`${slot.name} held`]);
  expect(await probe.terminate()).toMatchObject({ type: "shutdown" });
  expect(await slots()).toEqual([`${slot.name} free`]);
});
