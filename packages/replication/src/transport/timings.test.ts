import { expect, test } from "vitest";
import { computeTimings, parseShownTime } from "./timings.ts";

test("R101, W41: updates are at most a third of wal_sender_timeout apart, and at most ten seconds", () => {
  const status = (walSenderTimeoutMs: number | undefined): number =>
    computeTimings({ statusUpdates: true, walSenderTimeoutMs, livenessTimeoutMs: 60_000 }).statusMs;
  expect([2000, 15_000, 60_000, 0, undefined].map(status)).toEqual([666, 5000, 10_000, 10_000, 10_000]);
});

test("without status updates none is sent", () => {
  const { statusMs } = computeTimings({
    statusUpdates: false,
    walSenderTimeoutMs: 1000,
    livenessTimeoutMs: 60_000,
  });
  expect(statusMs).toBe(Number.POSITIVE_INFINITY);
});

test("R93: the server is asked at half the time that it has", () => {
  const timings = computeTimings({ statusUpdates: true, walSenderTimeoutMs: 0, livenessTimeoutMs: 30_000 });
  expect(timings).toMatchObject({ askAfterMs: 15_000, goneAfterMs: 30_000, lookEveryMs: 7500 });
});

test("a time is read as SHOW writes it", () => {
  expect(["1min", "2500ms", "0", "2s", "1h", "1d", "soon", "", null, undefined].map(parseShownTime)).toEqual([
    60_000,
    2500,
    0,
    2000,
    3_600_000,
    86_400_000,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
