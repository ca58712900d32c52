import { unreachable } from "@trunkline/process";
import type { WalBudget } from "../health/wal-budget.ts";
import { bytes, duration } from "./words.ts";

/** The budget in words, and how alarming it is: amber when full in less than an hour, red in less than ten minutes. */
export interface BudgetLine {
  readonly text: string;
  readonly tone: "fine" | "amber" | "red";
}

const HOUR_MS = 3_600_000;
const TEN_MINUTES_MS = 600_000;

/** One line under the answer: how much WAL is kept, of how much, and until when that will do. */
export function budgetLine(budget: WalBudget): BudgetLine {
  switch (budget.type) {
    case "unknown":
      return { text: "Unknown.", tone: "fine" };
    case "lost":
      return { text: "Lost: the WAL it needed is gone.", tone: "red" };
    case "unlimited":
      return { text: `${bytes(budget.keptBytes)}. No limit set: max_slot_wal_keep_size = -1.`, tone: "amber" };
    case "limited": {
      const { keptBytes, limitBytes, burnBytesPerSecond, fullInMs } = budget;
      const kept = `${bytes(keptBytes)} of ${bytes(limitBytes)}.`;
      if (fullInMs === undefined) return { text: `${kept} Not growing.`, tone: "fine" };
      const tone = fullInMs < TEN_MINUTES_MS ? "red" : fullInMs < HOUR_MS ? "amber" : "fine";
      return { text: `${kept} Full in ${duration(fullInMs)} at ${bytes(Math.round(burnBytesPerSecond))}/s.`, tone };
    }
    default:
      return unreachable(budget);
  }
}
