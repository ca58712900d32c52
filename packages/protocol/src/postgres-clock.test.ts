import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CLOCK_INFINITY,
  CLOCK_MINUS_INFINITY,
  clockFromDate,
  clockFromUnixMicros,
  dateFromClock,
  unixMicrosFromClock,
} from "./postgres-clock.ts";

test("Postgres' clock begins on the first of January 2000, UTC", () => {
  expect(dateFromClock(0n)).toEqual(new Date("2000-01-01T00:00:00.000Z"));
  expect(unixMicrosFromClock(0n)).toBe(946_684_800_000_000n);
  expect(clockFromDate(new Date(0))).toBe(-946_684_800_000_000n);
});

test("microseconds are kept as microseconds, and cut off towards the past in a Date", () => {
  expect(unixMicrosFromClock(1n)).toBe(946_684_800_000_001n);
  expect(dateFromClock(1_999n)).toEqual(new Date("2000-01-01T00:00:00.001Z"));
  expect(dateFromClock(-1n)).toEqual(new Date("1999-12-31T23:59:59.999Z"));
  expect(dateFromClock(-946_684_800_000_001n)).toEqual(new Date(-1));
});

test("the infinities are Infinity and -Infinity both ways", () => {
  for (const [clock, infinite] of [
    [CLOCK_INFINITY, Number.POSITIVE_INFINITY],
    [CLOCK_MINUS_INFINITY, Number.NEGATIVE_INFINITY],
  ] as const) {
    expect(unixMicrosFromClock(clock)).toBe(infinite);
    expect(dateFromClock(clock)).toBe(infinite);
    expect(clockFromUnixMicros(infinite)).toBe(clock);
    expect(clockFromDate(infinite)).toBe(clock);
  }
});

test("a finite time never becomes an infinity by arithmetic", () => {
  const beforeInfinity = unixMicrosFromClock(CLOCK_INFINITY - 1n);
  expect(beforeInfinity).toBe(CLOCK_INFINITY - 1n + 946_684_800_000_000n);
  expect(() => clockFromUnixMicros(CLOCK_INFINITY + 946_684_800_000_000n)).toThrow(/not a time on Postgres' clock/);
  expect(() => clockFromUnixMicros(CLOCK_MINUS_INFINITY + 946_684_800_000_000n)).toThrow(/not a time/);
});

test.each([
  ["a clock above 64 bits", () => unixMicrosFromClock(2n ** 63n)],
  ["a clock below 64 bits", () => dateFromClock(-(2n ** 63n) - 1n)],
  ["a clock past what a Date holds", () => dateFromClock(CLOCK_INFINITY - 1n)],
  ["an invalid Date", () => clockFromDate(new Date(Number.NaN))],
  ["a finite number", () => clockFromUnixMicros(12)],
  ["NaN", () => clockFromDate(Number.NaN)],
])("%s is refused", (_, run) => {
  expect(run).toThrow(expect.objectContaining({ code: "clock_out_of_range" }));
});

test("every Date and every microsecond in range survives the round trip", () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), fc.bigInt(-(2n ** 62n), 2n ** 62n), (date, clock) => {
      expect(dateFromClock(clockFromDate(date))).toEqual(date);
      expect(clockFromUnixMicros(unixMicrosFromClock(clock))).toBe(clock);
    }),
  );
});
