import { exited, isRunning, type Logger, makeRuntime, silentLogger, whereis } from "@trunkline/process";
import { gate, scriptedServer } from "@trunkline/testing";
import { describe, expect, test } from "vitest";
import { call, noreply, query, ReplicationConnection, reply } from "../../src/index.ts";
import { startProbe } from "../conformance/probe.ts";
import { closedPort, goodbye, login } from "../conformance/scripts.ts";

describe("one life", () => {
  test("R1, R2: the name is there before init, which runs once, before any network activity, and not on a reconnect", async () => {
    const events: string[] = [];
    await using server = await scriptedServer([
      async (peer) => {
        events.push("socket");
        await peer.login();
        peer.reset();
      },
      login,
    ]);
    const probe = await startProbe({
      connectionString: server.url,
      name: "r1",
      autoReconnect: true,
      callbacks: {
        init: (inbox) => {
          events.push(`init ${whereis("r1") === undefined ? "unnamed" : "named"}`);
          return { inbox };
        },
        handleConnect: (state) => {
          state.inbox.note("connect");
          return noreply(state);
        },
      },
    });
    await probe.inbox.next("note");
    await probe.inbox.next("note");
    await probe[Symbol.asyncDispose]();
    await server.done;
    expect(events).toEqual(["init named", "socket"]);
  });

  test("R5: a sync start waits for handleConnect and every query chained from it", async () => {
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      for (const sql of ["one", "two"]) {
        await peer.expectQuery(sql);
        peer.sendComplete("SELECT 0");
      }
      await goodbye(peer);
    });
    let results = 0;
    const probe = await startProbe({
      connectionString: server.url,
      callbacks: {
        handleConnect: (state) => query("one", state),
        handleResult: (_, state) => {
          results += 1;
          return results === 1 ? query("two", state) : noreply(state);
        },
      },
    });
    expect(results).toBe(2);
    await probe[Symbol.asyncDispose]();
    await server.done;
  });

  test("R6: an asynchronous start is over after init, and connecting comes before messages that wait", async () => {
    const admitted = gate();
    await using server = await scriptedServer(async (peer) => {
      await peer.expectStartup();
      await peer.until(admitted.opened);
      peer.authOk();
      await goodbye(peer);
    });
    const probe = await startProbe({
      connectionString: server.url,
      syncConnect: false,
      callbacks: {
        handleConnect: (state) => {
          state.inbox.note("connect");
          return noreply(state);
        },
      },
    });
    probe.info("ping");
    const asked = call(probe.ref, { type: "ping" });
    expect(probe.inbox.notes()).toEqual([]);
    admitted.open();
    await asked;
    expect(probe.inbox.notes()).toEqual(["connect", "pong"]);
    await probe[Symbol.asyncDispose]();
    await server.done;
  });

  test("R31: each callback gets the state that the one before has returned", async () => {
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await peer.expectQuery("SELECT 1");
      peer.sendComplete("SELECT 0");
      peer.reset();
    });
    const trail: string[] = [];
    const Kind = ReplicationConnection.define<string>({
      init: () => "init",
      handleConnect: (state) => {
        trail.push(state);
        return query("SELECT 1", `${state} connect`);
      },
      handleResult: (_, state) => {
        trail.push(state);
        return noreply(`${state} result`);
      },
      handleDisconnect: (_, state) => {
        trail.push(state);
        return noreply(state);
      },
    });
    const runtime = makeRuntime({ logger: silentLogger });
    const ref = await Kind.startLink(undefined, { connectionString: server.url, runtime });
    if (ref === undefined) throw new Error("The start was ignored.");
    expect(await exited(ref)).toMatchObject({ type: "error" });
    expect(trail).toEqual(["init", "init connect", "init connect result"]);
  });

  test("R33: nothing but init is needed: what has no callback is passed over", async () => {
    await using server = await scriptedServer(login);
    const probe = await startProbe({
      connectionString: server.url,
      callbacks: { handleConnect: undefined, handleInfo: undefined, handleDisconnect: undefined } as never,
    });
    probe.info("ping");
    expect(await call(probe.ref, { type: "ping" })).toBe("pong");
    expect(isRunning(probe.ref)).toBe(true);
    await probe[Symbol.asyncDispose]();
    await server.done;
  });

  test("R51: while a query runs, calls and infos wait, and come in their order", async () => {
    const asked = gate();
    const go = gate();
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await peer.expectQuery("SELECT 1");
      asked.open();
      await peer.until(go.opened);
      peer.sendComplete("SELECT 0");
      await goodbye(peer);
    });
    const probe = await startProbe({
      connectionString: server.url,
      callbacks: {
        handleResult: (_, state) => {
          state.inbox.note("result");
          return noreply(state);
        },
        handleCall: (_, from, state) => {
          state.inbox.note("call");
          reply(from as never, "pong" as never);
          return noreply(state);
        },
      },
    });
    probe.info({ query: "SELECT 1" });
    await asked.opened;
    const answered = call(probe.ref, { type: "ping" });
    probe.info("ping");
    expect(probe.inbox.notes()).toEqual([]);
    go.open();
    await answered;
    await probe.inbox.next("note", ({ text }) => text === "pong");
    expect(probe.inbox.notes()).toEqual(["result", "call"]);
    await probe[Symbol.asyncDispose]();
    await server.done;
  });
});

describe("what is logged", () => {
  interface Line {
    readonly level: keyof Logger;
    readonly fields: Readonly<Record<string, unknown>>;
    readonly message: string;
  }

  function recorder() {
    const lines: Line[] = [];
    const method = (level: keyof Logger) => (fields: object, message: string) =>
      void lines.push({ level, fields: { ...fields }, message });
    const logger: Logger = {
      debug: method("debug"),
      info: method("info"),
      warn: method("warn"),
      error: method("error"),
    };
    return { lines, logger };
  }

  test("R111: a registered connection is called by its name in the log, another by its id", async () => {
    const connectionString = await closedPort();
    const named = recorder();
    const probe = await startProbe({ connectionString, autoReconnect: true, name: "r111", logger: named.logger });
    await probe[Symbol.asyncDispose]();
    const failed = { level: "error", message: "Failed to connect to Postgres" };
    expect(named.lines).toContainEqual({
      ...failed,
      fields: expect.objectContaining({ connection: expect.stringContaining("r111") }),
    });
    const unnamed = recorder();
    const other = await startProbe({ connectionString, autoReconnect: true, logger: unnamed.logger });
    await other[Symbol.asyncDispose]();
    const connection = expect.stringContaining("probe");
    expect(unnamed.lines).toContainEqual({ ...failed, fields: expect.objectContaining({ connection }) });
  });

  test("R111: a logger that throws does no harm", async () => {
    const fail = (): never => {
      throw new Error("The disk is full.");
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    await using probe = await startProbe({ connectionString: await closedPort(), autoReconnect: true, logger });
    expect(await call(probe.ref, { type: "ping" })).toBe("pong");
  });

  test("R115: an abnormal end by disconnect is one crash report, a clean one none", async () => {
    for (const [reason, reports] of [
      ["enough", 1],
      ["normal", 0],
      ["shutdown", 0],
    ] as const) {
      await using server = await scriptedServer(login);
      const { lines, logger } = recorder();
      const probe = await startProbe({ connectionString: server.url, logger });
      probe.info({ reason });
      await probe.ended;
      await probe[Symbol.asyncDispose]();
      await server.done;
      expect(lines.filter(({ fields }) => fields["report"] === "crash")).toHaveLength(reports);
    }
  });
});
