import { SimulatedTime } from "@trunkline/process";
import {
  decodeStandbyStatusUpdate,
  encodePrimaryKeepalive,
  encodeStandbyStatusUpdate,
  encodeXLogData,
  lsn,
  type StandbyStatusUpdate,
} from "@trunkline/protocol";
import { expect, test } from "vitest";
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
  options: { readonly copy?: "both" | "out"; readonly statusUpdates?: boolean; readonly takes?: () => boolean } = {},
) {
  const sent: StandbyStatusUpdate[] = [];
  const seen: string[] = [];
  const answers: Buffer[] = [];
  const clock = new SimulatedTime();
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
      data: () => {
        seen.push("data");
        const answer = answers.shift();
        if (answer !== undefined) reader.acknowledge([answer]);
      },
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
      totals: { messages: 0, bytes: 0 },
    },
  );
  reader.started({ copy: options.copy ?? "both", connectionId: 1 });
  return { reader, sent, seen, answers, clock };
}

test("R101: a keepalive that asks is answered once: by the callback, or else of our own accord", () => {
  const { reader, sent, answers } = reading();
  answers.push(status(10n));
  reader.data(keepalive(20n, true));
  expect(sent).toMatchObject([{ flushed: 10n }]);
  reader.data(keepalive(30n, true));
  expect(sent).toMatchObject([{ flushed: 10n }, { flushed: 10n, written: 30n }]);
});

test("W27: a keepalive that does not ask is not answered", () => {
  const { reader, sent, answers } = reading();
  answers.push(status(10n));
  reader.data(wal(20n));
  reader.data(keepalive(30n, false));
  expect(sent).toHaveLength(1);
});

test("an automatic update says that all WAL up to the last message was received", async () => {
  const { reader, sent, answers, clock } = reading();
  answers.push(status(10n));
  reader.data(wal(20n));
  reader.data(wal(30n));
  await clock.advance(1000);
  expect(sent.at(-1)).toMatchObject({ flushed: 10n, written: 30n });
});

test("without statusUpdates nothing is sent but what callbacks return", async () => {
  const { reader, sent, answers, clock } = reading({ statusUpdates: false });
  answers.push(status(10n));
  reader.data(keepalive(20n, true));
  reader.data(keepalive(30n, true));
  await clock.advance(100_000);
  expect(sent).toHaveLength(1);
});

test("what the stream takes no more is not taken for confirmed", async () => {
  let takes = false;
  const { reader, sent, answers, clock } = reading({ takes: () => takes });
  answers.push(status(10n));
  reader.data(wal(20n));
  takes = true;
  await clock.advance(1000);
  expect(sent).toEqual([]);
});

test("R83: WAL proves a connection good, once; a keepalive does not; a row of a COPY does", () => {
  const stream = reading();
  stream.reader.data(keepalive(20n, false));
  expect(stream.seen).toEqual(["started", "data"]);
  stream.reader.data(wal(20n));
  stream.reader.data(wal(30n));
  expect(stream.seen).toEqual(["started", "data", "firstData", "data", "data"]);
  const copy = reading({ copy: "out" });
  copy.reader.data(Buffer.from("k is no keepalive here"));
  expect(copy.seen).toEqual(["started", "firstData", "data"]);
});

test("a COPY has no timer, and a stream that has ended has none left", () => {
  expect(reading({ copy: "out" }).clock.pending).toBe(0);
  const { reader, clock, seen } = reading();
  expect(clock.pending).toBe(1);
  reader.ended({ type: "done", results: [] });
  expect(clock.pending).toBe(0);
  expect(seen).toEqual(["started", "done"]);
});
