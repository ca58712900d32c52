import { unreachable } from "@trunkline/process";
import type { WalBudget } from "./wal-budget.ts";

/** How bad it stands: half, a quarter, a tenth of the budget is left, or the slot is lost. */
export type WalLevel = "ok" | "half" | "quarter" | "tenth" | "lost";

/** The levels from good to bad, with the share of the budget at or below which each begins. */
const thresholds: readonly (readonly [WalLevel, number])[] = [
  ["tenth", 0.1],
  ["quarter", 0.25],
  ["half", 0.5],
];

const order: readonly WalLevel[] = ["ok", "half", "quarter", "tenth", "lost"];

/** A level that was just reached, for the worse or for the better. */
export interface WalAlarm {
  readonly from: WalLevel;
  readonly to: WalLevel;
  readonly worse: boolean;
}

/** The level of a budget. Without a limit, or unknown, it is `ok`: there is nothing to measure against. */
export function levelOf(budget: WalBudget): WalLevel {
  switch (budget.type) {
    case "unknown":
    case "unlimited":
      return "ok";
    case "lost":
      return "lost";
    case "limited":
      return thresholds.find(([, share]) => budget.remainingShare <= share)?.[0] ?? "ok";
    default:
      return unreachable(budget);
  }
}

/** What is to be told when the level goes from one to the other; `undefined` when it stays. */
export function alarmOf(from: WalLevel, to: WalLevel): WalAlarm | undefined {
  return from === to ? undefined : { from, to, worse: order.indexOf(to) > order.indexOf(from) };
}
