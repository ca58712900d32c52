// Part A: the tests of Postgrex' own replication_connection_test.exs, on a real server.
import { sys } from "@trunkline/process";
import { faultProxy, sharedPostgres, type TestDatabase } from "@trunkline/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { call, DONE, type Instruction, noreply, query, reply, stream } from "../../src/index.ts";
import { type Probe, type ProbeOptions, type ProbeState, refusal, startProbe } from "./probe.ts";

let database: TestDatabase;

beforeAll(async () => void (await sharedPostgres()));
beforeEach(async () => {
  const server = await sharedPostgres();
  const own = await server.database();
  database = own;
  await own.query("CREATE TABLE repl_test (id int, text text)");
  await own.publication("postgrex_example");
  return () => own[Symbol.asyncDispose]();
});

const probing = (options: ProbeOptions = {}) => startProbe({ connectionString: database.url, ...options });

/** A probe whose socket can be shut down in both directions. */
async function cuttable(options: ProbeOptions = {}) {
  const proxy = await faultProxy({ target: await sharedPostgres() });
  const probe = await probing({ connectionString: proxy.urlOf(database.url), ...options });
  return {
    probe,
    cut: () => proxy.cut("fin"),
    [Symbol.asyncDispose]: async () => {
      await probe[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** The temporary slot's name: in the server, not in the database, so that cases can run side by side. */
const slotName = () => `postgrex_${database.name}`;
const createSlot = () => `CREATE_REPLICATION_SLOT ${slotName()} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`;
const startSql = () =>
  `START_REPLICATION SLOT ${slotName()} LOGICAL 0/0 (proto_version '1', publication_names 'postgrex_example')`;

async function startReplication(probe: Probe): Promise<void> {
  expect(await probe.query(createSlot())).toHaveLength(1);
  probe.info({ stream: startSql() });
}

describe("calls and queries", () => {
  test("PR-01, R69: a call gets what reply was given", async () => {
    await using probe = await probing();
    expect(await call(probe.ref, { type: "ping" })).toBe("pong");
  });

  test("PR-02: an info comes to handleInfo", async () => {
    await using probe = await probing();
    probe.info("ping");
    expect(await probe.inbox.next("note")).toMatchObject({ text: "pong" });
  });

  test("PR-03, R44: a query's result is a list with one result for each statement", async () => {
    await using probe = await probing();
    expect(await probe.query("SELECT 1")).toMatchObject([{ command: "select", rows: [["1"]] }]);
  });

  test("PR-04, R48: a misspelt query is a server error, and the connection is still there", async () => {
    await using probe = await probing();
    expect(await probe.query("SELCT")).toMatchObject({ name: "PostgresError", code: "42601" });
    expect(await probe.query("SELECT 1")).toHaveLength(1);
  });

  test("PR-05, R47, R74: a query over its deadline ends its caller and the connection with QueryTimeout", async () => {
    const results: unknown[] = [];
    const handleResult = (answer: unknown, state: ProbeState): Instruction<ProbeState> => {
      results.push(answer);
      return noreply(state);
    };
    await using probe = await probing({ callbacks: { handleResult } });
    const caller = refusal(probe.query("SELECT pg_sleep(600)", { timeoutMs: 10, waitMs: 20_000 }));
    const reason = { type: "error", error: { name: "QueryTimeout", code: "query_timeout" } };
    expect(await caller).toMatchObject({ code: "exited", reason });
    expect(await probe.ended).toMatchObject(reason);
    expect(results).toEqual([]);
  });

  test("PR-06, R74, R78, R79, R82: a cut socket ends caller and connection, after one handleDisconnect", async () => {
    await using fixture = await cuttable();
    const { probe, cut } = fixture;
    const { n: a } = await probe.inbox.next("connect");
    await sys.suspend(probe.ref);
    const caller = refusal(probe.query("SELECT 1"));
    cut();
    await sys.resume(probe.ref);
    expect(await caller).toMatchObject({ code: "exited", reason: { error: { name: "ConnectionError" } } });
    expect(await probe.ended).toMatchObject({ type: "error", error: { name: "ConnectionError" } });
    const { n: b } = await probe.inbox.next("disconnect");
    expect(a).toBeLessThan(b);
    expect(probe.inbox.take("disconnect")).toEqual([]);
    expect(probe.inbox.take("connect")).toEqual([]);
  });

  test("PR-07, R5, R39, R79: a callback disconnects, and everyone hears exactly its reason", async () => {
    await using probe = await probing();
    const [first] = probe.inbox.take("connect");
    const caller = refusal(call(probe.ref, { type: "disconnect", reason: "manual disconnect" }));
    const reason = { type: "error", error: "manual disconnect" };
    expect(await caller).toEqual({ code: "exited", reason });
    expect(await probe.ended).toEqual(reason);
    const { n } = await probe.inbox.next("disconnect");
    expect(first?.n).toBeLessThan(n);
    expect(probe.inbox.take("connect")).toEqual([]);
  });
});

describe("with autoReconnect", () => {
  test("PR-08, R73, R83, R86: a call survives the reconnect, and handleConnect answers it", async () => {
    await using fixture = await cuttable({ autoReconnect: true });
    const { probe, cut } = fixture;
    const { n: a } = await probe.inbox.next("connect");
    await sys.suspend(probe.ref);
    const asked = probe.query("SELECT 1", { waitMs: 20_000 });
    cut();
    await sys.resume(probe.ref);
    expect(await asked).toBe("reconnecting");
    expect(await probe.query("SELECT 1")).toHaveLength(1);
    const { n: b } = await probe.inbox.next("disconnect");
    const { n: c } = await probe.inbox.next("connect");
    expect([a, b, c]).toEqual([a, b, c].sort((one, other) => one - other));
  });

  test("PR-09, R86: the stream begins anew on the new connection, with a new temporary slot", async () => {
    await using fixture = await cuttable({ autoReconnect: true });
    const { probe, cut } = fixture;
    const { n: a } = await probe.inbox.next("connect");
    await startReplication(probe);
    await probe.inbox.next("keepalive");
    await sys.suspend(probe.ref);
    cut();
    await sys.resume(probe.ref);
    const { n: b } = await probe.inbox.next("disconnect");
    const { n: c } = await probe.inbox.next("connect");
    expect(a < b && b < c).toBe(true);
    probe.inbox.take("keepalive");
    await startReplication(probe);
    expect((await probe.inbox.next("keepalive")).payload).toHaveLength(18);
  });
});

describe("streams", () => {
  test("PR-16, R56, R60: replication begins with a keepalive of 18 bytes", async () => {
    await using probe = await probing();
    await startReplication(probe);
    const { payload } = await probe.inbox.next("keepalive");
    expect(payload).toHaveLength(18);
    expect(String.fromCharCode(payload[0] ?? 0)).toBe("k");
  });

  test("PR-17, R60: pgoutput's Begin, Insert and Commit come as XLogData", async () => {
    await using probe = await probing();
    await startReplication(probe);
    await probe.inbox.next("streamStart");
    await database.query("INSERT INTO repl_test VALUES (42, 'fortytwo')");
    const change = async (kind: string) => {
      const isKind = ({ payload }: { readonly payload: Buffer }) => payload.toString("latin1", 25, 26) === kind;
      const { payload } = await probe.inbox.next("data", isKind);
      expect(payload.toString("latin1", 0, 1)).toBe("w");
      return payload.subarray(25);
    };
    expect(await change("B")).toHaveLength(21);
    const insert = await change("I");
    expect(insert.toString("latin1", 5, 6)).toBe("N");
    expect(insert.toString("latin1")).toContain("fortytwo");
    expect(await change("C")).toHaveLength(26);
  });

  const filled = () => database.query("INSERT INTO repl_test VALUES (42, '42'), (1, '1')");

  /** Two rows and DONE, their counters increasing. */
  async function rowsThenDone(probe: Probe): Promise<void> {
    const one = await probe.inbox.next("data");
    const two = await probe.inbox.next("data");
    const done = await probe.inbox.next("done");
    expect([String(one.payload), String(two.payload)]).toEqual(["42\t42\n", "1\t1\n"]);
    expect(one.n < two.n && two.n < done.n).toBe(true);
  }

  test("PR-18, R56, R63: COPY gives its rows, then DONE, and then queries work again", async () => {
    await filled();
    await using probe = await probing();
    probe.info({ stream: "COPY repl_test TO STDOUT" });
    await rowsThenDone(probe);
    expect(await probe.query("SELECT 1")).toHaveLength(1);
  });

  test("PR-19, R50, R63: from within DONE of a COPY the replication stream is started", async () => {
    await filled();
    let copied = false;
    await using probe = await probing({
      callbacks: {
        handleResult: (answer, { inbox, from }) => {
          if (from !== undefined) reply(from, answer);
          return stream("COPY repl_test TO STDOUT", { inbox });
        },
        handleData: (data, state) => {
          const { inbox } = state;
          if (data !== DONE) {
            const payload = Buffer.from(data);
            inbox.post(copied ? { type: "keepalive", payload } : { type: "data", payload, n: inbox.count() });
            return noreply(state);
          }
          copied = true;
          inbox.post({ type: "done", n: inbox.count() });
          return stream(startSql(), state);
        },
        handleCall: (request, from, state) =>
          request.type === "query" ? query(request.sql, { ...state, from: from as never }) : noreply(state),
      },
    });
    expect(await probe.query(createSlot())).toHaveLength(1);
    await rowsThenDone(probe);
    const { payload } = await probe.inbox.next("keepalive");
    expect(payload).toHaveLength(18);
  });
});
