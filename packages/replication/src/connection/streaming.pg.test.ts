import { once } from "node:events";
import { createReplicationSlot, startReplication, X_LOG_DATA } from "@trunkline/protocol";
import { faultProxy, type PostgresServer, sharedPostgres, startPostgres, type TestDatabase } from "@trunkline/testing";
import { beforeAll, expect, test } from "vitest";
import { deferred } from "../../test/deferred.ts";
import { recordingSink } from "../../test/recording-sink.ts";
import type { ConnectionOptions } from "../options/connection-options.ts";
import { connect } from "./connect.ts";
import type { Session } from "./session.ts";
import type { StreamEnd, StreamOptions } from "./stream-sink.ts";

let server: PostgresServer;

beforeAll(async () => {
  server = await sharedPostgres({ ssl: true });
});

/** A table `t(id, filler)` with a publication `p`. */
async function withTable(): Promise<TestDatabase> {
  const database = await server.database();
  await database.query("CREATE TABLE t (id int PRIMARY KEY, filler text)");
  await database.query("CREATE PUBLICATION p FOR TABLE t");
  return database;
}

/** Counts the inserts of a logical stream; `reached(n)` resolves at the n-th. */
function insertCounter() {
  let inserts = 0;
  let goal = Number.POSITIVE_INFINITY;
  const arrived = deferred<void>();
  const end = deferred<StreamEnd>();
  const sink = {
    data: (payload: Buffer): void => {
      if (payload[0] !== X_LOG_DATA || String.fromCharCode(payload[25] ?? 0) !== "I") return;
      inserts += 1;
      if (inserts >= goal) arrived.resolve();
    },
    ended: (how: StreamEnd): void => end.resolve(how),
  };
  return {
    sink,
    end: end.promise,
    get inserts() {
      return inserts;
    },
    reached: (count: number): Promise<void> => {
      goal = count;
      if (inserts >= goal) arrived.resolve();
      return arrived.promise;
    },
  };
}

async function streamFrom(session: Session, sink: Parameters<Session["stream"]>[1], options?: StreamOptions) {
  const slot = `s${session.connectionId}`;
  await session.query(createReplicationSlot({ slot, temporary: true, snapshot: "nothing" }));
  return session.stream(startReplication({ slot, publications: ["p"] }), sink, options);
}

const tls = (): ConnectionOptions => ({ ssl: { ca: server.certificates?.ca ?? "" } });

test.each(["tcp", "tls", "unix"] as const)(
  "a logical stream over %s, stopped and followed by a query",
  async (transport) => {
    await using database = await withTable();
    const more: Record<typeof transport, ConnectionOptions> = {
      tcp: {},
      tls: tls(),
      unix: { socketDir: server.socketDir ?? "" },
    };
    const session = await connect({ connectionString: database.url, ...more[transport] });
    expect(session.transport).toBe(transport);
    const counter = insertCounter();
    expect(await streamFrom(session, counter.sink)).toMatchObject({ copy: "both" });
    await database.query("INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n");
    await counter.reached(20_000);
    expect(session.stopStream()).toBe(true);
    expect(await counter.end).toMatchObject({
      type: "done",
      results: [{ command: "copy" }, { command: "start_replication" }],
    });
    expect(counter.inserts).toBe(20_000);
    expect(await session.query("SELECT 1")).toMatchObject([{ rows: [["1"]] }]);
    await session.close();
  },
);

test("PX-37 R57: a missing slot is the server's error, and the session stays usable", async () => {
  await using database = await withTable();
  const session = await connect({ connectionString: database.url });
  const started = session.stream(startReplication({ slot: "missing", publications: ["p"] }), recordingSink());
  await expect(started).rejects.toMatchObject({ code: "42704" });
  expect(await session.query("SELECT 1; SELECT 2")).toHaveLength(2);
  await session.close();
});

test("PX-17 PX-18 PX-19 PX-20: counts, notices, the empty query, and a COPY by query", async () => {
  await using database = await withTable();
  const session = await connect({ connectionString: database.url });
  expect(await session.query("INSERT INTO t VALUES (1), (2)")).toMatchObject([{ command: "insert", numRows: 2 }]);
  const [dropped] = await session.query("DROP TABLE IF EXISTS none");
  expect(dropped?.messages).toMatchObject([{ severity: "NOTICE", code: "00000" }]);
  expect(await session.query("-- nothing")).toMatchObject([{ command: "", rows: [] }]);
  await expect(session.query("COPY t TO STDOUT")).rejects.toMatchObject({ code: "copy_in_query" });
  await expect(session.query("COPY t FROM STDIN")).rejects.toMatchObject({ code: "copy_in_unsupported" });
  expect(await session.query("SELECT count(*) FROM t")).toMatchObject([{ rows: [["2"]] }]);
  await session.close();
});

test("PR-18 PX-54: rows of a COPY inside a transaction, then the end, then a query", async () => {
  await using database = await withTable();
  const session = await connect({ connectionString: database.url });
  await session.query("BEGIN; INSERT INTO t VALUES (42, '42'), (1, '1')");
  const sink = recordingSink();
  await session.stream("COPY (SELECT * FROM t) TO STDOUT", sink);
  expect(await sink.end).toMatchObject({ type: "done", results: [{ command: "copy", numRows: 2 }] });
  expect(sink.payloads).toEqual(["42\t42\n", "1\t1\n"]);
  expect(await session.query("COMMIT")).toMatchObject([{ command: "commit" }]);
  await session.close();
});

test("R65: an error in the middle of a COPY ends the stream, and the session stays usable", async () => {
  await using database = await withTable();
  const session = await connect({ connectionString: database.url });
  const sink = recordingSink();
  await session.stream("COPY (SELECT 1 / (3 - n) FROM generate_series(1, 5) n) TO STDOUT", sink);
  expect(await sink.end).toMatchObject({ type: "failed", error: { code: "22012", condition: "division_by_zero" } });
  expect(sink.payloads).toEqual(["0\n", "1\n"]);
  expect(await session.query("SELECT 1")).toHaveLength(1);
  await session.close();
});

test("a COPY that is stopped ends as cancelled", async () => {
  await using database = await withTable();
  const session = await connect({ connectionString: database.url });
  const sink = recordingSink();
  sink.onData = () => {
    if (sink.payloads.length === 1) session.stopStream();
  };
  // The server sends what fills its buffer, so the row that takes long comes after many.
  const slow = "SELECT n, CASE n WHEN 5000 THEN pg_sleep(60) END FROM generate_series(1, 5000) n";
  await session.stream(`COPY (${slow}) TO STDOUT`, sink);
  expect(await sink.end).toMatchObject({ type: "failed", error: { code: "57014" } });
  await session.close();
});

test.each(["tcp", "tls"] as const)(
  "R47: over %s a query at its deadline is cancelled on the server",
  async (transport) => {
    await using database = await withTable();
    const session = await connect({ connectionString: database.url, ...(transport === "tls" ? tls() : {}) });
    // Enough for the query to have begun on a busy machine: a cancel request that overtakes it has no effect.
    await expect(session.query("SELECT pg_sleep(60)", { timeoutMs: 500 })).rejects.toMatchObject({
      name: "QueryTimeout",
    });
    await session.close();
    const alive = (): Promise<unknown[]> =>
      database.query("SELECT FROM pg_stat_activity WHERE pid = $1", [session.connectionId]);
    while ((await alive()).length > 0); // far less than the 60 s the query would take
  },
);

test("physical replication streams raw WAL", async () => {
  await using database = await withTable();
  const session = await connect({ connectionString: database.url, parameters: { replication: "true" } });
  const [system] = await session.query("IDENTIFY_SYSTEM");
  const position = system?.rows[0]?.[2];
  const wal = deferred<number>();
  const end = deferred<StreamEnd>();
  const sink = {
    data: (payload: Buffer): void => {
      if (payload[0] === X_LOG_DATA) wal.resolve(payload.length - 25);
    },
    ended: end.resolve,
  };
  await session.stream(`START_REPLICATION PHYSICAL ${position}`, sink);
  await database.query("INSERT INTO t VALUES (1, 'x')");
  expect(await wal.promise).toBeGreaterThan(0);
  session.stopStream();
  expect(await end.promise).toMatchObject({ type: "done" });
  await session.close();
});

test.each(["tcp", "tls"] as const)(
  "memory is flat over %s while a paused consumer faces a fast writer",
  async (transport) => {
    await using database = await withTable();
    const session = await connect({ connectionString: database.url, ...(transport === "tls" ? tls() : {}) });
    const counter = insertCounter();
    await streamFrom(session, counter.sink);
    session.hold();
    const rows = 40_000;
    await database.query(`INSERT INTO t SELECT n, repeat('x', 1000) FROM generate_series(1, ${rows}) n`);
    while (!session.paused || session.bytesWaiting < 1 << 20) await new Promise((resolve) => setImmediate(resolve));
    const waiting = session.bytesWaiting;
    const read = session.bytesRead;
    // High water, and at most the read (TLS: the chunks of one turn) that went past it.
    expect(waiting).toBeLessThan((1 << 20) + (1 << 18));
    await database.query("SELECT pg_sleep(0.2)"); // the writer's side goes on; nothing may move here
    expect(session.bytesRead).toBe(read);
    expect(counter.inserts).toBe(0);
    session.release();
    await counter.reached(rows);
    expect(session.bytesRead).toBeGreaterThan(rows * 1000);
    await session.close();
  },
);

test("a handler that takes its time at every message gets each of them once, in order", async () => {
  await using database = await withTable();
  const session = await connect({ connectionString: database.url });
  await session.query("INSERT INTO t SELECT n FROM generate_series(1, 3000) n");
  const sink = recordingSink();
  sink.onData = () => {
    session.hold();
    Promise.resolve().then(() => session.release());
  };
  await session.stream("COPY (SELECT id FROM t ORDER BY id) TO STDOUT", sink, { highWaterMessages: 10 });
  expect(await sink.end).toMatchObject({ type: "done" });
  expect(sink.payloads).toEqual(Array.from({ length: 3000 }, (_, index) => `${index + 1}\n`));
  await session.close();
});

test("PX-21 PX-22: a terminated backend is noticed while idle and while streaming", async () => {
  await using database = await withTable();
  for (const streaming of [false, true]) {
    const closed = deferred<Error>();
    const session = await connect({ connectionString: database.url }, { listeners: { closed: closed.resolve } });
    const counter = insertCounter();
    if (streaming) await streamFrom(session, counter.sink);
    await database.query("SELECT pg_terminate_backend($1)", [session.connectionId]);
    expect(await closed.promise).toMatchObject({ name: "PostgresError", code: "57P01", condition: "admin_shutdown" });
    if (streaming) expect(await counter.end).toMatchObject({ type: "lost", reason: { code: "57P01" } });
  }
});

test("killing the server ends a query and a stream with typed errors, and connecting again is refused", async () => {
  await using own = await startPostgres();
  const querying = await connect({ connectionString: own.url });
  const query = querying.query("SELECT pg_sleep(60)").catch((error: unknown) => error);
  const streaming = await connect({ connectionString: own.url });
  const sink = recordingSink();
  await streaming.query("CREATE PUBLICATION p FOR ALL TABLES");
  await streamFrom(streaming, sink);
  await own.stop("immediate");
  // A crash gives a warning of 57P02, or just a close, whichever gets through.
  expect(await query).toMatchObject({ name: expect.stringMatching(/^(?:ConnectionError|PostgresError)$/) });
  expect(await sink.end).toMatchObject({ type: "lost" });
  await expect(connect({ connectionString: own.url })).rejects.toMatchObject({ kind: "refused" });
});

test.each([
  ["fin", "closed"],
  ["rst", "reset"],
] as const)(
  "a socket cut by %s in the middle of a frame: whole frames first, then a typed error",
  async (mode, kind) => {
    await using database = await withTable();
    await using proxy = await faultProxy({ target: server });
    const session = await connect({ connectionString: proxy.urlOf(database.url) });
    const connection = await proxy.connection(1);
    const seen = connection.toClient.messages;
    const sink = recordingSink();
    // CopyOutResponse, two rows, and all but a byte of the third.
    connection.toClient.at({ messages: seen + 3, plusBytes: 6 }, mode);
    await session.stream("COPY (SELECT n FROM generate_series(1, 9) n) TO STDOUT", sink).catch(() => {});
    const end = await sink.end;
    expect(end).toMatchObject({ type: "lost", reason: { name: "ConnectionError" } });
    // A reset may overtake what the kernel holds; a FIN can't.
    if (mode === "fin") {
      expect(sink.payloads).toEqual(["1\n", "2\n"]);
      expect(end).toMatchObject({ reason: { kind } });
    }
  },
);

test("a stalled network: close does not wait for the server", async () => {
  await using database = await withTable();
  await using proxy = await faultProxy({ target: server });
  const session = await connect({ connectionString: proxy.urlOf(database.url) });
  const connection = await proxy.connection(1);
  connection.toServer.stall();
  connection.toClient.stall();
  const query = session.query("SELECT 1").catch((error: unknown) => error);
  await session.close(50);
  expect(await query).toMatchObject({ name: "ConnectionError", kind: "closed" });
  connection.cut("rst");
});

test("R91: after close the slot is free and the backend gone", async () => {
  await using database = await withTable();
  await using slot = await database.slot();
  const session = await connect({ connectionString: database.url });
  await session.stream(startReplication({ slot: slot.name, publications: ["p"] }), recordingSink());
  expect(await slot.state()).toMatchObject({ active: true, activePid: session.connectionId });
  await session.close();
  while ((await slot.state())?.active === true);
  expect(await slot.state()).toMatchObject({ active: false });
});

test("a frame larger than a slab arrives whole", async () => {
  await using database = await withTable();
  const session = await connect({ connectionString: database.url });
  const sizes = [3_000_000, 5, 1 << 20, 1_200_000, 7];
  const received: number[] = [];
  const end = deferred<StreamEnd>();
  const sink = { data: (payload: Buffer) => received.push(payload.length - 1), ended: end.resolve };
  const sql = `COPY (SELECT repeat('x', n) FROM unnest(ARRAY[${sizes.join()}]) n) TO STDOUT`;
  await session.stream(sql, sink);
  expect(await end.promise).toMatchObject({ type: "done" });
  expect(received).toEqual(sizes);
  await session.close();
});

test("a port that answers nothing but garbage is a typed error", async () => {
  const { createServer } = await import("node:net");
  const garbage = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(Buffer.from("220 mail.example ESMTP\r\n"));
  }).listen(0, "127.0.0.1");
  await once(garbage, "listening");
  const address = garbage.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await expect(connect({ host: "127.0.0.1", port })).rejects.toMatchObject({ name: "ConnectionError" });
  garbage.close();
});
