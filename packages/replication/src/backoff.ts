import { ConfigError } from "./options/config-error.ts";
import { refuseUnknownOptions } from "./options/parse-options.ts";

/** Waits that grow by half to double: `minBackoffMs`, twice that, and so on up to `maxBackoffMs`. */
export interface ExponentialBackoff {
  readonly type: "exponential";
  /** The first wait in milliseconds. Default 500. */
  readonly minBackoffMs?: number;
  /** The longest wait in milliseconds. Default 30,000. */
  readonly maxBackoffMs?: number;
  /** The share of each wait that is drawn by lot, 0 to 1: at 0.5, half to the whole of it. Default 0.5. */
  readonly jitter?: number;
  /** Failures in a row after which the process ends with `reconnect_attempts_exhausted`. Default: no limit. */
  readonly maxAttempts?: number;
}

/** The same wait each time, as Postgrex does it. */
export interface FixedBackoff {
  readonly type: "fixed";
  /** Milliseconds. Default 500. */
  readonly delayMs?: number;
  /** Failures in a row after which the process ends with `reconnect_attempts_exhausted`. Default: no limit. */
  readonly maxAttempts?: number;
}

/** How long to wait after a failed attempt: a fixed number of milliseconds, or a rule. */
export type ReconnectBackoff = number | FixedBackoff | ExponentialBackoff;

/** A backoff with every default filled in; plain numbers, so it can stand in a machine's context. */
export interface BackoffRule {
  readonly minMs: number;
  readonly maxMs: number;
  readonly factor: 1 | 2;
  readonly jitter: number;
  readonly maxAttempts: number;
}

/**
 * Reads the `reconnectBackoff` option. Default: exponential.
 * @throws ConfigError `option_invalid` for a negative or unordered time, a jitter outside 0 to 1, or another shape;
 * `option_unknown` for a key that the rule does not have.
 */
export function parseReconnectBackoff(option: ReconnectBackoff | undefined): BackoffRule {
  if (option === undefined) return exponential({ type: "exponential" });
  if (typeof option === "number") return fixed({ type: "fixed", delayMs: option });
  switch (option?.type) {
    case "fixed":
      refuseUnknownOptions(option, keys.fixed);
      return fixed(option);
    case "exponential":
      refuseUnknownOptions(option, keys.exponential);
      return exponential(option);
    default:
      throw invalid('is neither milliseconds nor { type: "fixed" | "exponential", … }');
  }
}

/**
 * The wait before the next attempt.
 * @param failures failures in a row, from 1
 * @param random a number from 0 up to 1
 */
export function backoffDelayMs(rule: BackoffRule, failures: number, random: number): number {
  const whole = Math.min(rule.maxMs, rule.minMs * rule.factor ** Math.max(0, failures - 1));
  return Math.round(whole * (1 - rule.jitter * random));
}

const keys = {
  fixed: ["type", "delayMs", "maxAttempts"] satisfies readonly (keyof FixedBackoff)[],
  exponential: [
    "type",
    "minBackoffMs",
    "maxBackoffMs",
    "jitter",
    "maxAttempts",
  ] satisfies readonly (keyof ExponentialBackoff)[],
};

/** The longest wait that a timer can hold, in milliseconds. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

function fixed(option: FixedBackoff): BackoffRule {
  const delay = milliseconds("delayMs", option.delayMs ?? 500);
  return { minMs: delay, maxMs: delay, factor: 1, jitter: 0, maxAttempts: attempts(option.maxAttempts) };
}

function exponential(option: ExponentialBackoff): BackoffRule {
  const minMs = milliseconds("minBackoffMs", option.minBackoffMs ?? 500);
  const maxMs = milliseconds("maxBackoffMs", option.maxBackoffMs ?? Math.max(minMs, 30_000));
  if (maxMs < minMs) throw invalid(`has maxBackoffMs ${maxMs} below minBackoffMs ${minMs}`);
  const jitter = option.jitter ?? 0.5;
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 1)) throw invalid("has a jitter outside 0 to 1");
  return { minMs, maxMs, factor: 2, jitter, maxAttempts: attempts(option.maxAttempts) };
}

function milliseconds(name: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= LONGEST_WAIT_MS)) {
    throw invalid(`has ${name} ${String(value)}, which is no number of milliseconds from 0 to ${LONGEST_WAIT_MS}`);
  }
  return value;
}

function attempts(value: number | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (!Number.isInteger(value) || value < 1)
    throw invalid(`has maxAttempts ${String(value)}, which is no integer from 1`);
  return value;
}

function invalid(what: string): ConfigError {
  return new ConfigError("option_invalid", `reconnectBackoff ${what}.`);
}
