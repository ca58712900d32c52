import { expect, test } from "vitest";
import type { Figures } from "./figures.ts";
import { judgeGoals } from "./goals.ts";
import { projectGoals } from "./project-goals.ts";

const nothing = {
  rows: 1,
  runs: 1,
  cpuMicrosPerRow: null,
  cpuMicrosPerRowMin: null,
  cpuMicrosPerRowMax: null,
  rowsPerSecond: null,
  rowsPerSecondMin: null,
  rowsPerSecondMax: null,
  megabytesPerSecond: null,
  maxRssMb: null,
  latencyP50Ms: null,
  latencyP99Ms: null,
  invalid: [],
} as const;

const replayed = (client: string, cpuMicrosPerRow: number | null): Figures => ({
  ...nothing,
  workload: "W1",
  setup: "replay",
  client,
  cpuMicrosPerRow,
});

const verdictOf = (figures: readonly Figures[]) =>
  judgeGoals(projectGoals, figures).find(({ name }) => name === "W1 replay: CPU of ours raw / bare socket")?.verdict;

test("a ratio at its limit meets the goal, and one above does not", () => {
  expect(verdictOf([replayed("bare", 0.2), replayed("ours-raw", 0.3)])).toBe("met");
  expect(verdictOf([replayed("bare", 0.2), replayed("ours-raw", 0.31)])).toBe("NOT MET");
});

test("a goal is not judged when one side has not run, or has no valid run", () => {
  expect(verdictOf([replayed("ours-raw", 0.3)])).toBe("not measured");
  expect(verdictOf([replayed("bare", null), replayed("ours-raw", 0.3)])).toBe("not measured");
});

const memoryOf = (figures: readonly Figures[]) =>
  judgeGoals(projectGoals, figures).find(({ name }) => name.startsWith("peak RSS"));

test("the memory goal takes the worst of all our clients", () => {
  const figures = [
    { ...replayed("ours-raw", 1), maxRssMb: 90 },
    { ...replayed("ours-decoded", 1), maxRssMb: 130 },
    { ...replayed("postgres", 1), maxRssMb: 400 },
  ];
  expect(memoryOf(figures)).toMatchObject({ value: 130, verdict: "NOT MET" });
});

test("all that was measured counts, whatever the setup", () => {
  const figures = [
    { ...replayed("ours-decoded", 1), maxRssMb: 90 },
    { ...replayed("ours-subscription", 1), setup: "real" as const, maxRssMb: 100 },
    { ...replayed("ours-decoded", 1), workload: "scaling" as const, maxRssMb: 95 },
    { ...replayed("ours-decoded", 1), workload: "scaling" as const, rows: 10_000_000, maxRssMb: 121 },
  ];
  expect(memoryOf(figures.slice(0, 3))).toMatchObject({ value: 100, verdict: "met" });
  expect(memoryOf(figures)).toMatchObject({ value: 121, verdict: "NOT MET" });
});
