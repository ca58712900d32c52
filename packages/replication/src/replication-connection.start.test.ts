import {
  call,
  exited,
  info,
  makeRuntime,
  reply,
  SimulatedTime,
  settle,
  silentLogger,
  stop as stopProcess,
  sys,
} from "@trunkline/process";
import { gate, scriptedServer } from "@trunkline/testing";
import { expect, test } from "vitest";
import { closedPort, goodbye, logging, login, quiet, startCode, started } from "../test/logging-connection.ts";
import { disconnect, ignore, noreply, query, stop } from "./instruction.ts";
import { ReplicationConnection } from "./replication-connection.ts";

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

test("R75: what is sent while init is pending is handled when the connection is there", async () => {
  await using server = await scriptedServer(login);
  const initialised = gate();
  const name = `early-${process.pid}`;
  const start = started(
    {
      init: async () => {
        await initialised.opened;
        return ["init"];
      },
      handleCall: (_request, from, log) => {
        reply(from, log);
        return noreply(log);
      },
    },
    { connectionString: server.url, name },
  );
  await settle();
  const answer = call(name, "log");
  initialised.open();
  expect(await answer).toEqual(["init", "connect"]);
  await stopProcess(await start, "shutdown");
});

test("a suspension during init holds the messages until resume, though the connection is made", async () => {
  await using server = await scriptedServer(login);
  const initialised = gate();
  const name = `suspended-${process.pid}`;
  const start = started(
    {
      init: async () => {
        await initialised.opened;
        return [];
      },
      handleInfo: (text, log) => noreply([...log, String(text)]),
    },
    { connectionString: server.url, name, syncConnect: false },
  );
  await settle();
  await sys.suspend(name);
  info(name, "hello");
  initialised.open();
  const ref = await start;
  await new Promise<void>((resolve) => {
    ref.subscribe({ next: ({ value }) => typeof value === "object" && resolve() });
  });
  await settle();
  expect(await sys.getState(ref)).toEqual([]);
  await sys.resume(ref);
  await settle();
  expect(await sys.getState(ref)).toEqual(["connect", "hello"]);
  await stopProcess(ref, "shutdown");
});

test("a stop during init ends the start, and nothing connects", async () => {
  await using server = await scriptedServer(login);
  const initialised = gate();
  const name = `stopped-${process.pid}`;
  const start = started(
    {
      init: async () => {
        await initialised.opened;
        return [];
      },
    },
    { connectionString: server.url, name },
  );
  const code = startCode(start);
  await settle();
  await stopProcess(name, "shutdown");
  initialised.open();
  expect(await code).toMatchObject({ code: "exited", reason: { type: "shutdown" } });
  await settle();
  expect(server.connections).toBe(0);
});
