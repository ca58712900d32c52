import { expect, test } from "vitest";
import { bytes, duration } from "./words.ts";

test("times have at most two units", () => {
  const times = [
    -5, 0, 40, 800, 14_200, 59_949, 59_960, 60_000, 185_000, 3_599_600, 3_780_000, 187_200_000, 172_800_000,
  ];
  expect(times.map(duration)).toEqual([
    "0 s",
    "0 s",
    "0 s",
    "0.8 s",
    "14.2 s",
    "59.9 s",
    "1 min",
    "1 min",
    "3 min 5 s",
    "1 h",
    "1 h 3 min",
    "2 d 4 h",
    "2 d",
  ]);
});

test("sizes have three digits", () => {
  const sizes = [0n, 648n, 1023n, 1024n, 38_195n, 3_984_589n, 1024n ** 3n, 1_048_000n, 2n ** 64n];
  expect(sizes.map(bytes)).toEqual([
    "0 B",
    "648 B",
    "1023 B",
    "1 KiB",
    "37.3 KiB",
    "3.80 MiB",
    "1 GiB",
    "1023 KiB",
    "16 EiB",
  ]);
});
