import { copyData, errorResponse, gate, type Peer, type Script, scriptedServer } from "@trunkline/testing";
import { expect, test } from "vitest";
import { recordingSink } from "../../test/recording-sink.ts";
import { fatal, startStreaming, withSession } from "../../test/with-session.ts";
import { connect } from "./connect.ts";

test("PX-27: payloads and a FATAL in one segment: the payloads come first", async () => {
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      peer.send(copyData("1"), copyData("2"), errorResponse(fatal));
      peer.halfClose();
    },
    async (session) => {
      const sink = recordingSink();
      await session.stream("START", sink);
      expect(await sink.end).toMatchObject({ type: "lost", reason: { code: "57P01" } });
      expect(sink.payloads).toEqual(["1", "2"]);
    },
  );
});

test("PX-28 PX-29: complete messages come at once, the rest of a cut one later", async () => {
  const rest = gate();
  const third = copyData("3");
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      peer.send(copyData("1"), copyData("2"), third.subarray(0, 4));
      await peer.until(rest.opened);
      peer.send(third.subarray(4));
    },
    async (session) => {
      const sink = recordingSink();
      await session.stream("START", sink);
      await sink.saw("2");
      expect(sink.payloads).toEqual(["1", "2"]);
      rest.open();
      await sink.saw("3");
    },
  );
});

test.each(["released", "held"])("PX-30: payloads before a close are handed over first, also when %s", async (how) => {
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      peer.send(copyData("1"), copyData("2"), copyData("3"));
      peer.halfClose();
      await peer.expectClosed();
    },
    async (session) => {
      const sink = recordingSink();
      if (how === "held") {
        sink.onData = () => {
          session.hold();
          setImmediate(() => setImmediate(() => session.release()));
        };
      }
      await session.stream("START", sink);
      expect(await sink.end).toMatchObject({ type: "lost", reason: { kind: "closed" } });
      expect(sink.payloads).toEqual(["1", "2", "3"]);
    },
  );
});

test("R91 PX-39: close says CopyDone in a stream, then Terminate, then ends", async () => {
  const closed: Error[] = [];
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      await peer.expectCopyDone();
      await peer.expectTerminate();
      await peer.expectEnd();
      peer.halfClose();
    },
    async (session) => {
      const sink = recordingSink();
      await session.stream("START", sink);
      await session.close();
      expect(await sink.end).toMatchObject({ type: "lost", reason: { kind: "closed" } });
      await session.close();
    },
    { closed: (reason) => closed.push(reason) },
  );
  expect(closed).toEqual([]);
});

test("PX-40: close during an unanswered query cancels it, and does not wait longer than its limit", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("never");
      await peer.expectTerminate();
      await peer.expectEnd();
      // The server never ends its half.
    },
    async (session) => {
      const query = session.query("never").catch((error: unknown) => error);
      const closing = session.close(50);
      expect(await query).toMatchObject({ name: "ConnectionError", kind: "closed" });
      await closing;
    },
    {},
    true,
  );
});

test("close while held does not wait for the consumer", async () => {
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      peer.send(copyData("1"), copyData("2"));
      await peer.expectCopyDone();
      await peer.expectTerminate();
    },
    async (session) => {
      const sink = recordingSink();
      sink.onData = () => session.hold();
      await session.stream("START", sink);
      await sink.saw("1");
      await session.close();
      expect(sink.payloads).toEqual(["1"]);
    },
  );
});

test("a sink that throws ends the session with its error", async () => {
  const reasons: Error[] = [];
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      peer.send(copyData("1"), copyData("2"));
      await peer.expectClosed();
    },
    async (session) => {
      const sink = recordingSink();
      sink.onData = () => {
        throw new RangeError("mine");
      };
      await session.stream("START", sink);
      expect(await sink.end).toMatchObject({ type: "lost", reason: { message: "mine" } });
    },
    { closed: (reason) => reasons.push(reason) },
  );
  expect(reasons).toHaveLength(1);
});

test("R77: a server that reads nothing for timeoutMs is given up", async () => {
  const script: Script = async (peer) => {
    await peer.login();
    await startStreaming(peer);
    peer.pauseReading();
  };
  await using server = await scriptedServer(script);
  const session = await connect({ connectionString: server.url, timeoutMs: 60 });
  const sink = recordingSink();
  await session.stream("START", sink);
  expect(session.send([Buffer.alloc(1 << 25)])).toBe(true);
  const reason = { name: "ConnectionError", kind: "timeout", action: "send" };
  expect(await sink.end).toMatchObject({ type: "lost", reason });
  await server.close();
});

test("held messages pause the socket at the high water mark, and at half of it it is read again", async () => {
  const more = gate();
  const send = (peer: Peer, from: number): void => {
    for (let n = from; n < from + 20; n += 1) peer.send(copyData(String(n)));
  };
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      send(peer, 0);
      await peer.until(more.opened);
      send(peer, 20);
    },
    async (session) => {
      const sink = recordingSink();
      sink.onData = () => session.hold();
      await session.stream("START", sink, { highWaterMessages: 10 });
      while (!session.paused) await new Promise((resolve) => setImmediate(resolve));
      expect(sink.payloads).toEqual(["0"]);
      const pausedAt: number[] = [];
      for (let n = 1; n <= 19; n += 1) {
        session.release();
        if (session.paused) pausedAt.push(n);
      }
      expect(pausedAt.at(0)).toBe(1);
      expect(pausedAt.at(-1)).toBeLessThan(19);
      expect(session.paused).toBe(false);
      more.open();
      sink.onData = () => {};
      session.release();
      await sink.saw("39");
      expect(sink.payloads).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
    },
  );
});

test("R98: however much waits in the kernel, a slow consumer leaves the event loop its turn after each read", async () => {
  const messages = 1000;
  const payload = "x".repeat(4096);
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      peer.send(...Array.from({ length: messages }, () => copyData(payload)));
    },
    async (session) => {
      const sink = recordingSink();
      const through = gate();
      let [taken, sinceTurn, most] = [0, 0, 0];
      sink.onData = () => {
        const until = performance.now() + 0.1;
        while (performance.now() < until);
        taken += 1;
        sinceTurn += 1;
        most = Math.max(most, sinceTurn);
        if (taken === messages) through.open();
      };
      const turn = (): void => {
        sinceTurn = 0;
        if (taken < messages) setImmediate(turn);
      };
      await session.stream("START", sink);
      turn();
      await through.opened;
      // One read brings 256 KiB at most, and what was left of the message before.
      expect(most).toBeLessThanOrEqual(1 + (1 << 18) / payload.length);
    },
  );
});
