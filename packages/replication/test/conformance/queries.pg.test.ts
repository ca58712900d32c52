import { sharedPostgres, type TestDatabase } from "@trunkline/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { call, noreply, type QueryResult, query, stream } from "../../src/index.ts";
import { type Answer, type Probe, type ProbeOptions, refusal, startProbe } from "./probe.ts";

let database: TestDatabase;

beforeAll(async () => void (await sharedPostgres()));
beforeEach(async () => {
  const own = await (await sharedPostgres()).database();
  database = own;
  return () => own[Symbol.asyncDispose]();
});

const probing = (options: ProbeOptions = {}) => startProbe({ connectionString: database.url, ...options });

/** The one result of a query with one statement. */
function only(answer: Answer): QueryResult {
  if (answer instanceof Error || answer === "reconnecting") throw answer;
  const [result, ...more] = answer;
  if (result === undefined || more.length > 0) throw new Error(`${answer.length} results.`);
  return result;
}

const terminateBackends = () =>
  database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'walsender' AND datname = $1",
    [database.name],
  );

const lives = async (probe: Probe) => expect(await call(probe.ref, { type: "ping" })).toBe("pong");

describe("results", () => {
  test("PX-16, R44: two statements give two results in order", async () => {
    await using probe = await probing();
    expect(await probe.query("SELECT 1; SELECT 2")).toMatchObject([{ rows: [["1"]] }, { rows: [["2"]] }]);
  });

  test("PX-17, R46: an INSERT of two rows says numRows 2, and returned none", async () => {
    await database.query("CREATE TABLE things (id int)");
    await using probe = await probing();
    const result = only(await probe.query("INSERT INTO things VALUES (1), (2)"));
    expect(result).toMatchObject({ command: "insert", numRows: 2, rowCount: 0, columns: [], rows: [] });
  });

  test("PX-18, R45, R55: the notice of a statement is with its result", async () => {
    await using probe = await probing();
    const result = only(await probe.query("DROP TABLE IF EXISTS nowhere"));
    expect(result).toMatchObject({ command: "drop_table", messages: [{ severity: "NOTICE", code: "00000" }] });
  });

  test("R45, R46: everything is text, null is null, and the command is the whole tag", async () => {
    await using probe = await probing();
    const result = only(await probe.query("SELECT 1 AS one, NULL AS nothing, true AS yes"));
    expect(result).toMatchObject({ columns: ["one", "nothing", "yes"], rows: [["1", null, "t"]], numRows: 1 });
    expect(result.connectionId).toBe(Number(only(await probe.query("SELECT pg_backend_pid()")).rows[0]?.[0]));
    expect(only(await probe.query("IDENTIFY_SYSTEM")).command).toBe("identify_system");
  });

  test("PX-19, R52: an empty or comment-only query gives an empty result", async () => {
    await using probe = await probing();
    expect(only(await probe.query(""))).toMatchObject({ command: "", rows: [], numRows: 0 });
    expect(only(await probe.query("-- nothing"))).toMatchObject({ command: "", rows: [] });
  });

  test("R48: an error loses the results of the statements before it, and is the whole answer", async () => {
    await using probe = await probing();
    expect(await probe.query("SELECT 1; SELECT 1/0; SELECT 2")).toMatchObject({ code: "22012" });
    expect(only(await probe.query("SELECT 3")).rows).toEqual([["3"]]);
  });

  test("R87: a server error has the server's fields, and the condition's name", async () => {
    await database.query("CREATE TABLE things (id int PRIMARY KEY)");
    await database.query("INSERT INTO things VALUES (1)");
    await using probe = await probing();
    expect(await probe.query("INSERT INTO things VALUES (1)")).toMatchObject({
      name: "PostgresError",
      severity: "ERROR",
      code: "23505",
      condition: "unique_violation",
      schema: "public",
      table: "things",
      constraint: "things_pkey",
      detail: expect.stringContaining("already exists"),
    });
  });
});

describe("statements in the wrong place", () => {
  test("PX-20, R53: a query that copies out gives a typed error, and the actor lives", async () => {
    await using probe = await probing();
    expect(await probe.query("COPY (SELECT 1) TO STDOUT")).toMatchObject({ name: "ProtocolMisuse" });
    expect(only(await probe.query("SELECT 1")).rows).toEqual([["1"]]);
  });

  for (const sql of ["SELECT 1", "COPY things FROM STDIN"]) {
    test(`PX-24, R58, R68: stream(${sql}) gives a typed error, and the actor lives`, async () => {
      await database.query("CREATE TABLE things (id int)");
      await using probe = await probing();
      probe.info({ stream: sql });
      expect((await probe.inbox.next("result")).answer).toMatchObject({ name: "ProtocolMisuse" });
      expect(only(await probe.query("SELECT 1")).rows).toEqual([["1"]]);
    });
  }

  test("PX-54, R63, R64: BEGIN by query, then two COPYs in one stream: all rows, one DONE", async () => {
    await using probe = await probing();
    only(await probe.query("BEGIN ISOLATION LEVEL REPEATABLE READ"));
    probe.info({ stream: "COPY (SELECT 1) TO STDOUT; COPY (SELECT 2) TO STDOUT" });
    await probe.inbox.next("done");
    expect(probe.inbox.take("data").map(({ payload }) => String(payload))).toEqual(["1\n", "2\n"]);
    only(await probe.query("COMMIT"));
    expect(probe.inbox.take("done")).toEqual([]);
  });
});

describe("the server ends the session", () => {
  const terminated = { type: "error", error: { name: "PostgresError", code: "57P01", condition: "admin_shutdown" } };

  test("PX-21, R54: after a query the loss is noticed without another query", async () => {
    await using probe = await probing();
    only(await probe.query("SELECT 1"));
    await terminateBackends();
    expect(await probe.ended).toMatchObject(terminated);
    expect((await probe.inbox.next("disconnect")).reason).toMatchObject(terminated.error);
  });

  test("PX-22, R88: before any query 57P01 is the reason", async () => {
    await using probe = await probing();
    await terminateBackends();
    expect(await probe.ended).toMatchObject(terminated);
  });

  test("PX-23, R49: a query that meets the end hears of 57P01, not of a closed socket", async () => {
    await using probe = await probing();
    only(await probe.query("SELECT 1"));
    const caller = refusal(probe.query("SELECT pg_terminate_backend(pg_backend_pid())"));
    expect(await caller).toMatchObject({ code: "exited", reason: terminated });
  });
});

describe("while it streams", () => {
  async function streaming(options: ProbeOptions = {}) {
    const publication = await database.publication();
    const slot = await database.slot();
    const start = `START_REPLICATION SLOT ${slot.name} LOGICAL 0/0 (proto_version '1', publication_names '${publication.name}')`;
    const probe = await probing(options);
    probe.info({ stream: start });
    await probe.inbox.next("streamStart");
    return probe;
  }

  test("PX-35, R61: a query is refused: its caller gets stream_in_progress, and the stream goes on", async () => {
    await using probe = await streaming();
    await expect(probe.query("SELECT 1")).rejects.toMatchObject({
      name: "ReplicationError",
      code: "stream_in_progress",
    });
    await lives(probe);
  });

  test("PX-35, R61: from an info it is a warning only, and handleResult is not called", async () => {
    const warnings: unknown[] = [];
    const ignore = (): void => {};
    const logger = { debug: ignore, info: ignore, warn: (...all: unknown[]) => void warnings.push(all), error: ignore };
    await using probe = await streaming({ logger });
    probe.info({ query: "SELECT 1" });
    probe.info({ stream: "COPY (SELECT 1) TO STDOUT" });
    await lives(probe);
    expect(warnings).toHaveLength(2);
    expect(probe.inbox.take("result")).toEqual([]);
  });

  test("PX-36, R62: a call is answered, and an info handled", async () => {
    await using probe = await streaming();
    await lives(probe);
    probe.info("ping");
    await probe.inbox.next("note");
  });
});

describe("a stream that the server refuses", () => {
  const missing = "START_REPLICATION SLOT nowhere LOGICAL 0/0 (proto_version '1', publication_names 'none')";

  test("PX-37, R57: handleResult gets the error, and there is no reconnect", async () => {
    await using probe = await probing({ autoReconnect: true });
    probe.info({ stream: missing });
    expect((await probe.inbox.next("result")).answer).toMatchObject({ code: "42704" });
    only(await probe.query("SELECT 1"));
    expect(probe.inbox.take("connect")).toHaveLength(1);
    expect(probe.inbox.take("disconnect")).toEqual([]);
  });

  test("PX-37, R83: a module that disconnects each time comes to a wait after its second connection", async () => {
    await using probe = await probing({
      autoReconnect: true,
      syncConnect: false,
      reconnectBackoff: 600_000,
      callbacks: {
        handleConnect: (state) => {
          state.inbox.post({ type: "connect", n: state.inbox.count() });
          return stream(missing, state);
        },
        handleResult: (answer, state) => ({ type: "disconnect", reason: answer as Error, state }),
      },
    });
    const waits = new Promise<void>((resolve) => {
      const check = (value: unknown): void => {
        if (value === "backingOff") resolve();
      };
      check(probe.ref.getSnapshot().value);
      probe.ref.subscribe({ next: ({ value }) => check(value) });
    });
    await waits;
    expect(probe.inbox.take("connect").length).toBeLessThanOrEqual(3);
    await lives(probe);
  });
});

test("PX-46, R50: chained queries are one event: an info sent meanwhile comes after both", async () => {
  await using probe = await probing({
    callbacks: {
      handleInfo: (info, state) => {
        if (info === "ping") {
          state.inbox.note("info");
          return noreply(state);
        }
        return query("SELECT 1", state);
      },
      handleResult: (answer, state) => {
        const text = only(answer as Answer).rows[0]?.[0];
        state.inbox.note(`result ${text}`);
        if (text === "2") return noreply(state);
        probe.info("ping");
        return query("SELECT 2", state);
      },
    },
  });
  probe.info({ query: "SELECT 1" });
  const notes: string[] = [];
  while (notes.length < 3) notes.push((await probe.inbox.next("note")).text);
  expect(notes).toEqual(["result 1", "result 2", "info"]);
});
