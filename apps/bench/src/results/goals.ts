import type { Figures } from "./figures.ts";

/** A figure of one run of the bench, and what it shall be. */
export interface Goal {
  readonly name: string;
  readonly sense: "atMost" | "atLeast";
  readonly limit: number;
  /** `undefined` while something that it is made of has not been measured. */
  readonly measure: (find: FindFigures, figures: readonly Figures[]) => number | undefined;
}

/** Looks up what was measured. */
export type FindFigures = (
  workload: Figures["workload"],
  setup: Figures["setup"],
  client: string,
) => Figures | undefined;

export type Verdict = "met" | "NOT MET" | "not measured";

/** A goal and what became of it. */
export interface JudgedGoal {
  readonly name: string;
  readonly sense: "atMost" | "atLeast";
  readonly limit: number;
  readonly value: number | undefined;
  readonly verdict: Verdict;
}

/** Judges each goal by the figures of one call of the bench: only ratios within one call mean something. */
export function judgeGoals(goals: readonly Goal[], figures: readonly Figures[]): readonly JudgedGoal[] {
  const find: FindFigures = (workload, setup, client) =>
    figures.find((each) => each.workload === workload && each.setup === setup && each.client === client);
  return goals.map(({ name, sense, limit, measure }) => {
    const value = measure(find, figures);
    return { name, sense, limit, value, verdict: judge(value, sense, limit) };
  });
}

function judge(value: number | undefined, sense: Goal["sense"], limit: number): Verdict {
  if (value === undefined || Number.isNaN(value)) return "not measured";
  return (sense === "atMost" ? value <= limit : value >= limit) ? "met" : "NOT MET";
}
