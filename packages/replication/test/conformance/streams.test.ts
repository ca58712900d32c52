import { exited, mailboxDepth, SimulatedTime } from "@trunkline/process";
import {
  copyBothResponse,
  copyData,
  copyDone,
  copyOutResponse,
  errorResponse,
  gate,
  noticeResponse,
  type Peer,
  parameterStatus,
  type Script,
  scriptedServer,
} from "@trunkline/testing";
import { describe, expect, test } from "vitest";
import { call, DONE, noreply, stream } from "../../src/index.ts";
import { type Probe, type ProbeOptions, startProbe, statusUpdate } from "./probe.ts";
import { goodbye, goodbyeInStream, loginAndStream } from "./scripts.ts";

const START = "START_REPLICATION SLOT s LOGICAL 0/0";

/** A probe that streams as soon as it is connected. */
const streaming = (url: string, { callbacks, ...options }: ProbeOptions = {}): Promise<Probe> =>
  startProbe({
    connectionString: url,
    ...options,
    callbacks: { handleConnect: (state) => stream(START, state), ...callbacks },
  });

/** Plays `script` once the client streams and the test has said `go`. */
async function playing(script: Script) {
  const begin = gate();
  const server = await scriptedServer(async (peer) => {
    await loginAndStream(peer);
    await peer.until(begin.opened);
    await script(peer);
  });
  return { server, go: () => begin.open() };
}

const texts = async (probe: Probe, count: number): Promise<string[]> => {
  const all: string[] = [];
  while (all.length < count) all.push(String((await probe.inbox.next("data")).payload));
  return all;
};

/** Stops the probe, then asks the server whether all was as expected. */
async function finish(probe: Probe, server: { readonly done: Promise<void> } & AsyncDisposable): Promise<void> {
  await probe[Symbol.asyncDispose]();
  await server.done;
  await server[Symbol.asyncDispose]();
}

describe("what comes alone", () => {
  test("PX-25, R58: a notice before CopyBothResponse is absorbed, and the stream starts", async () => {
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await peer.expectQuery(START);
      peer.send(noticeResponse({ severity: "NOTICE", code: "00000", message: "wait" }));
      peer.send(parameterStatus("TimeZone", "UTC"));
      peer.send(copyBothResponse(), copyData("one"));
      await goodbyeInStream(peer);
    });
    const probe = await streaming(server.url);
    expect(await texts(probe, 1)).toEqual(["one"]);
    await finish(probe, server);
  });

  test("PX-26, R67: a ParameterStatus alone in a stream changes nothing, however long nothing follows", async () => {
    const said = gate();
    const { server, go } = await playing(async (peer) => {
      peer.send(parameterStatus("TimeZone", "UTC"));
      await peer.until(said.opened);
      peer.send(copyData("later"));
      await goodbyeInStream(peer);
    });
    const clock = new SimulatedTime();
    const probe = await streaming(server.url, { timeoutMs: 700, handshakeTimeoutMs: 15_000, runtime: { clock } });
    go();
    await clock.advance(7000);
    expect(await call(probe.ref, { type: "ping" })).toBe("pong");
    said.open();
    expect(await texts(probe, 1)).toEqual(["later"]);
    expect(probe.inbox.take("disconnect")).toEqual([]);
    await finish(probe, server);
  });
});

describe("what arrives together and apart", () => {
  test("PX-27, R65: two payloads and a FATAL in one segment: both are delivered, then handleDisconnect runs", async () => {
    const { server, go } = await playing(async (peer) => {
      peer.send(copyData("1"), copyData("2"), errorResponse({ severity: "FATAL", code: "57P01", message: "bye" }));
      peer.halfClose();
    });
    const probe = await streaming(server.url);
    go();
    expect(await probe.ended).toMatchObject({ type: "error", error: { name: "PostgresError", code: "57P01" } });
    const [one, two] = probe.inbox.take("data");
    const [lost] = probe.inbox.take("disconnect");
    expect([String(one?.payload), String(two?.payload)]).toEqual(["1", "2"]);
    expect(two?.n).toBeLessThan(lost?.n ?? 0);
    await finish(probe, server);
  });

  test("PX-28, R99: two payloads and a piece of a third, then silence: the first two are delivered at once", async () => {
    const { server, go } = await playing(async (peer) => {
      const third = copyData("third");
      peer.send(copyData("1"), copyData("2"), third.subarray(0, 6));
      await goodbyeInStream(peer);
    });
    const probe = await streaming(server.url, { timeoutMs: 700, handshakeTimeoutMs: 15_000 });
    go();
    expect(await texts(probe, 2)).toEqual(["1", "2"]);
    expect(await call(probe.ref, { type: "ping" })).toBe("pong");
    expect(probe.inbox.take("data")).toEqual([]);
    await finish(probe, server);
  });

  test("PX-29, R99: the rest of the third comes when the first two have been seen", async () => {
    const seen = gate();
    const { server, go } = await playing(async (peer) => {
      const third = copyData("third");
      peer.send(copyData("1"), copyData("2"), third.subarray(0, 6));
      await peer.until(seen.opened);
      peer.send(third.subarray(6));
      await goodbyeInStream(peer);
    });
    const probe = await streaming(server.url);
    go();
    expect(await texts(probe, 2)).toEqual(["1", "2"]);
    seen.open();
    expect(await texts(probe, 1)).toEqual(["third"]);
    await finish(probe, server);
  });

  test("PX-30, R89: two payloads and a close: both are delivered, then the connection is given up as closed", async () => {
    const { server, go } = await playing(async (peer) => {
      peer.send(copyData("1"), copyData("2"));
      peer.halfClose();
    });
    const probe = await streaming(server.url);
    go();
    expect(await probe.ended).toMatchObject({
      type: "error",
      error: { name: "ConnectionError", code: "connection_closed", action: "receive" },
    });
    expect(await texts(probe, 2)).toEqual(["1", "2"]);
    expect(probe.inbox.take("disconnect")).toHaveLength(1);
    await finish(probe, server);
  });
});

describe("turns", () => {
  /** The order in which five payloads of one segment, and an info sent while handling the first, are handled. */
  async function order(maxMessages?: number): Promise<string[]> {
    const { server, go } = await playing(async (peer) => {
      peer.send(...["1", "2", "3", "4", "5"].map((text) => copyData(text)));
      await goodbyeInStream(peer);
    });
    const probe = await streaming(server.url, {
      callbacks: {
        handleConnect: (state) => stream(START, state, maxMessages === undefined ? {} : { maxMessages }),
        handleInfo: (_, state) => {
          state.inbox.note("info");
          return noreply(state);
        },
        handleData: (data, state) => {
          state.inbox.note(String(data));
          if (String(data) === "1") probe.info("ping");
          return noreply(state);
        },
      },
    });
    go();
    const notes: string[] = [];
    while (notes.length < 6) notes.push((await probe.inbox.next("note")).text);
    await finish(probe, server);
    return notes;
  }

  test("PX-31, R97, R98: at most maxMessages payloads come between two turns of the mailbox", async () => {
    expect(await order(2)).toEqual(["1", "2", "info", "3", "4", "5"]);
  });

  test("PX-32, R96, R97: by default the whole segment comes first", async () => {
    expect(await order()).toEqual(["1", "2", "3", "4", "5", "info"]);
  });
});

describe("what is sent and how it ends", () => {
  test("PX-33, R66: CopyDone of the server is answered with CopyDone, then DONE, then queries work", async () => {
    const { server, go } = await playing(async (peer) => {
      peer.send(copyData("1"), copyDone());
      await peer.expectCopyDone();
      peer.sendComplete("START_REPLICATION");
      await peer.expectQuery("SELECT 1");
      peer.sendComplete("SELECT 0");
      await goodbye(peer);
    });
    const probe = await streaming(server.url);
    go();
    await probe.inbox.next("done");
    expect(await probe.query("SELECT 1")).toHaveLength(1);
    await finish(probe, server);
  });

  test("PX-34, R34: two acks, one of them nested, are two CopyData messages in order; an empty list is none", async () => {
    const acked = gate();
    const { server, go } = await playing(async (peer) => {
      peer.send(copyData("empty"));
      peer.send(copyData("two"));
      await peer.expectCopyData("first");
      await peer.expectCopyData("second in pieces");
      acked.open();
      await goodbyeInStream(peer);
    });
    const probe = await streaming(server.url, {
      callbacks: {
        handleData: (data, state) =>
          String(data) === "empty"
            ? noreply(state, [])
            : noreply(state, [Buffer.from("first"), [Buffer.from("second "), [Buffer.from("in pieces")]]]),
      },
    });
    go();
    await acked.opened;
    await finish(probe, server);
  });

  test("PX-53, R65: an error inside a COPY, then ready: handleResult gets it, and the connection is kept", async () => {
    await using server = await scriptedServer(async (peer: Peer) => {
      await peer.login();
      await peer.expectQuery("COPY t TO STDOUT");
      peer.send(copyOutResponse(), copyData("1"));
      peer.sendError({ code: "22012", message: "division by zero" });
      await peer.expectQuery("SELECT 1");
      peer.sendComplete("SELECT 0");
      await goodbye(peer);
    });
    const probe = await startProbe({ connectionString: server.url });
    probe.info({ stream: "COPY t TO STDOUT" });
    expect(await texts(probe, 1)).toEqual(["1"]);
    expect((await probe.inbox.next("result")).answer).toMatchObject({ code: "22012" });
    expect(await probe.query("SELECT 1")).toHaveLength(1);
    expect(probe.inbox.take("disconnect")).toEqual([]);
    await finish(probe, server);
  });

  test("R36: acks outside of a stream are a warning, and nothing is sent", async () => {
    const warnings: unknown[] = [];
    await using server = await scriptedServer(async (peer) => {
      await peer.login();
      await goodbye(peer);
    });
    const ignore = (): void => {};
    const probe = await startProbe({
      connectionString: server.url,
      logger: { debug: ignore, info: ignore, warn: (...all: unknown[]) => void warnings.push(all), error: ignore },
      callbacks: { handleInfo: (_, state) => noreply(state, [statusUpdate(7n)]) },
    });
    probe.info("ping");
    await call(probe.ref, { type: "ping" });
    await finish(probe, server);
    expect(warnings).toHaveLength(1);
  });

  test("R63: DONE comes once and streaming is off then: the next stream starts from within", async () => {
    await using server = await scriptedServer(async (peer) => {
      await loginAndStream(peer);
      peer.send(copyDone());
      await peer.expectCopyDone();
      peer.sendComplete("START_REPLICATION");
      await peer.expectQuery(START);
      peer.send(copyBothResponse(), copyData("again"));
      await goodbyeInStream(peer);
    });
    const probe = await streaming(server.url, {
      callbacks: {
        handleData: (data, state) => {
          state.inbox.note(data === DONE ? "DONE" : String(data));
          return data === DONE ? stream(START, state) : noreply(state);
        },
      },
    });
    await probe.inbox.next("note", ({ text }) => text === "again");
    expect(probe.inbox.notes()).toEqual(["DONE"]);
    expect(mailboxDepth(probe.ref)).toBe(0);
    const ended = exited(probe.ref);
    await finish(probe, server);
    expect(await ended).toMatchObject({ type: "shutdown" });
  });
});
