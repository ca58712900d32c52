import type { SlotSample } from "./slot-sample.ts";
import { alarmOf, levelOf, type WalAlarm, type WalLevel } from "./wal-alarm.ts";
import { type HealthSample, rateWindowMs, type WalBudget, walBudget } from "./wal-budget.ts";

/** What is known after a sample: a value that the next sample is added to. */
export interface HealthState {
  /** Oldest first, no older than the window of the rate. */
  readonly samples: readonly HealthSample[];
  readonly budget: WalBudget;
  readonly level: WalLevel;
  /** The slot's own oldest position, and since when it has not moved although confirmed did; for `explain`. */
  readonly restartStillSinceMs: number | undefined;
}

/** Before the first sample. */
export const noHealth: HealthState = {
  samples: [],
  budget: { type: "unknown" },
  level: "ok",
  restartStillSinceMs: undefined,
};

/** Adds a sample. `alarm`: the level has changed with it. */
export function withSample(
  state: HealthState,
  { health }: Pick<SlotSample, "health">,
): { readonly state: HealthState; readonly alarm: WalAlarm | undefined } {
  const samples = [...state.samples.filter(({ atMs }) => health.atMs - atMs <= rateWindowMs), health];
  const budget = walBudget(samples);
  const level = levelOf(budget);
  const restartStillSinceMs = stillSince(state, health);
  return { state: { samples, budget, level, restartStillSinceMs }, alarm: alarmOf(state.level, level) };
}

function stillSince({ samples, restartStillSinceMs }: HealthState, health: HealthSample): number | undefined {
  const before = samples.at(-1);
  if (before === undefined || before.restartLsn !== health.restartLsn) return undefined;
  if (restartStillSinceMs !== undefined) return restartStillSinceMs;
  return before.confirmedLsn === health.confirmedLsn ? undefined : before.atMs;
}
