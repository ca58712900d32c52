import { expect, test } from "vitest";
import { peakIn, peakRssKb } from "./peak-rss.ts";

test("the peak is read from the process' status", () => {
  expect(peakIn("VmPeak:\t 1000 kB\nVmHWM:\t   98304 kB\nVmRSS:\t 4 kB\n")).toBe(98_304);
  expect(peakIn("")).toBeUndefined();
});

test("this process has a peak, of what it has now at least", () => {
  const before = process.memoryUsage.rss();
  expect(peakRssKb() * 1024).toBeGreaterThanOrEqual(before);
});
