import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asDate, asEpochMicros } from "./timestamp-text.ts";

describe("asEpochMicros", () => {
  test.each([
    ["1970-01-01 00:00:00+00", 0n],
    ["2026-11-22 10:11:12.123456+00", 1_795_342_272_123_456n],
    ["2026-11-22 10:11:12.5", 1_795_342_272_500_000n],
    ["2026-11-22", 1_795_305_600_000_000n],
    ["1969-12-31 23:59:59.999999+00", -1n],
    ["2000-02-29 00:00:00+00", 951_782_400_000_000n],
  ])("%s is %i", (text, micros) => {
    expect(asEpochMicros(text)).toBe(micros);
  });

  test.each([
    ["2026-11-22 05:30:00+05:30", "2026-11-22 00:00:00+00"],
    ["2026-11-21 16:00:00-08", "2026-11-22 00:00:00+00"],
    ["1800-01-01 05:53:28+05:53:28", "1800-01-01 00:00:00+00"],
    ["1799-12-31 16:07:02-07:52:58", "1800-01-01 00:00:00+00"],
  ])("%s is the same instant as %s", (text, utc) => {
    expect(asEpochMicros(text)).toBe(asEpochMicros(utc));
  });

  test("years before Christ count without a year 0", () => {
    expect(asEpochMicros("0001-12-31 23:59:59.999999+00 BC")).toBe(BigInt(Date.UTC(1970, 0)) - 62_135_596_800_000_001n);
    expect(asEpochMicros("0044-03-15 01:02:03.5 BC")).toBe(
      BigInt(new Date("-000043-03-15T01:02:03.500Z").getTime()) * 1000n,
    );
  });

  test("the last microsecond that Postgres has is exact", () => {
    expect(asEpochMicros("294276-12-31 23:59:59.999999+00")).toBe(9_224_318_015_999_999_999n);
  });

  test("infinities are numbers that compare rightly with every instant", () => {
    expect(asEpochMicros("infinity")).toBe(Number.POSITIVE_INFINITY);
    expect(asEpochMicros("-infinity")).toBe(Number.NEGATIVE_INFINITY);
    expect(asEpochMicros("infinity") > asEpochMicros("294276-12-31 23:59:59.999999+00")).toBe(true);
  });

  test("agrees with Date on every millisecond that has a four-digit year", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true }),
        (date) => {
          const text = date.toISOString().replace("T", " ").replace("Z", "+00");
          expect(asEpochMicros(text)).toBe(BigInt(date.getTime()) * 1000n);
          expect(asDate(text)).toEqual(date);
        },
      ),
    );
  });

  test.each([
    "",
    "now",
    "2026-13-01",
    "2026-00-01",
    "2026-02-29",
    "2026-04-31",
    "2026-01-00",
    "1900-02-29",
    "2026-01-01 24:00:00",
    "2026-01-01 00:60:00",
    "2026-01-01 00:00:60",
    "2026-01-01 00:00:00.1234567",
    "2026-01-01 00:00:00+5",
    "2026-01-01T00:00:00Z",
    "12:00:00",
    "Sun Nov 22 10:11:12 2026 UTC",
    " 2026-01-01",
    "Infinity",
  ])("%s is refused", (text) => {
    expect(() => asEpochMicros(text)).toThrow(expect.objectContaining({ code: "value_malformed" }));
  });
});

describe("asDate", () => {
  test("cuts microseconds off towards the past", () => {
    expect(asDate("2026-11-22 10:11:12.123999+00")).toEqual(new Date("2026-11-22T10:11:12.123Z"));
    expect(asDate("1969-12-31 23:59:59.999999+00")).toEqual(new Date(-1));
  });

  test("keeps infinities as numbers", () => {
    expect([asDate("infinity"), asDate("-infinity")]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  test("refuses what no Date can hold", () => {
    expect(asDate("275760-09-13 00:00:00+00")).toEqual(new Date(8.64e15));
    expect(() => asDate("275760-09-13 00:00:00.001+00")).toThrow(expect.objectContaining({ code: "value_malformed" }));
  });
});
