import { expect, test } from "vitest";
import { Rate } from "./rate.ts";

test("a rate is the growth since the last look", () => {
  const rate = new Rate();
  expect(rate.at(10, 0)).toBeUndefined();
  expect(rate.at(30, 1000)).toBe(20);
  expect(rate.at(30, 3000)).toBe(0);
});

test("two who look at once get the same answer, and none of them cuts the other's interval short", () => {
  const rate = new Rate();
  rate.at(0, 0);
  expect([rate.at(10, 1000), rate.at(11, 1001), rate.at(30, 2000)]).toEqual([10, 10, 20]);
});

test("after a minute without a look nothing is said until the next", () => {
  const rate = new Rate();
  rate.at(0, 0);
  expect(rate.at(1_000_000, 60_001)).toBeUndefined();
  expect(rate.at(1_000_010, 61_001)).toBe(10);
});
