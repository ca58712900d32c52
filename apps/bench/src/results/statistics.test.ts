import { expect, test } from "vitest";
import { percentile, spread } from "./statistics.ts";

test("the median of an odd number of runs is one of them, of an even number the mean of two", () => {
  expect(spread([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
  expect(spread([9, 1, 5, 6])).toEqual({ median: 5.5, min: 1, max: 9 });
});

test("a percentile is a value that has been seen", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1)]).toEqual([50, 99, 100]);
});
