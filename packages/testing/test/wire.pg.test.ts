// What @trunkline/protocol writes and reads, said to and heard from real servers, with nothing in between but a socket.
import {
  alterReplicationSlot,
  type BackendMessage,
  createPhysicalReplicationSlot,
  createReplicationSlot,
  decodeServerReplicationMessage,
  dropReplicationSlot,
  encodeCancelRequest,
  encodeCopyData,
  encodeCopyDone,
  encodeStandbyStatusUpdate,
  encodeStartupMessage,
  formatLsn,
  identifySystem,
  parseCommandTag,
  parseLsn,
  quoteIdentifier,
  readReplicationSlot,
  show,
  startReplication,
  timelineHistory,
} from "@trunkline/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PostgresServer, postgresVersions, startPostgres } from "../src/index.ts";
import { rawClient } from "./raw-client.ts";
import { type WireSession, wireSession } from "./wire-session.ts";

/** The rows of an answer; the server's error fails the test with its text. */
function rows(messages: readonly BackendMessage[]): readonly (readonly (string | null)[])[] {
  return messages.flatMap((message) => {
    if (message.type === "errorResponse") throw new Error(message.report.message);
    return message.type === "dataRow" ? [message.values] : [];
  });
}

const command = (messages: readonly BackendMessage[]) =>
  messages.flatMap((message) => (message.type === "commandComplete" ? [parseCommandTag(message.tag).command] : []));

const condition = (messages: readonly BackendMessage[]) =>
  messages.flatMap((message) => (message.type === "errorResponse" ? [message.report.condition] : []));

describe.each(postgresVersions)("PostgreSQL %d", (version) => {
  let server: PostgresServer;
  let wire: WireSession;

  beforeAll(async () => {
    server = await startPostgres({ version });
    const { port } = server;
    const user = decodeURIComponent(new URL(server.url).username);
    wire = await wireSession({ port, user, parameters: { database: "postgres", replication: "database" } });
  });

  afterAll(async () => {
    wire[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  test("greets with its parameters, a key and ReadyForQuery", () => {
    const types = new Set(wire.greeting.map((message) => message.type));
    expect([...types].sort()).toEqual(["backendKeyData", "parameterStatus", "readyForQuery"]);
  });

  test("identifies itself, shows a parameter and answers for timeline 1, which has no history", async () => {
    const [row = []] = rows(await wire.query(identifySystem()));
    expect(row[0]).toMatch(/^\d+$/);
    expect(formatLsn(parseLsn(row[2] ?? ""))).toBe(row[2]);
    expect(row[3]).toBe("postgres");
    expect(rows(await wire.query(show("wal_level")))).toEqual([["logical"]]);
    expect(await wire.query(timelineHistory(1))).toContainEqual(expect.objectContaining({ type: "errorResponse" }));
  });

  test.each([undefined, version])("creates and drops slots with each snapshot option (serverVersion %s)", async (v) => {
    const serverVersion = v === undefined ? {} : { serverVersion: v };
    for (const snapshot of ["export", "nothing"] as const) {
      const created = await wire.query(
        createReplicationSlot({ slot: "s1", temporary: true, snapshot, ...serverVersion }),
      );
      expect(rows(created)).toEqual([
        ["s1", expect.stringMatching(/\//), snapshot === "export" ? expect.any(String) : null, "pgoutput"],
      ]);
      expect(command(created)).toEqual(["create_replication_slot"]);
      expect(command(await wire.query(dropReplicationSlot({ slot: "s1", wait: true })))).toEqual([
        "drop_replication_slot",
      ]);
    }
    await wire.query("BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ");
    expect(
      rows(await wire.query(createReplicationSlot({ slot: "s2", snapshot: "use", ...serverVersion }))),
    ).toHaveLength(1);
    await wire.query("COMMIT");
    expect(command(await wire.query(dropReplicationSlot({ slot: "s2" })))).toEqual(["drop_replication_slot"]);
  });

  test("creates and reads a physical slot", async () => {
    const slot = "9_p"; // not a temporary one: an error drops those, and 14 answers READ with an error
    expect(rows(await wire.query(createPhysicalReplicationSlot({ slot, reserveWal: true })))).toHaveLength(1);
    const read = await wire.query(readReplicationSlot({ slot }));
    if (version >= 15) expect(rows(read)).toEqual([["physical", expect.any(String), expect.any(String)]]);
    else expect(condition(read)).toEqual(["syntax_error"]);
    expect(() => readReplicationSlot({ slot, serverVersion: 14 })).toThrow(/needs PostgreSQL 15/);
    expect(command(await wire.query(dropReplicationSlot({ slot })))).toEqual(["drop_replication_slot"]);
  });

  test("takes two_phase and failover from the version on that the package says", async () => {
    const twoPhase = await wire.query(createReplicationSlot({ slot: "tp", twoPhase: true, snapshot: "nothing" }));
    expect(condition(twoPhase)).toEqual(version >= 15 ? [] : ["syntax_error"]);
    const failover = await wire.query(createReplicationSlot({ slot: "fo", failover: true, snapshot: "nothing" }));
    expect(condition(failover)).toEqual(version >= 17 ? [] : [version >= 15 ? "internal_error" : "syntax_error"]);
    const altered = await wire.query(alterReplicationSlot({ slot: "fo", failover: false }));
    expect(condition(altered)).toEqual(version >= 17 ? [] : ["syntax_error"]);
    if (version >= 18) {
      expect(condition(await wire.query(alterReplicationSlot({ slot: "tp", twoPhase: false })))).toEqual([]);
    }
    if (version >= 15) await wire.query(dropReplicationSlot({ slot: "tp" }));
    if (version >= 17) await wire.query(dropReplicationSlot({ slot: "fo" }));
  });

  test("streams from publications with difficult names, and takes every option it knows", async () => {
    const publications = ["My,Pub", `it's "quoted"`, " ünï 🐘 "];
    await wire.query("CREATE TABLE difficult (id int PRIMARY KEY)");
    for (const name of publications) {
      expect(command(await wire.query(`CREATE PUBLICATION ${quoteIdentifier(name)} FOR TABLE difficult`))).toHaveLength(
        1,
      );
    }
    await wire.query(createReplicationSlot({ slot: "names", temporary: true, snapshot: "nothing" }));
    await wire.query("INSERT INTO difficult VALUES (7)");
    const start = await wire.query(
      startReplication({
        slot: "names",
        publications,
        binary: true,
        messages: true,
        streaming: version >= 16 ? "parallel" : "on",
        ...(version >= 15 && { twoPhase: true }),
        ...(version >= 16 && { origin: "any" }),
        serverVersion: version,
      }),
    );
    expect(start.at(-1)).toEqual({ type: "copyBothResponse", format: "text", columnFormats: [] });
    const letters: string[] = [];
    while (letters.at(-1) !== "C") {
      const message = await wire.next();
      if (message.type !== "copyData") throw new Error(`unexpected ${JSON.stringify(message)}`);
      const payload = decodeServerReplicationMessage(message.data);
      if (payload.type === "xLogData") letters.push(String.fromCharCode(payload.data[0] ?? 0));
    }
    expect(letters).toEqual(["B", "R", "I", "C"]);
  });

  test("answers a status update that asks for it, and CopyDone with CopyDone", async () => {
    const flushed = parseLsn("0/1");
    const status = { written: flushed, flushed, applied: flushed, clock: 0n, replyRequested: true };
    wire.send(encodeCopyData(encodeStandbyStatusUpdate(status)));
    for (;;) {
      const message = await wire.next();
      if (message.type !== "copyData") throw new Error(`unexpected ${message.type}`);
      const payload = decodeServerReplicationMessage(message.data);
      if (payload.type !== "primaryKeepalive") continue;
      expect(payload.walEnd).toBeGreaterThan(flushed);
      break;
    }
    wire.send(encodeCopyDone());
    const end: BackendMessage[] = [];
    while (end.at(-1)?.type !== "readyForQuery") end.push(await wire.next());
    expect(end.map((message) => message.type).filter((type) => type !== "copyData")).toEqual([
      "copyDone",
      "commandComplete",
      "commandComplete",
      "readyForQuery",
    ]);
  });

  test("reports an error in all its fields, and stays usable", async () => {
    const [error] = await wire.query("SELECT 1/0");
    expect(error).toMatchObject({
      type: "errorResponse",
      report: { severity: "ERROR", code: "22012", condition: "division_by_zero", routine: expect.any(String) },
    });
    expect(rows(await wire.query("SELECT NULL, 'é'; SELECT 2"))).toEqual([[null, "é"], ["2"]]);
    expect((await wire.query("-- nothing")).map((message) => message.type)).toEqual([
      "emptyQueryResponse",
      "readyForQuery",
    ]);
  });

  test("cancels a query when it is asked with the key", async () => {
    const key = wire.greeting.find((message) => message.type === "backendKeyData");
    if (key === undefined) throw new Error("no key");
    const sleeping = wire.query("SELECT pg_sleep(60)");
    // A request that overtakes the query finds nothing to cancel.
    await using watcher = await server.client();
    const asleep = "SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'";
    while ((await watcher.query(asleep, [key.processId])).rowCount === 0);
    using raw = await rawClient(server.port);
    raw.socket.write(encodeCancelRequest(key));
    await raw.over;
    expect(condition(await sleeping)).toEqual(["query_canceled"]);
  });
});

test("the longest StartupMessage that the package writes is read, one byte more is not", async () => {
  await using server = await startPostgres();
  const user = decodeURIComponent(new URL(server.url).username);
  const parameters = { database: "postgres", application_name: "" };
  const longest = "x".repeat(10_004 - encodeStartupMessage({ user, ...parameters }).length);
  using wire = await wireSession({
    port: server.port,
    user,
    parameters: { ...parameters, application_name: longest },
  });
  expect(wire.greeting.at(-1)).toEqual({ type: "readyForQuery", status: "idle" });
  using raw = await rawClient(server.port);
  const message = encodeStartupMessage({ user, ...parameters, application_name: longest });
  const longer = Buffer.concat([message.subarray(0, -2), Buffer.from("x"), message.subarray(-2)]);
  longer.writeUInt32BE(longer.length, 0);
  raw.socket.write(longer);
  await raw.over;
  expect(raw.received()).toHaveLength(0);
});

test("protocol 3.2 is spoken by 18, with a long cancel key, and answered with a lower version by 17", async () => {
  for (const [version, keyBytes] of [
    [18, 32],
    [17, 4],
  ] as const) {
    await using server = await startPostgres({ version });
    const user = decodeURIComponent(new URL(server.url).username);
    using wire = await wireSession({ port: server.port, user, protocol: "3.2", parameters: { database: "postgres" } });
    const key = wire.greeting.find((message) => message.type === "backendKeyData");
    expect(key?.key).toHaveLength(keyBytes);
  }
});

describe("logging in", () => {
  let server: PostgresServer;
  const password = "pä55wörd, ｆull\u00adwidth";

  beforeAll(async () => {
    const line = (user: string, method: string) => `host all ${user} 127.0.0.1/32 ${method}`;
    server = await startPostgres({
      ssl: true,
      hba: [line("scram", "scram-sha-256"), line("md5", "md5"), line("clear", "password")],
    });
    await using client = await server.client();
    const literal = client.escapeLiteral(password);
    await client.query(`CREATE ROLE scram LOGIN PASSWORD ${literal}; CREATE ROLE clear LOGIN PASSWORD ${literal};
      SET password_encryption = 'md5'; CREATE ROLE md5 LOGIN PASSWORD ${literal}`);
  });

  afterAll(() => server[Symbol.asyncDispose]());

  const login = (user: string, options: object = {}) =>
    wireSession({ port: server.port, user, password, parameters: { database: "postgres" }, ...options });

  test.each(["scram", "md5", "clear"])("%s succeeds with the password, and fails with another", async (user) => {
    using wire = await login(user);
    expect(rows(await wire.query("SELECT current_user::text"))).toEqual([[user]]);
    await expect(login(user, { password: "wrong" })).rejects.toMatchObject({ condition: "invalid_password" });
  });

  test.each(["require", "prefer", "disable"])(
    "SCRAM over TLS succeeds with channel binding %s",
    async (channelBinding) => {
      using wire = await login("scram", { ca: server.certificates?.ca, channelBinding });
      const sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
      expect(rows(await wire.query(sql))).toEqual([["t"]]);
    },
  );
});
