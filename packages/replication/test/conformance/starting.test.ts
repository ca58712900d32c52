import { makeRuntime, SimulatedTime, silentLogger, stop as stopProcess, whereis } from "@trunkline/process";
import { gate, scriptedServer } from "@trunkline/testing";
import { describe, expect, test } from "vitest";
import { ignore, noreply, query, ReplicationConnection, stop, stream } from "../../src/index.ts";
import { Inbox } from "./inbox.ts";
import { type ProbeOptions, probeKind, refusal, startProbe } from "./probe.ts";
import { closedPort, goodbye } from "./scripts.ts";

function startLink(options: ProbeOptions & { readonly signal?: AbortSignal }) {
  const { callbacks, runtime, logger = silentLogger, ...connection } = options;
  const inbox = new Inbox();
  return probeKind(callbacks).startLink(inbox, {
    statusUpdates: false,
    ...connection,
    runtime: makeRuntime({ logger, ...runtime }),
  });
}

describe("init", () => {
  test("PX-06, R3: another shape than a state fails the start, naming the value", async () => {
    const connectionString = await closedPort();
    const start = (init: () => unknown) => refusal(startLink({ connectionString, callbacks: { init: init as never } }));
    for (const shape of [undefined, noreply(1), query("SELECT 1", 1)]) {
      expect(await start(() => shape)).toMatchObject({ code: "exited", reason: { error: { code: "bad_init" } } });
    }
    const named = (await start(() => noreply(1))) as { reason: { error: Error } };
    expect(named.reason.error.message).toContain("noreply");
    expect(await start(() => stop("shutdown"))).toMatchObject({ code: "exited", reason: { type: "shutdown" } });
    expect(await startLink({ connectionString, callbacks: { init: ignore as never } })).toBe(undefined);
  });
});

describe("names", () => {
  test("PX-08, R14: a name of a wrong type is refused before anything is started", async () => {
    for (const name of [7, {}, { type: "global", name: "x" }]) {
      const start = startLink({ connectionString: "postgres://x@127.0.0.1:1/x", name: name as never });
      await expect(start).rejects.toMatchObject({ name: "ConfigError", code: "option_invalid" });
    }
  });

  test("PX-08, R15, R16: a taken name fails with the process that has it, init does not run; the name is free after its end", async () => {
    const options = { connectionString: await closedPort(), autoReconnect: true, name: "px-08" };
    const ref = await startLink(options);
    if (ref === undefined) throw new Error("The start was ignored.");
    let inits = 0;
    const init = (inbox: Inbox) => {
      inits += 1;
      return { inbox };
    };
    await expect(startLink({ ...options, callbacks: { init } })).rejects.toMatchObject({
      code: "already_started",
      ref,
    });
    expect(inits).toBe(0);
    await stopProcess(ref, "shutdown");
    expect(whereis("px-08")).toBe(undefined);
  });
});

describe("the startup message", () => {
  /** What the server is told at the start. */
  async function startupOf(parameters: Readonly<Record<string, string>>) {
    let sent: readonly (readonly [string, string])[] = [];
    await using server = await scriptedServer(async (peer) => {
      sent = (await peer.login()).parameters;
      await goodbye(peer);
    });
    const probe = await startProbe({ connectionString: server.url, parameters });
    await probe[Symbol.asyncDispose]();
    await server.done;
    return sent;
  }

  test("PX-09, R4, R22: user, database, replication=database, then the user's own parameters", async () => {
    expect(await startupOf({ application_name: "px", search_path: "a,b" })).toEqual([
      ["user", "scripted"],
      ["database", "scripted"],
      ["replication", "database"],
      ["application_name", "px"],
      ["search_path", "a,b"],
    ]);
  });

  test("PX-09, R4: replication=true of the user's own is kept", async () => {
    const sent = await startupOf({ application_name: "px", replication: "true" });
    expect(sent.filter(([name]) => name === "replication")).toEqual([["replication", "true"]]);
  });
});

describe("limits", () => {
  test("PX-13, R26: a handshake that is never answered fails with HandshakeTimeout", async () => {
    await using server = await scriptedServer(async () => {}); // it accepts, and says nothing
    const start = startLink({ connectionString: server.url, handshakeTimeoutMs: 20 });
    expect(await refusal(start)).toMatchObject({
      reason: { error: { name: "HandshakeTimeout", code: "handshake_timeout", limitMs: 20 } },
    });
  });

  const unanswered = () => {
    const asked = gate();
    const server = scriptedServer([
      async (peer) => {
        await peer.login();
        await peer.expectQuery("SELECT 1");
        asked.open();
        await peer.expectClosed();
      },
      async () => {},
    ]);
    return { asked, server };
  };

  test("PX-15, R10: a query of handleConnect that is never answered fails the start at startTimeoutMs", async () => {
    const { asked, server: starting } = unanswered();
    const server = await starting;
    const clock = new SimulatedTime();
    const start = refusal(
      startLink({
        connectionString: server.url,
        startTimeoutMs: 300,
        runtime: { clock },
        callbacks: { handleConnect: (state) => query("SELECT 1", state) },
      }),
    );
    await asked.opened;
    await clock.advance(300);
    expect(await start).toMatchObject({ code: "timeout" });
    await server.close();
  });

  test("PX-15, R10: an aborted signal fails the start", async () => {
    const { asked, server: starting } = unanswered();
    const server = await starting;
    const giveUp = new AbortController();
    const start = refusal(
      startLink({
        connectionString: server.url,
        signal: giveUp.signal,
        callbacks: { handleConnect: (state) => query("SELECT 1", state) },
      }),
    );
    await asked.opened;
    giveUp.abort();
    expect((await start).code).not.toBe("answered");
    await server.close();
  });

  test("PX-52, R102: a stream with maxMessages 0 is a ConfigError", async () => {
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await goodbye(peer);
    });
    const start = startLink({
      connectionString: server.url,
      callbacks: { handleConnect: (state) => stream("START_REPLICATION …", state, { maxMessages: 0 }) },
    });
    expect(await refusal(start)).toMatchObject({ reason: { error: { name: "ConfigError" } } });
    await server.done;
  });

  test("R12, R32: what is missing in the definition is refused when it is made", () => {
    expect(() => ReplicationConnection.define({} as never)).toThrow(
      expect.objectContaining({ code: "option_missing" }),
    );
  });
});
