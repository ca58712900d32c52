import { expect, test } from "vitest";
import { editDistance, nearMiss } from "./near-miss.ts";

test.each([
  ["", "", 0],
  ["abc", "abc", 0],
  ["abc", "acb", 1],
  ["abc", "ab", 1],
  ["abc", "xabc", 1],
  ["kitten", "sitting", 3],
])("from %j to %j it is %i edits", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test("separators and case don't count", () => {
  expect(nearMiss("Socket_Dir", ["socketDir", "socket"])).toBe("socketDir");
});

test("another library's word is only suggested where ours is known", () => {
  expect(nearMiss("hostname", ["host"])).toBe("host");
  expect(nearMiss("hostname", ["slot"])).toBeUndefined();
});

test("names that objects inherit are no words", () => {
  expect(nearMiss("constructor", ["host"])).toBeUndefined();
});
