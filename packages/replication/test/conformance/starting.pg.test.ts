import { exited, makeRuntime, silentLogger } from "@trunkline/process";
import { isXLogData } from "@trunkline/protocol";
import { sharedPostgres, type TestDatabase } from "@trunkline/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { disconnect, noreply, query, stream } from "../../src/index.ts";
import { Inbox } from "./inbox.ts";
import { type ProbeOptions, probeKind, refusal, startProbe } from "./probe.ts";
import { closedPort } from "./scripts.ts";

let database: TestDatabase;

beforeAll(async () => void (await sharedPostgres()));
beforeEach(async () => {
  const own = await (await sharedPostgres()).database();
  database = own;
  return () => own[Symbol.asyncDispose]();
});

const refused = { type: "error", error: { name: "ConnectionError", code: "connection_refused" } };

/** Starts a probe by hand, as its owner. */
function startLink(options: ProbeOptions) {
  const { callbacks, runtime, logger = silentLogger, ...connection } = options;
  const inbox = new Inbox();
  const started = probeKind(callbacks).startLink(inbox, {
    statusUpdates: false,
    ...connection,
    runtime: makeRuntime({ logger, ...runtime }),
  });
  return { inbox, started };
}

describe("the first connect fails", () => {
  test("PX-01, R7, R8: sync, without autoReconnect: the start fails with its error, and no handleDisconnect runs", async () => {
    const { inbox, started } = startLink({ connectionString: await closedPort() });
    expect(await refusal(started)).toMatchObject({ code: "exited", reason: refused });
    expect(inbox.take("disconnect")).toEqual([]);
  });

  test("PX-01, R11: a supervisor gets the same error of a child that cannot connect", async () => {
    const started = startProbe({ connectionString: await closedPort() });
    await expect(started).rejects.toMatchObject({ reason: refused });
  });

  test("PX-02, R7: sync, with autoReconnect: the start succeeds, and infos are handled", async () => {
    await using probe = await startProbe({ connectionString: await closedPort(), autoReconnect: true });
    probe.info("ping");
    await probe.inbox.next("note");
  });

  test("PX-03, R7: not sync, without autoReconnect: the start succeeds, and the process exits with the error", async () => {
    const { started } = startLink({ connectionString: await closedPort(), syncConnect: false });
    const ref = await started;
    if (ref === undefined) throw new Error("The start was ignored.");
    expect(await exited(ref)).toMatchObject(refused);
  });

  test("R7: not sync, with autoReconnect: the start succeeds, and the attempts go on", async () => {
    await using probe = await startProbe({
      connectionString: await closedPort(),
      syncConnect: false,
      autoReconnect: true,
      reconnectBackoff: 1,
      configure: ({ attempt }) => (attempt < 3 ? {} : { connectionString: database.url }),
    });
    await probe.inbox.next("connect");
  });
});

describe("starting", () => {
  test("PX-07, R9: handleConnect disconnects: handleDisconnect runs, and the start fails with exactly that reason", async () => {
    const { inbox, started } = startLink({
      connectionString: database.url,
      callbacks: { handleConnect: (state) => disconnect("nope", state) },
    });
    expect(await refusal(started)).toEqual({ code: "exited", reason: { type: "error", error: "nope" } });
    expect(inbox.take("disconnect")).toMatchObject([{ reason: "nope" }]);
  });

  test("PX-10: an option that nobody reads is refused, naming the one that was meant", async () => {
    const { started } = startLink({ hostname: "127.0.0.1" } as never);
    await expect(started).rejects.toMatchObject({
      name: "ConfigError",
      code: "option_unknown",
      message: expect.stringContaining('"host"'),
    });
  });

  test("PX-11, R24: several endpoints fail with one error that lists them in order", async () => {
    const ports = [new URL(await closedPort()).port, new URL(await closedPort()).port];
    const endpoints = ports.map((port) => ["127.0.0.1", port] as const);
    const { started } = startLink({ endpoints, user: "somebody" });
    const { reason } = await refusal(started);
    const { error } = reason as { readonly error: { readonly code: string; readonly errors: readonly Error[] } };
    expect(error).toMatchObject({ code: "connection_all_endpoints_failed" });
    expect(error.errors).toHaveLength(2);
    for (const [index, port] of ports.entries()) {
      expect(error.errors[index]).toMatchObject({ code: "connection_refused" });
      expect(error.errors[index]?.message).toContain(port);
    }
  });

  test("PX-12, R25: a primary will not do for a secondary", async () => {
    const { started } = startLink({ connectionString: database.url, targetServerType: "secondary" });
    expect(await refusal(started)).toMatchObject({ reason: { error: { code: "connection_wrong_server_type" } } });
    await using probe = await startProbe({ connectionString: database.url, targetServerType: "primary" });
    expect(await probe.query("SELECT 1")).toHaveLength(1);
  });

  test("PX-14, R28: physical mode connects first time, and receives WAL", async () => {
    const server = await sharedPostgres();
    await using probe = await startProbe({
      connectionString: server.url,
      parameters: { replication: "true" },
      callbacks: {
        handleConnect: (state) => query("IDENTIFY_SYSTEM", state),
        handleResult: (answer, state) => {
          if (answer instanceof Error) throw answer;
          return stream(`START_REPLICATION PHYSICAL ${answer[0]?.rows[0]?.[2]}`, state);
        },
        handleData: (data, state) => {
          if (typeof data !== "symbol" && isXLogData(data)) {
            state.inbox.post({ type: "data", payload: Buffer.from(data), n: state.inbox.count() });
          }
          return noreply(state);
        },
      },
    });
    await database.query("CREATE TABLE written (id int)");
    const { payload } = await probe.inbox.next("data");
    expect(payload.length).toBeGreaterThan(25);
  });
});
