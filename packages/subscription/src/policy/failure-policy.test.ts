import fc from "fast-check";
import { expect, test } from "vitest";
import { afterFailure, type FailurePolicyOptions, resolveFailurePolicy } from "./failure-policy.ts";

const after = (options: FailurePolicyOptions, failures: number, random = 0) =>
  afterFailure(resolveFailurePolicy(options), failures, random);

test("a handler is run again three times, after waits that double, and then the subscription stops", () => {
  expect([1, 2, 3, 4].map((failures) => after({}, failures))).toEqual([
    { type: "retry", waitMs: 500 },
    { type: "retry", waitMs: 1000 },
    { type: "retry", waitMs: 2000 },
    { type: "stop" },
  ]);
});

test("a transaction is parked after the last run when that was asked for, also without a retry", () => {
  expect(after({ retries: 1, afterwards: "park" }, 1).type).toBe("retry");
  expect(after({ retries: 1, afterwards: "park" }, 2)).toEqual({ type: "park" });
  expect(after({ retries: 0, afterwards: "park" }, 1)).toEqual({ type: "park" });
});

test("waits are within their bounds, whatever the lot says", () => {
  const rule = resolveFailurePolicy({ retries: 1000, backoffMs: 100, maxBackoffMs: 5000, jitter: 0.4 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, random) => {
        const decision = afterFailure(rule, failures, random);
        expect(decision.type === "retry" && decision.waitMs >= 60 && decision.waitMs <= 5000).toBe(true);
      },
    ),
  );
});

test("options that can't be meant are refused", () => {
  const bad: readonly FailurePolicyOptions[] = [
    { retries: -1 },
    { retries: 1.5 },
    { backoffMs: -1 },
    { backoffMs: Number.NaN },
    { backoffMs: 100, maxBackoffMs: 50 },
    { jitter: 2 },
    { afterwards: "ignore" as "stop" },
  ];
  for (const options of bad) {
    expect(() => resolveFailurePolicy(options)).toThrow(expect.objectContaining({ code: "option_invalid" }));
  }
});
