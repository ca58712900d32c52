import { expect, test } from "vitest";
import type { Sample } from "../run/series.ts";
import { figuresOf } from "./figures.ts";

const sample = (outcome: Sample["outcome"]): Sample => ({
  workload: "W1",
  setup: "replay",
  client: "bare",
  rows: 1000,
  streamBytes: 2_000_000,
  outcome,
});

const took = (cpuMicros: number, wallMicros: number): Sample =>
  sample({
    type: "valid",
    report: { rows: 1000, transactions: 10, cpuMicros, wallMicros, maxRssKb: 51_200 },
  });

test("figures are medians over the valid runs, and say why the others don't count", () => {
  const samples = [took(200, 1e6), took(300, 2e6), took(1000, 4e6), sample({ type: "invalid", why: "saw 999 rows" })];
  expect(figuresOf(samples)).toMatchObject([
    {
      runs: 3,
      cpuMicrosPerRow: 0.3,
      cpuMicrosPerRowMin: 0.2,
      cpuMicrosPerRowMax: 1,
      rowsPerSecond: 500,
      megabytesPerSecond: 1,
      maxRssMb: 50,
      invalid: ["saw 999 rows"],
    },
  ]);
});

test("a client without a valid run has no figures", () => {
  expect(figuresOf([sample({ type: "invalid", why: "died" })])).toMatchObject([{ runs: 0, cpuMicrosPerRow: null }]);
});
