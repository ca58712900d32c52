import { SimulatedTime } from "@trunkline/process";
import { expect, test } from "vitest";
import { Heartbeat } from "./heartbeat.ts";
import { computeTimings } from "./timings.ts";

function beating(options: { statusUpdates?: boolean; walSenderTimeoutMs?: number; livenessTimeoutMs?: number } = {}) {
  const clock = new SimulatedTime();
  const seen: string[] = [];
  const server = { bytes: 0, deaf: false };
  const timings = computeTimings({
    statusUpdates: true,
    walSenderTimeoutMs: 60_000,
    livenessTimeoutMs: Number.POSITIVE_INFINITY,
    ...options,
  });
  const note = (what: string) => () => void seen.push(`${what} ${clock.now()}`);
  const heartbeat = new Heartbeat(clock, timings, {
    bytesRead: () => server.bytes,
    deaf: () => server.deaf,
    repeat: note("repeat"),
    ask: note("ask"),
    gone: note("gone"),
  });
  return { clock, seen, server, heartbeat };
}

test("R101, W41: updates are repeated on time, whatever else goes on", async () => {
  const { clock, seen, server } = beating({ walSenderTimeoutMs: 3000, livenessTimeoutMs: 2600 });
  server.deaf = true;
  await clock.advance(3500);
  expect(seen).toEqual(["repeat 1000", "repeat 2000", "repeat 3000"]);
});

test("R93: a server that gives no sign of life is asked first, and then given up", async () => {
  const { clock, seen, server } = beating({ statusUpdates: false, livenessTimeoutMs: 4000 });
  server.bytes = 10;
  await clock.advance(1000);
  await clock.advance(10_000);
  expect(seen).toEqual(["ask 3000", "gone 5000"]);
  expect(clock.pending).toBe(0);
});

test("R93: an answer to the question proves life, also where wal_sender_timeout is 0", async () => {
  const { clock, seen, server } = beating({ statusUpdates: false, walSenderTimeoutMs: 0, livenessTimeoutMs: 4000 });
  await clock.advance(2000);
  expect(seen).toEqual(["ask 2000"]);
  server.bytes = 18;
  await clock.advance(4000);
  expect(seen).toEqual(["ask 2000", "ask 5000"]);
});

test("R93: our own pause is not the server's silence, and the time starts anew after it", async () => {
  const { clock, seen, server } = beating({ statusUpdates: false, livenessTimeoutMs: 4000 });
  server.deaf = true;
  await clock.advance(100_000);
  expect(seen).toEqual([]);
  server.deaf = false;
  await clock.advance(1000);
  expect(seen).toEqual([]);
  await clock.advance(4000);
  expect(seen).toEqual(["ask 102000", "gone 104000"]);
});

test("a stopped heartbeat leaves no timer", () => {
  const { clock, heartbeat } = beating({ livenessTimeoutMs: 4000 });
  heartbeat.stop();
  expect(clock.pending).toBe(0);
});

test("R93: whoever looks is told when the server was last heard, and since when an answer is waited for", async () => {
  const { clock, server, heartbeat } = beating({ statusUpdates: false, livenessTimeoutMs: 4000 });
  await clock.advance(2500);
  expect([heartbeat.heardAtMs, heartbeat.askedAtMs]).toEqual([0, 2000]);
  server.bytes = 18;
  expect([heartbeat.heardAtMs, heartbeat.askedAtMs]).toEqual([2500, undefined]);
});
