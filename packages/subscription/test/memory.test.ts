import { getEventListeners } from "node:events";
import { realClock } from "@trunkline/process";
import { type DecodedMessage, type Lsn, lsn } from "@trunkline/protocol";
import { expect, test } from "vitest";
import { dispatchAll } from "../src/stream/dispatcher.ts";
import { Intake } from "../src/stream/intake.ts";

const at = (value: number): Lsn => lsn(BigInt(value));
const transaction = (start: number): readonly DecodedMessage[] => [
  { kind: "begin", finalLsn: at(start), commitClock: 0n, xid: 1 },
  { kind: "commit", commitLsn: at(start), endLsn: at(start + 8), commitClock: 0n },
];

test("a transaction that is through leaves nothing behind on the signal of its subscription", async () => {
  const { signal } = new AbortController();
  const intake = new Intake(at(0), { changes: 10_000, bytes: 1_000_000 }, { room: () => {}, durable: () => {} });
  for (let start = 10; start <= 1000; start += 10) for (const one of transaction(start)) intake.take(one, 1);
  let handled = 0;
  let failed = 0;
  await dispatchAll({
    intake,
    handlers: {
      onTransaction: (given) => {
        expect(given.signal.aborted).toBe(false);
        if (given.attempt === 1) throw new Error("It runs twice.");
      },
      onChange: undefined,
      onMessage: undefined,
    },
    policy: { afterFailure: () => ({ type: "retry", waitMs: 0 }), park: undefined },
    clock: realClock(),
    signal,
    owner: () => ({ systemId: "1", timeline: 1, slot: "s" }),
    save: async () => {},
    again: () => {},
    begins: () => {},
    settled: () => {},
    handled: () => {
      handled += 1;
      if (handled === 100) intake.stop();
    },
    failed: () => {
      failed += 1;
    },
  });
  expect([handled, failed]).toEqual([100, 100]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(rememberedBy(signal)).toBe(0);
});

test("the signal of a transaction follows that of its subscription", async () => {
  const ending = new AbortController();
  const intake = new Intake(at(0), { changes: 10, bytes: 1000 }, { room: () => {}, durable: () => {} });
  for (const one of transaction(10)) intake.take(one, 1);
  let aborted = false;
  await dispatchAll({
    intake,
    handlers: {
      onTransaction: ({ signal }) => {
        ending.abort();
        intake.stop();
        aborted = signal.aborted;
      },
      onChange: undefined,
      onMessage: undefined,
    },
    policy: { afterFailure: () => ({ type: "stop" }), park: undefined },
    clock: realClock(),
    signal: ending.signal,
    owner: () => ({ systemId: "1", timeline: 1, slot: "s" }),
    save: async () => {},
    again: () => {},
    begins: () => {},
    settled: () => {},
    handled: () => {},
    failed: () => {},
  });
  expect(aborted).toBe(true);
});

test("messages outside transactions fill the buffer as changes do, and make room when they are handled", async () => {
  const told: string[] = [];
  const listeners = { room: () => void told.push("room"), durable: () => {} };
  const intake = new Intake(at(0), { changes: 100, bytes: 1000 }, listeners);
  const content = new Uint8Array(400);
  const message = (value: number): DecodedMessage => ({
    kind: "message",
    xid: null,
    transactional: false,
    lsn: at(value),
    prefix: "p",
    content,
  });
  intake.take(message(10), 400);
  intake.take(message(20), 400);
  expect([intake.full, intake.buffered]).toEqual([false, { changes: 2, bytes: 800 }]);
  intake.take(message(30), 400);
  expect([intake.full, intake.buffered]).toEqual([true, { changes: 3, bytes: 1200 }]);
  for (const left of [800, 400]) {
    expect(told).toEqual([]);
    intake.finished((await intake.next())?.ticket ?? 0);
    expect(intake.buffered.bytes).toBe(left);
  }
  expect([intake.full, told]).toEqual([false, ["room"]]);
  intake.disconnected();
  expect(intake.buffered).toEqual({ changes: 0, bytes: 0 });
});

test("transactions without changes hold the connection back too, until half of them are handed out", async () => {
  const told: string[] = [];
  const listeners = { room: () => void told.push("room"), durable: () => {} };
  const intake = new Intake(at(0), { changes: 4, bytes: 1000 }, listeners);
  const full: boolean[] = [];
  for (let start = 10; start <= 40; start += 10) {
    for (const one of transaction(start)) intake.take(one, 1);
    full.push(intake.full);
  }
  expect(full).toEqual([false, false, false, true]);
  await intake.next();
  expect(told).toEqual([]);
  await intake.next();
  expect([intake.full, told]).toEqual([false, ["room"]]);
});

/** Node keeps the signals that `AbortSignal.any` made in a set of the signal they follow; it never takes one out. */
function rememberedBy(signal: AbortSignal): number {
  const own = Object.getOwnPropertySymbols(signal).map((key) => Reflect.get(signal, key) as unknown);
  return own.reduce<number>((sum, value) => sum + (value instanceof Set ? value.size : 0), 0);
}
