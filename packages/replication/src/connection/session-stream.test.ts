import {
  commandComplete,
  copyBothResponse,
  copyData,
  copyDone,
  copyOutResponse,
  noticeResponse,
  notificationResponse,
  parameterStatus,
  readyForQuery,
} from "@trunkline/testing";
import { expect, test } from "vitest";
import { deferred } from "../../test/deferred.ts";
import { recordingSink } from "../../test/recording-sink.ts";
import { ended, startStreaming, withSession } from "../../test/with-session.ts";

test("R59: a stream that has not begun at its deadline is cancelled, and the session ends", async () => {
  await withSession(
    async (peer) => {
      await peer.expectQuery("START_REPLICATION");
      await peer.expectTerminate();
    },
    async (session) => {
      const starting = session.stream("START_REPLICATION", recordingSink(), { timeoutMs: 30 });
      await expect(starting).rejects.toMatchObject({ name: "ReplicationError", code: "stream_start_timeout" });
      expect(session.state).toBe("closed");
    },
    {},
    true,
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
