import { expect, test } from "vitest";
import { catalogue } from "../clients/catalogue.ts";
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

test.each(catalogue.filter(({ name }) => name.startsWith("ours-")).map(({ name }) => name))(
  "the memory of %s counts",
  (client) => {
    const figures = [
      { ...replayed("ours-raw", 1), maxRssMb: 90 },
      { ...replayed(client, 1), setup: "real" as const, maxRssMb: 130 },
    ];
    expect(memoryOf(figures)).toMatchObject({ value: 130, verdict: "NOT MET" });
  },
);
