import { SimulatedTime } from "@trunkline/process";
import {
  decodeStandbyStatusUpdate,
  encodePrimaryKeepalive,
  encodeStandbyStatusUpdate,
  encodeXLogData,
  lsn,
  type StandbyStatusUpdate,
} from "@trunkline/protocol";
import { describe, expect, test } from "vitest";
import { telemetryOf } from "../telemetry.ts";
import { StreamReader } from "./stream-reader.ts";

const status = (flushed: bigint): Buffer => {
  const position = { written: lsn(flushed), flushed: lsn(flushed), applied: lsn(flushed) };
  return encodeStandbyStatusUpdate({ ...position, clock: 0n, replyRequested: false });
};
const keepalive = (walEnd: bigint, replyRequested: boolean): Buffer =>
  encodePrimaryKeepalive({ walEnd: lsn(walEnd), clock: 0n, replyRequested });
const wal = (walEnd: bigint): Buffer =>
  encodeXLogData({ walStart: lsn(walEnd), walEnd: lsn(walEnd), clock: 0n, data: Buffer.from("x") });

/** A reader whose stream has begun; `answer` is what the callback returns for a payload. */
function reading(
  options: {
    readonly copy?: "both" | "out";
    readonly statusUpdates?: boolean;
    readonly takes?: () => boolean;
    readonly ranges?: boolean;
  } = {},
) {
  const sent: StandbyStatusUpdate[] = [];
  const seen: string[] = [];
  const answers: Buffer[] = [];
  const clock = new SimulatedTime();
  const totals = { messages: 0, bytes: 0 };
  const data = (): void => {
    seen.push("data");
    const answer = answers.shift();
    if (answer !== undefined) reader.acknowledge([answer]);
  };
  const reader: StreamReader = new StreamReader(
    {
      bytesRead: 0,
      deaf: false,
      send: (payloads) => {
        if (options.takes?.() === false) return false;
        sent.push(...payloads.map(decodeStandbyStatusUpdate));
        return true;
      },
    },
    {
      started: () => seen.push("started"),
      data: options.ranges === true ? unexpected : data,
      bytes: options.ranges === true ? data : undefined,
      turn: () => seen.push("turn"),
      firstData: () => seen.push("firstData"),
      ended: ({ type }) => seen.push(type),
      gone: () => seen.push("gone"),
    },
    {
      statusUpdates: options.statusUpdates ?? true,
      livenessTimeoutMs: Number.POSITIVE_INFINITY,
      walSenderTimeoutMs: 3000,
      clock,
      telemetry: telemetryOf(() => undefined),
      totals,
    },
  );
  reader.started({ copy: options.copy ?? "both", connectionId: 1 });
  /** Gives it a payload: as a view, or amidst the bytes of others. */
  const give = (payload: Buffer): void => {
    if (reader.bytes === undefined) reader.data(payload);
    else reader.bytes(Buffer.concat([wal(99n), payload, wal(99n)]), wal(99n).length, wal(99n).length + payload.length);
  };
  return { reader, give, sent, seen, answers, clock, totals };
}

const unexpected = (): void => {
  throw new Error("A view was made that nobody wanted.");
};

describe.each([
  ["a view", false],
  ["a range of a slab", true],
])("a payload as %s", (_how, ranges) => {
  test("R101: a keepalive that asks is answered once: by the callback, or else of our own accord", () => {
    const { give, sent, answers } = reading({ ranges });
    answers.push(status(10n));
    give(keepalive(20n, true));
    expect(sent).toMatchObject([{ flushed: 10n }]);
    give(keepalive(30n, true));
    expect(sent).toMatchObject([{ flushed: 10n }, { flushed: 10n, written: 30n }]);
  });

  test("W27: a keepalive that does not ask is not answered", () => {
    const { give, sent, answers } = reading({ ranges });
    answers.push(status(10n));
    give(wal(20n));
    give(keepalive(30n, false));
    expect(sent).toHaveLength(1);
  });

  test("an automatic update says that all WAL up to the last message was received", async () => {
    const { give, sent, answers, clock } = reading({ ranges });
    answers.push(status(10n));
    give(wal(20n));
    give(wal(30n));
    await clock.advance(1000);
    expect(sent.at(-1)).toMatchObject({ flushed: 10n, written: 30n });
  });

  test("the position of a message cut short is not read from what stands behind it", async () => {
    const { give, sent, answers, clock } = reading({ ranges });
    answers.push(status(10n));
    give(wal(20n));
    give(wal(30n).subarray(0, 5));
    await clock.advance(1000);
    expect(sent.at(-1)).toMatchObject({ flushed: 10n, written: 20n });
  });

  test("without statusUpdates nothing is sent but what callbacks return", async () => {
    const { give, sent, answers, clock } = reading({ ranges, statusUpdates: false });
    answers.push(status(10n));
    give(keepalive(20n, true));
    give(keepalive(30n, true));
    await clock.advance(100_000);
    expect(sent).toHaveLength(1);
  });

  test("what the stream takes no more is not taken for confirmed", async () => {
    let takes = false;
    const { give, sent, answers, clock } = reading({ ranges, takes: () => takes });
    answers.push(status(10n));
    give(wal(20n));
    takes = true;
    await clock.advance(1000);
    expect(sent).toEqual([]);
  });

  test("R83: WAL proves a connection good, once; a keepalive does not; a row of a COPY does", () => {
    const stream = reading({ ranges });
    stream.give(keepalive(20n, false));
    expect(stream.seen).toEqual(["started", "data"]);
    stream.give(wal(20n));
    stream.give(wal(30n));
    expect(stream.seen).toEqual(["started", "data", "firstData", "data", "data"]);
    const copy = reading({ ranges, copy: "out" });
    copy.give(Buffer.from("k is no keepalive here"));
    expect(copy.seen).toEqual(["started", "firstData", "data"]);
  });
});

test("a COPY has no timer, and a stream that has ended has none left", () => {
  expect(reading({ copy: "out" }).clock.pending).toBe(0);
  const { reader, clock, seen } = reading();
  expect(clock.pending).toBe(1);
  reader.ended({ type: "done", results: [] });
  expect(clock.pending).toBe(0);
  expect(seen).toEqual(["started", "done"]);
});

test("the last batch counts too: a small COPY ends in the read that brought its rows", () => {
  const { reader, give, totals, seen } = reading({ copy: "out" });
  give(Buffer.from("one"));
  reader.turn();
  give(Buffer.from("three"));
  expect(totals).toEqual({ messages: 1, bytes: 3 });
  reader.ended({ type: "done", results: [] });
  expect(totals).toEqual({ messages: 2, bytes: 8 });
  expect(seen.slice(-2)).toEqual(["data", "done"]);
});
