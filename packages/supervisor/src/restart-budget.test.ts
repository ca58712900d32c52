import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { freshBudget, spend } from "./restart-budget.ts";

/** Spends at each time in turn and says which attempts were refused. */
function refusals(maxRestarts: number, maxSeconds: number, times: readonly number[]): boolean[] {
  let budget = freshBudget(maxRestarts, maxSeconds);
  return times.map((at) => {
    const spending = spend(budget, at);
    budget = spending.budget;
    return spending.exhausted;
  });
}

describe("restart budget", () => {
  test("S80: maxRestarts restarts within the window are allowed and the next one is fatal", () => {
    expect(refusals(3, 5, [0, 10, 20, 30])).toEqual([false, false, false, true]);
  });

  test("S80: restarts older than the window are forgotten", () => {
    expect(refusals(1, 5, [0, 5_001, 10_002])).toEqual([false, false, false]);
  });

  test("S81: a budget of 0 allows none", () => {
    expect(refusals(0, 5, [0])).toEqual([true]);
  });

  test("S82: a restart exactly maxSeconds old still counts, one a millisecond older does not", () => {
    expect(refusals(1, 5, [0, 5_000])).toEqual([false, true]);
    expect(refusals(1, 5, [0, 5_001])).toEqual([false, false]);
  });

  test("S82: the window slides instead of being a fixed bucket", () => {
    expect(refusals(2, 5, [0, 4_000, 6_000, 9_001])).toEqual([false, false, false, false]);
    expect(refusals(2, 5, [0, 4_000, 4_500])).toEqual([false, false, true]);
  });

  test("S80, S82: an attempt is refused exactly when more than maxRestarts lie in the window that ends with it", () => {
    fc.assert(
      fc.property(
        fc.nat(5),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(3_000), { maxLength: 20 }),
        (maxRestarts, maxSeconds, gaps) => {
          let at = 0;
          const times = gaps.map((gap) => {
            at += gap;
            return at;
          });
          const expected = times.map(
            (now, index) => times.slice(0, index + 1).filter((t) => now - t <= maxSeconds * 1000).length > maxRestarts,
          );
          expect(refusals(maxRestarts, maxSeconds, times)).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});
