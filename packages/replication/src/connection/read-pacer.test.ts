import { expect, test } from "vitest";
import { ReadPacer } from "./read-pacer.ts";

/** A pacer in a stream whose beginning is long over. */
function pacer(coalesceMs = 1) {
  let now = 1000;
  const it = new ReadPacer(coalesceMs, () => now);
  it.streamBegins();
  now += 1000;
  return {
    it,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

const ROOM = 1 << 18;

test("single transactions, a millisecond apart, are read without delay", () => {
  const { it, pass } = pacer();
  for (let transaction = 0; transaction < 100; transaction += 1) {
    expect(it.afterRead(600, ROOM)).toBe(0);
    pass(1.001);
  }
});

test("a stream of small packets is let gather, once it is busy", () => {
  const { it, pass } = pacer();
  const delays = Array.from({ length: 30 }, () => {
    pass(0.01);
    return it.afterRead(230, ROOM);
  });
  expect(delays.slice(0, 17).every((delay) => delay === 0)).toBe(true);
  expect(delays.slice(17).every((delay) => delay === 1)).toBe(true);
});

test("pauses that gather little end the busy time after 20 ms", () => {
  const { it, pass } = pacer();
  expect(it.afterRead(30_000, ROOM)).toBe(1);
  pass(19);
  expect(it.afterRead(200, ROOM)).toBe(1);
  pass(1);
  expect(it.afterRead(200, ROOM)).toBe(0);
});

test("a stream begins busy, for half a second", () => {
  const { it, pass } = pacer();
  pass(10);
  it.streamBegins();
  expect(it.afterRead(200, ROOM)).toBe(1);
  pass(400);
  expect(it.afterRead(30_000, ROOM)).toBe(1); // busy by itself for less long than the beginning
  pass(99);
  expect(it.afterRead(200, ROOM)).toBe(1);
  pass(1);
  expect(it.afterRead(200, ROOM)).toBe(0);
});

test("a read that filled its room, or brought 96 KiB, is followed by the next at once", () => {
  const { it } = pacer();
  expect(it.afterRead(1 << 16, 1 << 16)).toBe(0);
  expect(it.afterRead((1 << 16) - 1, 1 << 16)).toBe(1);
  expect(it.afterRead(96 * 1024, ROOM)).toBe(0);
  expect(it.afterRead(96 * 1024 - 1, ROOM)).toBe(1);
});

test("nothing but a stream is paced: what comes before and after it is read at once", () => {
  const { it } = pacer();
  expect(it.afterRead(30_000, ROOM)).toBe(1);
  it.streamEnds();
  expect(it.afterRead(30_000, ROOM)).toBe(0);
  expect(new ReadPacer(1, () => 0).afterRead(30_000, ROOM)).toBe(0);
});

test("0 turns it off", () => {
  const { it } = pacer(0);
  it.streamBegins();
  expect(it.afterRead(5000, ROOM)).toBe(0);
});
