import { inspect } from "node:util";
import {
  exited,
  isRunning,
  makeRuntime,
  SimulatedTime,
  settle,
  silentLogger,
  stop as stopProcess,
  sys,
} from "@trunkline/process";
import { encodeStandbyStatusUpdate, lsn } from "@trunkline/protocol";
import { copyBothResponse, copyData, gate, scriptedServer } from "@trunkline/testing";
import { expect, test } from "vitest";
import { closedPort, goodbye, loginAndStream, started, streaming } from "../test/logging-connection.ts";
import { disconnect, noreply, query } from "./instruction.ts";

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

test("R83: a reconnect that has lasted stableAfterMs is good again: its loss reconnects at once", async () => {
  await using server = await scriptedServer(
    async (peer) => {
      await peer.login();
      await goodbye(peer);
    },
    { repeat: true },
  );
  const time = new SimulatedTime();
  const runtime = makeRuntime({ logger: silentLogger, clock: time });
  const ref = await started(
    { handleInfo: (_, log) => disconnect("again", log) },
    { connectionString: server.url, autoReconnect: true, stableAfterMs: 2000, runtime },
  );
  const path: string[] = [];
  ref.subscribe({ next: ({ value }) => path.push(typeof value === "string" ? value : "connected") });
  const reconnected = async (): Promise<readonly string[]> => {
    ref.send({ type: "info", info: "lose it" });
    await new Promise<void>((resolve) => {
      const subscription = ref.subscribe({
        next: ({ value }) => {
          if (value !== "backingOff" && typeof value === "string") return;
          if (path.length < 3) return;
          subscription.unsubscribe();
          resolve();
        },
      });
    });
    return [...new Set(path.splice(0))];
  };
  const atOnce = ["connected", "closing", "connecting", "authenticating"];
  expect(await reconnected()).toEqual(atOnce);
  await time.advance(2000);
  expect(await reconnected()).toEqual(atOnce);
  expect(await reconnected()).toEqual(["connected", "closing", "backingOff"]);
  await stopProcess(ref, "shutdown");
});

test("R91: the last status update of a shutdown repeats what is confirmed", async () => {
  const position = { written: lsn(16n), flushed: lsn(16n), applied: lsn(16n) };
  const acked = gate();
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectQuery("SHOW wal_sender_timeout");
    peer.sendError({ code: "42704", message: "there is none" });
    await peer.expectQuery();
    peer.send(copyBothResponse(), copyData("go"));
    await peer.expectStatusUpdate({ flushed: lsn(16n) });
    await peer.expectStatusUpdate({ flushed: lsn(16n) });
    await peer.expectCopyDone();
    await goodbye(peer);
  });
  const ref = await started(
    {
      ...streaming,
      handleData: (_, log) => {
        acked.open();
        return noreply(log, [encodeStandbyStatusUpdate({ ...position, clock: 0n, replyRequested: false })]);
      },
    },
    { connectionString: server.url, statusUpdates: true },
  );
  await acked.opened;
  await stopProcess(ref, "shutdown");
  await server.done;
});

test("R92: a shutdown does not wait for a handleDisconnect that is busy", async () => {
  const cut = gate();
  const busy = gate();
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await cut.opened;
    peer.reset();
  });
  const ref = await started(
    {
      handleDisconnect: () => {
        busy.open();
        return new Promise(() => {});
      },
    },
    { connectionString: server.url, autoReconnect: true },
  );
  cut.open();
  await busy.opened;
  await stopProcess(ref, "shutdown");
});

test("R92: a shutdown that comes during a goodbye lets it end, so that the slot is free afterwards", async () => {
  const hangUp = gate();
  await using server = await scriptedServer(async (peer) => {
    await peer.login();
    await peer.expectTerminate();
    await hangUp.opened;
    peer.halfClose();
  });
  const busy = gate();
  const ref = await started(
    {
      handleInfo: (_, log) => disconnect("enough", log),
      handleDisconnect: () => {
        busy.open();
        return new Promise(() => {});
      },
    },
    { connectionString: server.url, autoReconnect: true },
  );
  ref.send({ type: "info", info: "go" });
  await busy.opened;
  const stopped = stopProcess(ref, "shutdown");
  await settle();
  await settle();
  expect(isRunning(ref)).toBe(true);
  hangUp.open();
  await stopped;
});
