import { expect, test } from "vitest";
import { ReadPacer } from "./read-pacer.ts";

function pacer(coalesceMs = 1) {
  let now = 1000;
  const it = new ReadPacer(coalesceMs, () => now);
  return {
    it,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test("single transactions, a millisecond apart, are read without delay", () => {
  const { it, pass } = pacer();
  for (let transaction = 0; transaction < 100; transaction += 1) {
    expect(it.afterRead(600)).toBe(0);
    pass(1.001);
  }
});

test("a stream of small packets is let gather, once it is busy", () => {
  const { it, pass } = pacer();
  const delays = Array.from({ length: 30 }, () => {
    pass(0.01);
    return it.afterRead(230);
  });
  expect(delays.slice(0, 17).every((delay) => delay === 0)).toBe(true);
  expect(delays[17]).toBe(1);
});

test("what a pause has gathered decides whether there is another", () => {
  const { it, pass } = pacer();
  expect(it.afterRead(5000)).toBe(1);
  pass(1);
  expect(it.afterRead(30_000)).toBe(1);
  pass(1);
  expect(it.afterRead(200)).toBe(0);
});

test("a large read has gathered enough by itself", () => {
  const { it } = pacer();
  expect(it.afterRead(1 << 16)).toBe(0);
});

test("0 turns it off", () => {
  const { it } = pacer(0);
  expect(it.afterRead(5000)).toBe(0);
});
