import {
  commandComplete,
  copyBothResponse,
  copyData,
  copyDone,
  copyInResponse,
  copyOutResponse,
  emptyQueryResponse,
  errorResponse,
  gate,
  message,
  noticeResponse,
  notificationResponse,
  type Peer,
  parameterStatus,
  readyForQuery,
  type Script,
  scriptedServer,
} from "@trunkline/testing";
import { expect, test } from "vitest";
import { deferred } from "../../test/deferred.ts";
import { recordingSink } from "../../test/recording-sink.ts";
import { connect } from "./connect.ts";
import type { Session } from "./session.ts";
import type { SessionListeners } from "./session-listeners.ts";

const fatal = { severity: "FATAL", code: "57P01", message: "terminating connection" };
const ended = [commandComplete("COPY 0"), commandComplete("START_REPLICATION"), readyForQuery()];

/** Logs in, plays the script, and makes sure that it ended well. */
async function withSession(
  script: Script,
  body: (session: Session) => Promise<void>,
  listeners: SessionListeners = {},
  repeat = false,
): Promise<void> {
  const login: Script = async (peer) => {
    await peer.login();
    await script(peer);
  };
  await using server = await scriptedServer(repeat ? [login, takeCancel] : [login]);
  const session = await connect({ connectionString: server.url }, { listeners });
  try {
    await body(session);
    await server.done;
  } finally {
    await session.close();
  }
}

const takeCancel: Script = async (peer) => {
  await peer.expectCancelRequest();
  peer.halfClose();
};

const startStreaming = async (peer: Peer): Promise<void> => {
  await peer.expectQuery();
  peer.send(copyBothResponse());
};

test("R44 R45 R46: a query gives a list of results with text, whole tags, counts and notices", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("two");
      peer.send(noticeResponse({ severity: "NOTICE", code: "00000", message: "first" }));
      peer.send(noticeResponse({ severity: "NOTICE", code: "00000", message: "second" }));
      peer.send(commandComplete("CREATE TABLE"));
      peer.sendResult(["a", "b"], [["1", null]], "INSERT 0 7");
    },
    async (session) => {
      const [created, inserted] = await session.query("two");
      expect(created).toMatchObject({ command: "create_table", columns: [], rows: [], numRows: 0, connectionId: 4242 });
      expect(created?.messages.map((notice) => notice.message)).toEqual(["second", "first"]);
      expect(inserted).toMatchObject({ command: "insert", columns: ["a", "b"], rows: [["1", null]], rowCount: 1 });
      expect(inserted).toMatchObject({ numRows: 7, messages: [] });
    },
  );
});

test("R52: an empty query gives an empty result", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("");
      peer.send(emptyQueryResponse(), readyForQuery());
    },
    async (session) => {
      expect(await session.query("")).toMatchObject([{ command: "", columns: [], rows: [], numRows: 0 }]);
    },
  );
});

test("R48: a server error rejects the query and the session stays usable", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("bad");
      peer.sendError({ code: "42601", message: "syntax error" });
      await peer.expectQuery("good");
      peer.sendComplete("SELECT 0");
    },
    async (session) => {
      await expect(session.query("bad")).rejects.toMatchObject({
        name: "PostgresError",
        code: "42601",
        connectionId: 4242,
      });
      expect(await session.query("good")).toHaveLength(1);
    },
  );
});

test("one thing at a time: a second query is refused, the first goes on", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("one");
      peer.sendComplete("SELECT 0");
    },
    async (session) => {
      const first = session.query("one");
      await expect(session.query("two")).rejects.toMatchObject({ name: "ProtocolMisuse", code: "session_busy" });
      expect(await first).toHaveLength(1);
    },
  );
});

test("a query with a zero byte is refused and the session stays idle", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("fine");
      peer.sendComplete("SELECT 0");
    },
    async (session) => {
      await expect(session.query("a\0b")).rejects.toMatchObject({ name: "ProtocolError", code: "text_invalid" });
      expect(await session.query("fine")).toHaveLength(1);
    },
  );
});

test("R49: a FATAL error in a query is the reason, not the close that follows", async () => {
  const reasons: Error[] = [];
  await withSession(
    async (peer) => {
      await peer.expectQuery("x");
      peer.send(errorResponse(fatal));
      peer.halfClose();
    },
    async (session) => {
      await expect(session.query("x")).rejects.toMatchObject({ code: "57P01", condition: "admin_shutdown" });
      await expect(session.query("y")).rejects.toMatchObject({ code: "57P01" });
      expect(session.state).toBe("closed");
    },
    { closed: (reason) => reasons.push(reason) },
  );
  expect(reasons).toMatchObject([{ code: "57P01" }]);
});

test.each(["before any query", "after a query"])("R54 R88: the end of the server is noticed %s", async (when) => {
  const noticed = deferred<Error>();
  const connected = gate();
  await withSession(
    async (peer) => {
      if (when === "after a query") {
        await peer.expectQuery();
        peer.sendComplete("SELECT 0");
      }
      await peer.until(connected.opened);
      peer.send(errorResponse(fatal));
      peer.halfClose();
    },
    async (session) => {
      if (when === "after a query") await session.query("x");
      connected.open();
      expect(await noticed.promise).toMatchObject({ code: "57P01" });
    },
    { closed: noticed.resolve },
  );
});

test.each([
  ["a half close", (peer: Peer) => peer.halfClose(), "closed"],
  ["a reset", (peer: Peer) => peer.reset(), "reset"],
  ["garbage", (peer: Peer) => peer.send(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")), "protocol"],
  ["an unknown message", (peer: Peer) => peer.send(message("!", Buffer.alloc(3))), "protocol"],
  ["an error message without its end", (peer: Peer) => peer.send(message("E", Buffer.from("SERROR"))), "protocol"],
  ["a row nobody asked for", (peer: Peer) => peer.send(message("n", Buffer.alloc(0))), "protocol"],
])("%s ends a query with a typed error", async (_, act, kind) => {
  await withSession(
    async (peer) => {
      await peer.expectQuery();
      act(peer);
      await peer.expectClosed();
    },
    async (session) => {
      const error = { name: "ConnectionError", kind, code: `connection_${kind}` };
      await expect(session.query("x")).rejects.toMatchObject(error);
    },
  );
});

test("R47: at the deadline the query is cancelled and the session ends with QueryTimeout", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("slow");
      // Bytes on the way don't move the deadline: it is for the whole query.
      peer.send(noticeResponse({ severity: "NOTICE", code: "00000", message: "still here" }));
      await peer.expectTerminate();
    },
    async (session) => {
      await expect(session.query("slow", { timeoutMs: 30 })).rejects.toMatchObject({
        name: "QueryTimeout",
        code: "query_timeout",
        limitMs: 30,
      });
      expect(session.state).toBe("closed");
    },
    {},
    true,
  );
});

test("R53: a query that copies out gives a typed error, and the session stays usable", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("COPY");
      peer.send(copyOutResponse(), copyData("1\n"), copyDone(), commandComplete("COPY 1"), readyForQuery());
      await peer.expectQuery("next");
      peer.sendComplete("SELECT 0");
    },
    async (session) => {
      await expect(session.query("COPY")).rejects.toMatchObject({ code: "copy_in_query" });
      expect(await session.query("next")).toHaveLength(1);
    },
    {},
    true,
  );
});

test("R53: a query that starts replication is ended by CopyDone and gives a typed error", async () => {
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      peer.send(copyData("w"));
      await peer.expectCopyDone();
      peer.send(copyDone(), ...ended);
    },
    async (session) => {
      await expect(session.query("START_REPLICATION")).rejects.toMatchObject({ code: "copy_in_query" });
      expect(session.state).toBe("idle");
    },
  );
});

test.each(["query", "stream"] as const)("R68: COPY FROM STDIN by %s is refused by CopyFail", async (how) => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("COPY t FROM STDIN");
      peer.send(copyInResponse());
      await peer.expectCopyFail();
      peer.sendError({ code: "57014", message: "COPY from stdin failed" });
    },
    async (session) => {
      const asked =
        how === "query" ? session.query("COPY t FROM STDIN") : session.stream("COPY t FROM STDIN", recordingSink());
      await expect(asked).rejects.toMatchObject({ name: "ProtocolMisuse", code: "copy_in_unsupported" });
      expect(session.state).toBe("idle");
    },
  );
});

test("PX-24: a statement that does not stream is refused, and the session stays usable", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery();
      peer.sendResult(["a"], [["1"]]);
    },
    async (session) => {
      await expect(session.stream("SELECT 1", recordingSink())).rejects.toMatchObject({ code: "not_a_stream" });
      expect(session.state).toBe("idle");
    },
  );
});

test("R57: a server error instead of a stream rejects, and the session stays usable", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery();
      peer.sendError({ code: "42704", message: "slot does not exist" });
    },
    async (session) => {
      await expect(session.stream("START", recordingSink())).rejects.toMatchObject({ code: "42704" });
      expect(session.state).toBe("idle");
    },
  );
});

test("R58 PX-25: notices and settings before the copy response are absorbed", async () => {
  const notices: string[] = [];
  await withSession(
    async (peer) => {
      await peer.expectQuery();
      peer.send(noticeResponse({ severity: "NOTICE", code: "00000", message: "soon" }), parameterStatus("a", "b"));
      peer.send(copyBothResponse(), copyData("1"));
    },
    async (session) => {
      const sink = recordingSink();
      expect(await session.stream("START", sink)).toEqual({ copy: "both", connectionId: 4242 });
      await sink.saw("1");
      expect(sink.log).toEqual(["started both", "1", "turn"]);
      expect(session.parameters.get("a")).toBe("b");
    },
    { notice: (report) => notices.push(report.message) },
  );
  expect(notices).toEqual(["soon"]);
});

test("R67 PX-26: what comes alone during a stream is absorbed and the stream goes on", async () => {
  const heard: unknown[] = [];
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      peer.send(parameterStatus("TimeZone", "CET"));
      peer.send(notificationResponse(7, "channel", "payload"));
      peer.send(noticeResponse({ severity: "NOTICE", code: "00000", message: "note" }));
      peer.send(copyData("1"));
    },
    async (session) => {
      const sink = recordingSink();
      await session.stream("START", sink);
      await sink.saw("1");
      expect(heard).toEqual(["TimeZone=CET", { processId: 7, channel: "channel", payload: "payload" }]);
    },
    {
      parameterChanged: (name, value) => name === "TimeZone" && value === "CET" && heard.push(`${name}=${value}`),
      notification: ({ processId, channel, payload }) => heard.push({ processId, channel, payload }),
    },
  );
});

test("R63: the normal end is told once, and the session takes queries from within", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("COPY");
      peer.send(
        copyOutResponse(),
        copyData("1"),
        copyData("2"),
        copyDone(),
        commandComplete("COPY 2"),
        readyForQuery(),
      );
      await peer.expectQuery("next");
      peer.sendComplete("SELECT 0");
    },
    async (session) => {
      const next = deferred<unknown>();
      const sink = recordingSink(() => next.resolve(session.query("next")));
      await session.stream("COPY", sink);
      expect(await next.promise).toHaveLength(1);
      expect(sink.log).toEqual(["started out", "1", "2", "ended done copy"]);
    },
  );
});

test("R64: several COPYs in one string are one stream with one end", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery();
      peer.send(copyOutResponse(), copyData("1"), copyDone(), commandComplete("COPY 1"));
      peer.send(copyOutResponse(), copyData("2"), copyDone(), commandComplete("COPY 1"), readyForQuery());
    },
    async (session) => {
      const sink = recordingSink();
      await session.stream("COPY; COPY", sink);
      expect(await sink.end).toMatchObject({ type: "done", results: [{ command: "copy", numRows: 1 }, {}] });
      expect(sink.payloads).toEqual(["1", "2"]);
    },
  );
});

test("R66 PX-33: CopyDone of the server is answered by CopyDone", async () => {
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      peer.send(copyDone());
      await peer.expectCopyDone();
      peer.sendResult(["next_tli", "next_tli_startpos"], [["2", "0/3000000"]], "START_STREAMING");
    },
    async (session) => {
      const sink = recordingSink();
      await session.stream("START", sink);
      expect(await sink.end).toMatchObject({ type: "done", results: [{ rows: [["2", "0/3000000"]] }] });
    },
  );
});

test("W44: stopStream sends one CopyDone, and what is on its way still arrives", async () => {
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      await peer.expectCopyDone();
      peer.send(copyData("late"), copyDone(), ...ended);
      await peer.expectQuery("next");
      peer.sendComplete("SELECT 0");
    },
    async (session) => {
      const sink = recordingSink();
      expect(session.stopStream()).toBe(false);
      await session.stream("START", sink);
      expect(session.stopStream()).toBe(true);
      expect(session.stopStream()).toBe(true);
      expect(session.send([Buffer.from("too late")])).toBe(false);
      expect(await sink.end).toMatchObject({ results: [{ command: "copy" }, { command: "start_replication" }] });
      expect(sink.payloads).toEqual(["late"]);
      expect(await session.query("next")).toHaveLength(1);
    },
  );
});

test("R34: payloads are sent as CopyData in order, and nothing without a stream", async () => {
  await withSession(
    async (peer) => {
      await startStreaming(peer);
      await peer.expectCopyData("one");
      await peer.expectCopyData("two");
    },
    async (session) => {
      expect(session.send([Buffer.from("early")])).toBe(false);
      await session.stream("START", recordingSink());
      expect(session.send([])).toBe(true);
      expect(session.send([Buffer.from("one"), Buffer.from("two")])).toBe(true);
    },
  );
});

test("R65 PX-53: an error in a stream comes after the data before it, and the session stays usable", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery();
      peer.send(copyOutResponse(), copyData("1"), copyData("2"));
      peer.sendError({ code: "22012", message: "division by zero" });
    },
    async (session) => {
      const sink = recordingSink();
      await session.stream("COPY", sink);
      expect(await sink.end).toMatchObject({ type: "failed", error: { code: "22012" } });
      expect(sink.payloads).toEqual(["1", "2"]);
      expect(session.state).toBe("idle");
    },
  );
});

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

test("R102: options of a stream out of range are refused before anything is sent", async () => {
  await withSession(
    async (peer) => {
      await peer.expectTerminate();
    },
    async (session) => {
      for (const options of [
        { maxMessages: 0 },
        { maxMessages: 1.5 },
        { highWaterBytes: -1 },
        { highWaterMessages: 0 },
      ]) {
        const asked = session.stream("START", recordingSink(), options);
        await expect(asked).rejects.toMatchObject({ name: "ConfigError", code: "option_invalid" });
      }
      await session.close();
    },
  );
});

test("a limit out of range is refused before anything is sent", async () => {
  await withSession(
    async (peer) => {
      await peer.expectTerminate();
    },
    async (session) => {
      for (const timeoutMs of [0, -1, 1.5, 2 ** 31, Number.NaN]) {
        await expect(session.query("x", { timeoutMs })).rejects.toMatchObject({ code: "option_invalid" });
        await expect(session.stream("x", recordingSink(), { timeoutMs })).rejects.toMatchObject({
          code: "option_invalid",
        });
      }
      await session.close();
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
