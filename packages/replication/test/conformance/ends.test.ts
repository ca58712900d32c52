import { SimulatedTime, settle } from "@trunkline/process";
import { copyBothResponse, createCertificateAuthority, gate, type Peer, scriptedServer } from "@trunkline/testing";
import { describe, expect, test } from "vitest";
import { disconnect, noreply, query, stream } from "../../src/index.ts";
import { Inbox } from "./inbox.ts";
import { startProbe } from "./probe.ts";
import { closedPort, goodbye, goodbyeInStream, login, loginAndStream } from "./scripts.ts";

const START = "START_REPLICATION SLOT s LOGICAL 0/0";

describe("goodbye", () => {
  test("PX-38, R90: disconnect with autoReconnect: Terminate, close, a new connection, and no cancel", async () => {
    const again = gate();
    await using server = await scriptedServer([
      async (peer) => {
        await peer.login();
        await goodbye(peer);
      },
      async (peer) => {
        await peer.login();
        again.open();
        await goodbye(peer);
      },
    ]);
    const probe = await startProbe({ connectionString: server.url, autoReconnect: true });
    probe.info({ reason: "enough" });
    await again.opened;
    const { n: a } = await probe.inbox.next("connect");
    const { n: b } = await probe.inbox.next("disconnect");
    const { n: c } = await probe.inbox.next("connect");
    expect(a < b && b < c).toBe(true);
    await probe[Symbol.asyncDispose]();
    await server.done;
    expect(server.connections).toBe(2);
  });

  test("PX-39, R91: disconnect without autoReconnect: CopyDone in a stream, Terminate, FIN", async () => {
    await using server = await scriptedServer(async (peer) => {
      await loginAndStream(peer);
      await goodbyeInStream(peer);
    });
    const probe = await startProbe({
      connectionString: server.url,
      callbacks: { handleConnect: (state) => stream(START, state) },
    });
    probe.info({ reason: "enough" });
    expect(await probe.ended).toEqual({ type: "error", error: "enough" });
    await server.done;
    await probe[Symbol.asyncDispose]();
  });

  test("PX-39, R91: shutdown: CopyDone in a stream, Terminate, FIN", async () => {
    await using server = await scriptedServer([
      async (peer) => {
        await loginAndStream(peer);
        await goodbyeInStream(peer);
      },
      async (peer) => {
        await peer.login();
        await goodbye(peer);
      },
    ]);
    const probe = await startProbe({
      connectionString: server.url,
      callbacks: { handleConnect: (state) => stream(START, state) },
    });
    expect(await probe.terminate()).toMatchObject({ type: "shutdown" });
    await probe[Symbol.asyncDispose]();
    const idle = await startProbe({ connectionString: server.url });
    expect(await idle.terminate()).toMatchObject({ type: "shutdown" });
    await idle[Symbol.asyncDispose]();
    await server.done;
  });
});

describe("stopped by a supervisor", () => {
  test("PX-40, R92: during an unanswered query it ends by itself inside its budget, and the query is cancelled", async () => {
    const asked = gate();
    await using server = await scriptedServer([
      async (peer) => {
        await peer.login();
        await peer.expectQuery();
        asked.open();
        await peer.expectTerminate();
        await peer.expectClosed();
      },
      async (peer) => void (await peer.expectCancelRequest()),
    ]);
    const probe = await startProbe({ connectionString: server.url, shutdown: 1000 });
    probe.info({ query: "SELECT pg_sleep(600)" });
    await asked.opened;
    expect(await probe.terminate()).toMatchObject({ type: "shutdown" }); // it would be killed when the budget is over
    await probe[Symbol.asyncDispose]();
    await server.done;
  });
});

describe("a cancel request that is slow", () => {
  test("R90, R92: it reaches the server although the connection has ended, over TLS as the session did", async () => {
    const { ca, ...certificate } = createCertificateAuthority().issue();
    const asked = gate();
    const ended = gate();
    await using server = await scriptedServer(
      [
        async (peer) => {
          await peer.login();
          await peer.expectQuery();
          asked.open();
          await peer.expectTerminate();
          await peer.expectClosed();
        },
        async (peer) => {
          await peer.expectSslRequest();
          await peer.until(ended.opened);
          await peer.acceptTls();
          await peer.expectCancelRequest();
        },
      ],
      { ssl: { ca, ...certificate } },
    );
    const probe = await startProbe({ connectionString: server.url, ssl: { ca } });
    probe.info({ query: "SELECT pg_sleep(600)" });
    await asked.opened;
    expect(await probe.terminate()).toMatchObject({ type: "shutdown" });
    ended.open();
    await probe[Symbol.asyncDispose]();
    await server.done;
  });
});

describe("during a wait", () => {
  test("PX-41, R85: a disconnect during backoff, the server being up again: one connect, one handleConnect, one socket", async () => {
    await using server = await scriptedServer(login);
    const clock = new SimulatedTime();
    const dead = await closedPort();
    const probe = await startProbe({
      connectionString: dead,
      configure: ({ attempt }) => (attempt === 1 ? {} : { connectionString: server.url }),
      autoReconnect: true,
      reconnectBackoff: 500,
      runtime: { clock },
    });
    probe.info({ reason: "now" });
    await probe.inbox.next("connect");
    await clock.advance(5000);
    await settle();
    expect(probe.inbox.take("connect")).toEqual([]);
    expect(server.connections).toBe(1);
    await probe[Symbol.asyncDispose]();
    await server.done;
  });

  test("R83: the wait after a failed attempt passes on the process's clock", async () => {
    await using server = await scriptedServer(login);
    const clock = new SimulatedTime();
    const probe = await startProbe({
      connectionString: await closedPort(),
      configure: ({ attempt }) => (attempt === 1 ? {} : { connectionString: server.url }),
      autoReconnect: true,
      reconnectBackoff: 500,
      runtime: { clock },
    });
    await clock.advance(499);
    expect(server.connections).toBe(0);
    await clock.advance(1);
    await probe.inbox.next("connect");
    await probe[Symbol.asyncDispose]();
    await server.done;
  });
});

describe("order", () => {
  test("R84: between handleDisconnect and the next attempt no message is handled", async () => {
    const again = gate();
    await using server = await scriptedServer([
      async (peer: Peer) => {
        await loginAndStream(peer);
        peer.reset();
      },
      async (peer) => {
        await peer.login();
        again.open();
        await peer.expectQuery(START);
        peer.send(copyBothResponse());
        await goodbyeInStream(peer);
      },
    ]);
    const probe = await startProbe({
      connectionString: server.url,
      autoReconnect: true,
      callbacks: {
        handleConnect: (state) => {
          state.inbox.note("connect");
          return stream(START, state);
        },
        handleDisconnect: (_, state) => {
          state.inbox.note("disconnect");
          probeRef().info("ping");
          return noreply(state);
        },
      },
    });
    const probeRef = () => probe;
    await probe.inbox.next("note", ({ text }) => text === "pong");
    expect(probe.inbox.notes()).toEqual(["connect", "disconnect", "connect"]);
    await again.opened;
    await probe[Symbol.asyncDispose]();
    await server.done;
  });

  test("R79, R80: handleDisconnect gets the reason and the latest state, also that of the query which failed", async () => {
    const later = new Inbox();
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await peer.expectQuery("SELECT 1");
      peer.reset();
    });
    const probe = await startProbe({
      connectionString: server.url,
      callbacks: {
        handleInfo: (_, state) => {
          state.inbox.note("asked");
          return query("SELECT 1", { inbox: later });
        },
        handleDisconnect: (reason, state) => {
          state.inbox.note(String((reason as { readonly code?: string }).code));
          return noreply(state);
        },
      },
    });
    probe.info("ping");
    await probe.ended;
    expect(probe.inbox.notes()).toEqual(["asked"]);
    expect(later.notes()).toEqual(["connection_reset"]);
    await probe[Symbol.asyncDispose]();
    await server.done;
  });

  test("R38: a disconnect may carry a state", async () => {
    await using server = await scriptedServer(login);
    const probe = await startProbe({
      connectionString: server.url,
      callbacks: {
        handleInfo: (_, state) => disconnect("enough", { ...state, from: undefined }),
        handleDisconnect: (_, state) => {
          state.inbox.note(Object.keys(state).join());
          return noreply(state);
        },
      },
    });
    probe.info("ping");
    await probe.ended;
    expect(probe.inbox.notes()).toEqual(["inbox,from"]);
    await probe[Symbol.asyncDispose]();
  });
});
