import { lsn } from "@trunkline/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alarmOf, levelOf } from "./wal-alarm.ts";
import { type HealthSample, rateWindowMs, walBudget } from "./wal-budget.ts";

const sample = (atMs: number, kept: number, safe: number | null, change: Partial<HealthSample> = {}): HealthSample => ({
  atMs,
  walEnd: lsn(BigInt(10_000 + kept)),
  restartLsn: lsn(10_000n),
  confirmedLsn: lsn(10_000n),
  safeWalBytes: safe === null ? null : BigInt(safe),
  walStatus: "reserved",
  inactiveMs: null,
  ...change,
});

describe("the budget", () => {
  test("is unknown before the first sample, and without a slot", () => {
    expect(walBudget([])).toEqual({ type: "unknown" });
    expect(walBudget([sample(0, 0, null, { restartLsn: null, walStatus: null })])).toEqual({ type: "unknown" });
  });

  test("is unlimited where the server has no limit", () => {
    expect(walBudget([sample(0, 500, null)])).toEqual({ type: "unlimited", keptBytes: 500n });
  });

  test("is what is kept, what remains, how fast that shrinks, and when it is used up", () => {
    expect(walBudget([sample(0, 200, 800), sample(10_000, 400, 600)])).toEqual({
      type: "limited",
      keptBytes: 400n,
      limitBytes: 1000n,
      remainingBytes: 600n,
      remainingShare: 0.6,
      burnBytesPerSecond: 20,
      fullInMs: 30_000,
    });
  });

  test("does not shrink when the slot follows", () => {
    const budget = walBudget([sample(0, 400, 600), sample(10_000, 200, 800)]);
    expect(budget).toMatchObject({ burnBytesPerSecond: 0, fullInMs: undefined });
  });

  test("takes its rate from the window, not from the beginning", () => {
    const samples = [sample(0, 0, 1000), sample(10, 800, 200), sample(rateWindowMs + 5, 800, 200)];
    expect(walBudget(samples)).toMatchObject({ burnBytesPerSecond: 0 });
  });

  test("says nothing of the rate from samples taken at once", () => {
    expect(walBudget([sample(0, 0, 1000), sample(1, 800, 200)])).toMatchObject({ burnBytesPerSecond: 0 });
  });

  test("is used up, and never negative, when the limit is passed before the next checkpoint", () => {
    expect(walBudget([sample(0, 1200, -200)])).toMatchObject({ remainingBytes: 0n, remainingShare: 0 });
  });

  test("is lost with the slot", () => {
    expect(walBudget([sample(0, 0, null, { restartLsn: null, walStatus: "lost" })])).toEqual({ type: "lost" });
  });

  test("is within its bounds for whatever samples come", () => {
    const samples = fc.array(fc.tuple(fc.nat(600_000), fc.nat(5000), fc.option(fc.integer({ min: -500, max: 5000 }))));
    fc.assert(
      fc.property(samples, (list) => {
        const sorted = list.toSorted(([a], [b]) => a - b).map(([at, kept, safe]) => sample(at, kept, safe));
        const budget = walBudget(sorted);
        if (budget.type !== "limited") return;
        expect(budget.remainingShare).toBeGreaterThanOrEqual(0);
        expect(budget.remainingShare).toBeLessThanOrEqual(1);
        expect(budget.burnBytesPerSecond).toBeGreaterThanOrEqual(0);
        expect(budget.fullInMs ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("the alarm", () => {
  const levelAt = (share: number) => levelOf(walBudget([sample(0, 1000 - share * 10, share * 10)]));

  test("comes at half, a quarter and a tenth of what may be kept, and when the slot is lost", () => {
    const levels = [100, 51, 50, 26, 25, 11, 10, 0].map(levelAt);
    expect(levels).toEqual(["ok", "ok", "half", "half", "quarter", "quarter", "tenth", "tenth"]);
    expect(levelOf({ type: "lost" })).toBe("lost");
    expect(levelOf({ type: "unlimited", keptBytes: 1n })).toBe("ok");
    expect(levelOf({ type: "unknown" })).toBe("ok");
  });

  test("is told once for each level, for the worse and for the better", () => {
    expect(alarmOf("ok", "ok")).toBeUndefined();
    expect(alarmOf("ok", "quarter")).toEqual({ from: "ok", to: "quarter", worse: true });
    expect(alarmOf("tenth", "half")).toEqual({ from: "tenth", to: "half", worse: false });
    expect(alarmOf("tenth", "lost")).toMatchObject({ worse: true });
  });
});
