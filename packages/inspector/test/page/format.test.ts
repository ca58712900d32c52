import { expect, test } from "vitest";
import { ago, bytes, duration, plural, shutdownWords } from "../../page/format.js";
import { ceiling, valueWords } from "../../page/plot-scale.js";
import { reasonWords } from "../../page/reason.js";

test.each([
  [0, "0 B"],
  [648, "648 B"],
  [38_192, "37.3 KiB"],
  [3_983_656, "3.80 MiB"],
  [1_073_741_824, "1 GiB"],
  [1023, "1.00 KiB"],
  [-9_380_976, "−8.95 MiB"],
])("%i bytes are %s", (count, words) => {
  expect(bytes(count)).toBe(words);
});

test.each([
  [0, "0 ms"],
  [23, "23 ms"],
  [999.7, "1 s"],
  [14_200, "14.2 s"],
  [10_000, "10 s"],
  [59_960, "1 min"],
  [2_499_000, "41 min 39 s"],
  [3_780_000, "1 h 3 min"],
  [187_200_000, "2 d 4 h"],
])("%d ms last %s", (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test("an age has one unit, and is never negative", () => {
  expect([800, 2700, 840_000, 7_300_000, 200_000_000, -5].map(ago)).toEqual([
    "0.8 s ago",
    "2.7 s ago",
    "14 min ago",
    "2 h ago",
    "2 d ago",
    "0.0 s ago",
  ]);
});

test("counts, shutdowns and reasons read as sentences do", () => {
  expect([plural(1, "update"), plural(15_602, "event"), plural(2, "child", "children")]).toEqual([
    "1 update",
    "15,602 events",
    "2 children",
  ]);
  expect([shutdownWords(10_000), shutdownWords("brutal_kill")]).toEqual(["10 s", "brutal_kill"]);
  expect(reasonWords({ type: "killed" })).toBe("killed");
  expect(reasonWords({ type: "error", name: "TypeError", code: "E_X", message: "no" })).toBe("E_X TypeError: no");
  expect(reasonWords({ type: "error", name: "RangeError", message: "far" })).toBe("RangeError far");
});

test("an axis ends at a round number above every value, in powers of 1024 for bytes", () => {
  expect(ceiling(1330, "changes/s")).toBe(2000);
  expect(ceiling(3_983_656, "bytes")).toBe(4 * 1024 ** 2);
  expect(ceiling(0, "bytes")).toBe(1024);
  expect(ceiling(0, "s")).toBe(1);
  for (let value = 0.001; value < 1e12; value *= 1.7) {
    for (const unit of ["bytes", "s"]) expect(ceiling(value, unit)).toBeGreaterThanOrEqual(value);
  }
  expect(valueWords(99.97, "s")).toEqual(["100", "s"]);
  expect(valueWords(1520, "bytes/s")).toEqual(["1.48", "KiB/s"]);
});
