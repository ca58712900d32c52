import { expect, test } from "vitest";
import { Ring } from "./ring.ts";

test("it keeps the last items, newest first", () => {
  const ring = new Ring<number>(3);
  expect(ring.newest()).toEqual([]);
  ring.push(1);
  ring.push(2);
  expect(ring.newest()).toEqual([2, 1]);
  for (const item of [3, 4, 5]) ring.push(item);
  expect(ring.newest()).toEqual([5, 4, 3]);
  ring.push(6);
  expect(ring.newest()).toEqual([6, 5, 4]);
});
