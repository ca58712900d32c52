import { SubscriptionError } from "../errors/subscription-error.ts";

/** What becomes of a transaction whose handler fails. All of it has defaults. */
export interface FailurePolicyOptions {
  /** How often the handler is run again. Default 3; 0: never. */
  readonly retries?: number;
  /** The wait before the second run, in milliseconds; each further one is twice as long. Default 500. */
  readonly backoffMs?: number;
  /** The longest wait, in milliseconds. Default 30,000. */
  readonly maxBackoffMs?: number;
  /** The share of each wait that is drawn by lot, 0 to 1. Default 0.5: half to the whole of it. */
  readonly jitter?: number;
  /** What follows the last run. Default `"stop"`. `"park"`: it is stored aside, durably, and the rest goes on. */
  readonly afterwards?: "stop" | "park";
}

/** {@link FailurePolicyOptions} with every default filled in. */
export type FailurePolicyRule = Required<FailurePolicyOptions>;

/** What follows a failure. Nothing after the transaction is acknowledged before it is handled or parked. */
export type AfterFailure =
  | { readonly type: "retry"; readonly waitMs: number }
  | { readonly type: "park" }
  | { readonly type: "stop" };

/**
 * Fills in the defaults.
 * @throws SubscriptionError `option_invalid`
 */
export function resolveFailurePolicy(options: FailurePolicyOptions = {}): FailurePolicyRule {
  const { retries = 3, backoffMs = 500, maxBackoffMs = 30_000, jitter = 0.5, afterwards = "stop" } = options;
  if (!Number.isInteger(retries) || retries < 0) throw invalid(`retries ${retries} is no integer from 0.`);
  if (!Number.isFinite(backoffMs) || backoffMs < 0) throw invalid(`backoffMs ${backoffMs} is no time from 0.`);
  if (!(maxBackoffMs >= backoffMs)) throw invalid(`maxBackoffMs ${maxBackoffMs} is less than backoffMs ${backoffMs}.`);
  if (!(jitter >= 0 && jitter <= 1)) throw invalid(`jitter ${jitter} is outside 0 to 1.`);
  if (afterwards !== "stop" && afterwards !== "park") throw invalid(`afterwards is neither "stop" nor "park".`);
  return { retries, backoffMs, maxBackoffMs, jitter, afterwards };
}

/**
 * What follows when a handler has failed.
 * @param failures how often it has failed on this transaction, from 1
 * @param random a number from 0 up to 1
 */
export function afterFailure(rule: FailurePolicyRule, failures: number, random: number): AfterFailure {
  if (failures > rule.retries) return { type: rule.afterwards };
  const whole = Math.min(rule.maxBackoffMs, rule.backoffMs * 2 ** Math.min(failures - 1, 52));
  return { type: "retry", waitMs: Math.round(whole * (1 - rule.jitter * random)) };
}

function invalid(what: string): SubscriptionError {
  return new SubscriptionError("option_invalid", what);
}
