import { inspect } from "node:util";
import { exited, makeRuntime, SimulatedTime, settle, silentLogger, stop as stopProcess, sys } from "@trunkline/process";
import { encodeStandbyStatusUpdate, lsn, PRIMARY_KEEPALIVE } from "@trunkline/protocol";
import {
  copyBothResponse,
  copyData,
  copyDone,
  errorResponse,
  gate,
  type Peer,
  primaryKeepalive,
  type Script,
  scriptedServer,
  xLogData,
} from "@trunkline/testing";
import { describe, expect, test } from "vitest";
import type { InspectionEvent } from "xstate";
import type { Callbacks } from "./callbacks.ts";
import { DONE } from "./done.ts";
import { disconnect, ignore, noreply, query, stop, stream } from "./instruction.ts";
import type { StartLinkOptions } from "./options/replication-options.ts";
import { ReplicationConnection } from "./replication-connection.ts";

type Log = string[];
type Wanted = Partial<Callbacks<Log, unknown, unknown, unknown>>;

/** A connection whose state is the log of what it saw. */
const logging = (callbacks: Wanted) =>
  ReplicationConnection.define<Log>({
    init: () => [],
    handleConnect: (log) => noreply([...log, "connect"]),
    handleDisconnect: (reason, log) =>
      noreply([...log, `disconnect ${reason instanceof Error ? reason.name : reason}`]),
    handleData: (data, log) => noreply([...log, data === DONE ? "DONE" : Buffer.from(data).toString()]),
    handleResult: (results, log) => noreply([...log, results instanceof Error ? results.message : "results"]),
    ...callbacks,
  });

const quiet = makeRuntime({ logger: silentLogger });

async function started(callbacks: Wanted, options: StartLinkOptions) {
  const ref = await logging(callbacks).startLink(undefined, { statusUpdates: false, runtime: quiet, ...options });
  if (ref === undefined) throw new Error("The start was ignored.");
  return ref;
}

const startCode = (start: Promise<unknown>): Promise<unknown> =>
  start.then(
    () => "started",
    (error: { readonly code?: string; readonly reason?: unknown }) => ({ code: error.code, reason: error.reason }),
  );

const login: Script = async (peer) => void (await peer.login());
const loginAndStream = async (peer: Peer): Promise<void> => {
  await peer.login();
  await peer.expectQuery();
  peer.send(copyBothResponse());
};
const goodbye = async (peer: Peer): Promise<void> => {
  await peer.expectTerminate();
  await peer.expectEnd();
  peer.halfClose();
};
const streaming: Wanted = { handleConnect: (log) => stream("START_REPLICATION …", [...log, "connect"]) };

/** A port on which nothing listens any more. */
async function closedPort(): Promise<string> {
  const server = await scriptedServer(login);
  await server.close();
  return server.url;
}

describe("starting", () => {
  test("PX-01, R7, R8: sync and without autoReconnect, a refused connect fails the start with its error", async () => {
    const seen: string[] = [];
    const start = started(
      {
        handleDisconnect: (_, log) => {
          seen.push("disconnect");
          return noreply(log);
        },
      },
      { connectionString: await closedPort() },
    );
    expect(await startCode(start)).toMatchObject({
      code: "exited",
      reason: { type: "error", error: { code: "connection_refused" } },
    });
    expect(seen).toEqual([]);
  });

  test("PX-02, R7: sync with autoReconnect, a refused connect starts it all the same, and it waits to try again", async () => {
    const ref = await started({}, { connectionString: await closedPort(), autoReconnect: true });
    expect(ref.getSnapshot().value).toBe("backingOff");
    await stopProcess(ref, "shutdown");
  });

  test("PX-03, R7: not sync, it starts, and exits with the error a moment later", async () => {
    const ref = await started({}, { connectionString: await closedPort(), syncConnect: false });
    expect(await exited(ref)).toMatchObject({ type: "error", error: { code: "connection_refused" } });
  });

  test("PX-06, R3: an init that returns nothing, throws, stops or ignores", async () => {
    const connectionString = await closedPort();
    const starting = (init: () => unknown) => startCode(started({ init: init as never }, { connectionString }));
    expect(await starting(() => undefined)).toMatchObject({ reason: { error: { code: "bad_init" } } });
    expect(await starting(() => noreply([]))).toMatchObject({ reason: { error: { code: "bad_init" } } });
    expect(await starting(() => Promise.reject(new Error("no")))).toMatchObject({
      reason: { error: { message: "no" } },
    });
    expect(await starting(() => stop("shutdown"))).toMatchObject({ reason: { type: "shutdown" } });
    expect(await logging({ init: () => ignore() }).startLink(undefined, { connectionString, runtime: quiet })).toBe(
      undefined,
    );
  });

  test("PX-07, R9: handleConnect disconnects: handleDisconnect runs, and the start fails with the reason", async () => {
    const seen: string[] = [];
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await goodbye(peer);
    });
    const start = started(
      {
        handleConnect: (log) => disconnect("nope", log),
        handleDisconnect: (reason, log) => {
          seen.push(String(reason));
          return noreply(log);
        },
      },
      { connectionString: server.url },
    );
    expect(await startCode(start)).toEqual({ code: "exited", reason: { type: "error", error: "nope" } });
    expect(seen).toEqual(["nope"]);
    await server.done;
  });

  test("PX-08, R14, R15: a name that is no name is refused, and one that is taken fails with already_started", async () => {
    const connectionString = await closedPort();
    const options = { connectionString, autoReconnect: true, name: Symbol("taken") };
    const ref = await started({}, options);
    let inits = 0;
    const again = started(
      {
        init: () => {
          inits += 1;
          return [];
        },
      },
      options,
    );
    await expect(again).rejects.toMatchObject({ code: "already_started", ref });
    expect(inits).toBe(0);
    await expect(started({}, { connectionString, name: 7 as never })).rejects.toMatchObject({ code: "option_invalid" });
    await expect(started({}, { connectionString, name: { type: "global", name: "x" } })).rejects.toMatchObject({
      code: "option_invalid",
    });
    await stopProcess(ref, "shutdown");
  });

  test("PX-10: an option that nobody reads is refused with the name that was meant", async () => {
    const start = started({}, { hostname: "localhost" } as never);
    await expect(start).rejects.toMatchObject({ code: "option_unknown", message: expect.stringContaining('"host"') });
    await expect(started({}, { autoreconnect: true } as never)).rejects.toThrow('"autoReconnect"');
    expect(() => ReplicationConnection.define({ init: () => 0, handelData: () => 0 } as never)).toThrow('"handleData"');
  });

  test("PX-15, R10: a query that is never answered ends the start at its limit", async () => {
    await using server = await scriptedServer([
      async (peer) => {
        await peer.login();
        await peer.expectQuery();
      },
      async () => {},
    ]);
    const time = new SimulatedTime();
    const runtime = makeRuntime({ logger: silentLogger, clock: time });
    const asked = gate();
    const start = started(
      {
        handleConnect: (log) => {
          asked.open();
          return query("SELECT 1", log);
        },
      },
      { connectionString: server.url, startTimeoutMs: 300, runtime },
    );
    const code = startCode(start);
    await asked.opened;
    await time.advance(300);
    expect(await code).toMatchObject({ code: "timeout" });
  });

  test("R23: configure is asked before each attempt, and the password function too", async () => {
    await using server = await scriptedServer(async (peer) => {
      expect((await peer.login()).parameters).toContainEqual(["user", "fresh"]);
      await goodbye(peer);
    });
    const attempts: number[] = [];
    const ref = await started(
      {},
      {
        connectionString: await closedPort(),
        autoReconnect: true,
        reconnectBackoff: 1,
        syncConnect: false,
        configure: ({ attempt }) => {
          attempts.push(attempt);
          return attempt === 1 ? {} : { connectionString: server.url, user: "fresh" };
        },
        runtime: quiet,
      },
    );
    await new Promise<void>((resolve) => {
      ref.subscribe({ next: ({ value }) => typeof value === "object" && resolve() });
    });
    expect(attempts).toEqual([1, 2]);
    await stopProcess(ref, "shutdown");
    await server.done;
  });
});

describe("streams", () => {
  test("PX-27, PX-30, R65: what was complete is delivered before a FATAL error ends the connection", async () => {
    const begin = gate();
    await using server = await scriptedServer(async (peer) => {
      await loginAndStream(peer);
      await begin.opened;
      peer.send(copyData("one"), copyData("two"), errorResponse({ severity: "FATAL", code: "57P01", message: "bye" }));
      peer.halfClose();
    });
    const seen: string[] = [];
    const ref = await started(
      {
        ...streaming,
        handleData: (data, log) => {
          seen.push(String(data));
          return noreply(log);
        },
        handleDisconnect: (reason, log) => {
          seen.push(`disconnect ${(reason as Error).name}`);
          return noreply(log);
        },
      },
      { connectionString: server.url },
    );
    const ended = exited(ref);
    begin.open();
    expect(await ended).toMatchObject({ type: "error", error: { code: "57P01" } });
    expect(seen).toEqual(["one", "two", "disconnect PostgresError"]);
  });

  test("PX-31, R97: at most maxMessages come between two turns of the mailbox", async () => {
    const begin = gate();
    await using server = await scriptedServer(async (peer) => {
      await loginAndStream(peer);
      await begin.opened;
      peer.send(...["1", "2", "3", "4", "5"].map((text) => copyData(text)));
    });
    const done = gate();
    const ref = await started(
      {
        handleConnect: (log) => stream("START_REPLICATION …", log, { maxMessages: 2 }),
        handleInfo: (_, log) => noreply([...log, "info"]),
        handleData: (data, log) => {
          const text = String(data);
          if (text === "1") ref.send({ type: "info", info: undefined });
          if (text === "5") setImmediate(() => done.open());
          return noreply([...log, text]);
        },
      },
      { connectionString: server.url },
    );
    begin.open();
    await done.opened;
    expect(await sys.getState(ref)).toEqual(["1", "2", "info", "3", "4", "5"]);
    await stopProcess(ref, "shutdown");
  });

  test("PX-33, R66: CopyDone is answered with CopyDone, and then the connection takes queries again", async () => {
    await using server = await scriptedServer(async (peer) => {
      await loginAndStream(peer);
      peer.send(copyDone());
      await peer.expectCopyDone();
      peer.sendComplete("START_REPLICATION");
      await peer.expectQuery("SELECT 1");
      peer.sendComplete("SELECT 0");
      await goodbye(peer);
    });
    const through = gate();
    const ref = await started(
      {
        ...streaming,
        handleData: (data, log) => (data === DONE ? query("SELECT 1", [...log, "DONE"]) : noreply(log)),
        handleResult: (_, log) => {
          through.open();
          return noreply([...log, "results"]);
        },
      },
      { connectionString: server.url },
    );
    await through.opened;
    await settle();
    expect(await sys.getState(ref)).toEqual(["connect", "DONE", "results"]);
    await stopProcess(ref, "shutdown");
    await server.done;
  });

  test("R101: a keepalive that asks is answered with what is confirmed, also while a handler is busy", async () => {
    const busy = gate();
    const ack = encodeStandbyStatusUpdate({
      written: lsn(16n),
      flushed: lsn(16n),
      applied: lsn(16n),
      clock: 0n,
      replyRequested: false,
    });
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await peer.expectQuery("SHOW wal_sender_timeout");
      peer.sendResult([{ name: "wal_sender_timeout" } as never], [["1min"]]);
      await peer.expectQuery();
      peer.send(copyBothResponse(), primaryKeepalive("0/20", { replyRequested: true }));
      peer.send(xLogData("data", { walStart: "0/30" }));
      await peer.expectStatusUpdate({ flushed: lsn(16n), written: lsn(16n) });
      peer.send(primaryKeepalive("0/40"), primaryKeepalive("0/50", { replyRequested: true }));
      await peer.expectStatusUpdate({ flushed: lsn(16n), written: lsn(0x50n), replyRequested: false });
      peer.send(xLogData("data", { walStart: "0/60" }), primaryKeepalive("0/70"));
    });
    const ref = await started(
      {
        ...streaming,
        handleData: async (data, log) => {
          if (data === DONE || data[0] !== PRIMARY_KEEPALIVE) {
            return log.length < 2 ? noreply([...log, "acked"], [ack]) : noreply(log);
          }
          await busy.opened;
          return noreply(log);
        },
      },
      { connectionString: server.url, statusUpdates: true },
    );
    busy.open();
    await server.done;
    await stopProcess(ref, "shutdown");
  });
});

describe("ends", () => {
  test("PX-38, R90: a disconnect with autoReconnect says goodbye, then connects anew, and cancels nothing", async () => {
    const again = gate();
    await using server = await scriptedServer([
      async (peer) => {
        await loginAndStream(peer);
        peer.send(copyData("go"));
        await peer.expectCopyDone();
        await goodbye(peer);
      },
      async (peer) => {
        await peer.login();
        again.open();
        await peer.expectQuery();
        peer.send(copyBothResponse());
        await peer.expectCopyDone();
        await goodbye(peer);
      },
    ]);
    const ref = await started(
      {
        ...streaming,
        handleData: (_, log) => disconnect("enough", log),
        handleStreamStart: (log) => noreply([...log, "started"]),
      },
      { connectionString: server.url, autoReconnect: true },
    );
    await again.opened;
    await new Promise<void>((resolve) => {
      const check = (value: unknown) => typeof value === "object" && inspect(value).includes("streaming") && resolve();
      ref.subscribe({ next: ({ value }) => check(value) });
    });
    expect(await sys.getState(ref)).toEqual(["connect", "started", "disconnect enough", "connect", "started"]);
    await stopProcess(ref, "shutdown");
    await server.done;
    expect(server.connections).toBe(2);
  });

  test("PX-39, R91: a shutdown while streaming sends CopyDone and Terminate", async () => {
    await using server = await scriptedServer(async (peer) => {
      await loginAndStream(peer);
      await peer.expectCopyDone();
      await goodbye(peer);
    });
    const ref = await started(streaming, { connectionString: server.url });
    await stopProcess(ref, "shutdown");
    await server.done;
  });

  test("PX-41, R85: a disconnect during a wait makes one attempt, not two", async () => {
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await goodbye(peer);
    });
    const time = new SimulatedTime();
    const runtime = makeRuntime({ logger: silentLogger, clock: time });
    const connected = gate();
    let attempts = 0;
    const dead = await closedPort();
    const ref = await started(
      {
        handleConnect: (log) => {
          connected.open();
          return noreply([...log, "connect"]);
        },
        handleInfo: (_, log) => disconnect("now", log),
      },
      {
        connectionString: dead,
        configure: () => (++attempts === 1 ? {} : { connectionString: server.url }),
        autoReconnect: true,
        reconnectBackoff: 500,
        runtime,
      },
    );
    ref.send({ type: "info", info: undefined });
    await connected.opened;
    await time.advance(2000);
    expect(await sys.getState(ref)).toEqual(["disconnect now", "connect"]);
    expect(attempts).toBe(2);
    await stopProcess(ref, "shutdown");
    await server.done;
  });

  test("R83: reconnects that prove no good wait longer and longer, and end after maxAttempts", async () => {
    await using server = await scriptedServer(
      async (peer) => {
        await peer.login();
        await goodbye(peer);
      },
      { repeat: true },
    );
    const time = new SimulatedTime();
    const runtime = makeRuntime({ logger: silentLogger, clock: time });
    const connects: number[] = [];
    const backoff = { type: "exponential", minBackoffMs: 500, jitter: 0, maxAttempts: 3 } as const;
    const ref = await started(
      {
        handleConnect: (log) => {
          connects.push(time.now());
          return disconnect("bad", log);
        },
      },
      { connectionString: server.url, autoReconnect: true, reconnectBackoff: backoff, syncConnect: false, runtime },
    );
    const ended = exited(ref);
    const waits = (): Promise<void> =>
      new Promise((resolve) => {
        const subscription = ref.subscribe({
          next: ({ value }) => {
            if (value !== "backingOff") return;
            subscription.unsubscribe();
            resolve();
          },
        });
      });
    await waits();
    expect(connects).toEqual([0, 0]);
    const second = waits();
    await time.advance(500);
    await second;
    await time.advance(1000);
    expect(await ended).toMatchObject({
      type: "error",
      error: { code: "reconnect_attempts_exhausted", cause: "bad" },
    });
    expect(connects).toEqual([0, 0, 500, 1500]);
  });

  test("R92: a shutdown does not wait for a handler that is busy", async () => {
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await goodbye(peer);
    });
    const busy = gate();
    const ref = await started(
      {
        handleConnect: () => {
          busy.open();
          return new Promise(() => {});
        },
      },
      { connectionString: server.url, syncConnect: false },
    );
    await busy.opened;
    await stopProcess(ref, "shutdown");
    await server.done;
  });

  test("PX-40, R92: a shutdown does not wait for a query that is not answered", async () => {
    const asked = gate();
    await using server = await scriptedServer([
      async (peer) => {
        await peer.login();
        await peer.expectQuery();
        asked.open();
        await peer.expectTerminate();
      },
      async (peer) => void (await peer.expectCancelRequest()),
    ]);
    const ref = await started(
      { handleConnect: (log) => query("SELECT pg_sleep(600)", log) },
      { connectionString: server.url, syncConnect: false },
    );
    await asked.opened;
    await stopProcess(ref, "shutdown");
    await server.done;
  });
});

test("PX-51, R113: the password shows nowhere: not in inspection, dumps, errors or the log", async () => {
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await goodbye(peer);
  });
  const password = "hunter2-very-secret";
  const seen: unknown[] = [];
  const runtime = makeRuntime({
    logger: {
      debug: (...all) => void seen.push(all),
      info: (...all) => void seen.push(all),
      warn: (...all) => void seen.push(all),
      error: (...all) => void seen.push(all),
    },
  });
  const ref = await started(
    {},
    {
      connectionString: server.url,
      password,
      runtime,
      inspect: (event: InspectionEvent) => {
        const { actorRef, rootId, type, ...rest } = event;
        seen.push({ type, rootId, id: actorRef.sessionId, ...("event" in rest ? { event: rest.event } : {}) });
        if ("snapshot" in rest && "context" in rest.snapshot) seen.push(rest.snapshot.context);
      },
    },
  );
  const { value, context, error, output } = ref.getSnapshot();
  seen.push({ value, context, error, output }, await sys.getStatus(ref), await sys.getState(ref));
  await stopProcess(ref, "shutdown");
  expect(seen.length).toBeGreaterThan(10);
  for (const item of seen) {
    expect(inspect(item, { depth: 5, showHidden: true })).not.toContain(password);
  }
});
