import {
  commandComplete,
  copyData,
  copyDone,
  copyInResponse,
  copyOutResponse,
  emptyQueryResponse,
  errorResponse,
  gate,
  message,
  noticeResponse,
  type Peer,
  readyForQuery,
  type Script,
  scriptedServer,
} from "@trunkline/testing";
import { expect, test } from "vitest";
import { deferred } from "../../test/deferred.ts";
import { recordingSink } from "../../test/recording-sink.ts";
import { ended, fatal, startStreaming, withSession } from "../../test/with-session.ts";
import { connect } from "./connect.ts";

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

test("a cancel request that is late cannot hit the next query: that one is sent when the request is through", async () => {
  const order: string[] = [];
  const taken = gate();
  const session: Script = async (peer) => {
    await peer.login();
    await peer.expectQuery("COPY");
    peer.send(copyOutResponse(), copyDone(), commandComplete("COPY 0"), readyForQuery());
    await peer.expectQuery("next");
    order.push("next query");
    peer.sendComplete("SELECT 0");
    await peer.expectTerminate();
  };
  const cancel: Script = async (peer) => {
    await peer.expectCancelRequest();
    await peer.until(taken.opened);
    order.push("cancel taken");
    peer.halfClose();
  };
  await using server = await scriptedServer([session, cancel]);
  const client = await connect({ host: server.host, port: server.port, user: "u", ssl: false });
  await expect(client.query("COPY")).rejects.toMatchObject({ code: "copy_in_query" });
  const next = client.query("next");
  taken.open();
  expect(await next).toHaveLength(1);
  expect(order).toEqual(["cancel taken", "next query"]);
  await client.close();
  await server.done;
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
