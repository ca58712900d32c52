/** How many restarts a supervisor allows itself: at most `maxRestarts` within any `maxSeconds`. */
export interface RestartBudget {
  readonly maxRestarts: number;
  /** Length of the sliding window, in seconds. */
  readonly maxSeconds: number;
  /** Times of the restarts that still count, in milliseconds of a monotonic clock, oldest first. */
  readonly restartedAt: readonly number[];
}

/** What came of asking for one restart. `exhausted`: one more than allowed, the supervisor gives up. */
export interface Spending {
  readonly exhausted: boolean;
  readonly budget: RestartBudget;
}

/** A budget of which nothing is spent: what every incarnation of a supervisor begins with. */
export const freshBudget = (maxRestarts: number, maxSeconds: number): RestartBudget => ({
  maxRestarts,
  maxSeconds,
  restartedAt: [],
});

/** The restarts that count at `nowMs`, oldest first. */
export function counting({ maxSeconds, restartedAt }: RestartBudget, nowMs: number): readonly number[] {
  const first = restartedAt.findIndex((at) => at >= nowMs - maxSeconds * 1000);
  return first < 0 ? [] : restartedAt.slice(first);
}

/**
 * Spends one unit at `nowMs`, a reading of a monotonic clock. The window slides: a restart counts while
 * `nowMs - t <= maxSeconds * 1000`. OTP measures in whole seconds, so it may count one for up to a second longer.
 * @see https://www.erlang.org/doc/system/sup_princ.html#maximum-restart-intensity
 */
export function spend(budget: RestartBudget, nowMs: number): Spending {
  const { maxRestarts, maxSeconds } = budget;
  const kept = [...counting(budget, nowMs), nowMs];
  return { exhausted: kept.length > maxRestarts, budget: { maxRestarts, maxSeconds, restartedAt: kept } };
}
