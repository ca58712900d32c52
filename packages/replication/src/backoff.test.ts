import { expect, test } from "vitest";
import { backoffDelayMs, parseReconnectBackoff } from "./backoff.ts";

test("R83: without the option the wait doubles from half a second to half a minute, half of it by lot", () => {
  const rule = parseReconnectBackoff(undefined);
  expect([1, 2, 3, 7, 8, 50].map((failures) => backoffDelayMs(rule, failures, 0))).toEqual([
    500, 1000, 2000, 30_000, 30_000, 30_000,
  ]);
  expect(backoffDelayMs(rule, 1, 0.999_999)).toBe(250);
  expect(rule.maxAttempts).toBe(Number.POSITIVE_INFINITY);
});

test("R83: a number is the same wait each time", () => {
  const rule = parseReconnectBackoff(500);
  expect([1, 2, 10].map((failures) => backoffDelayMs(rule, failures, 0.7))).toEqual([500, 500, 500]);
});

test("a rule gives its own limits", () => {
  const rule = parseReconnectBackoff({
    type: "exponential",
    minBackoffMs: 10,
    maxBackoffMs: 25,
    jitter: 0,
    maxAttempts: 3,
  });
  expect([1, 2, 3].map((failures) => backoffDelayMs(rule, failures, 0.9))).toEqual([10, 20, 25]);
  expect(rule.maxAttempts).toBe(3);
});

test.each([
  ["a negative time", -1],
  ["a time that is no number", Number.NaN],
  ["a time that no timer can hold", 2 ** 31],
  ["an unknown shape", { type: "linear" }],
  ["a longest wait below the first", { type: "exponential", minBackoffMs: 100, maxBackoffMs: 50 }],
  ["a jitter above 1", { type: "exponential", jitter: 2 }],
  ["no attempt at all", { type: "fixed", maxAttempts: 0 }],
])("%s is refused", (_, option) => {
  expect(() => parseReconnectBackoff(option as never)).toThrow(expect.objectContaining({ code: "option_invalid" }));
});

test("a key that the rule does not have is refused, naming the near miss", () => {
  const misspelt = { type: "exponential", maxBackoff: 1000 } as never;
  expect(() => parseReconnectBackoff(misspelt)).toThrow(/"maxBackoff".*"maxBackoffMs"/);
  expect(() => parseReconnectBackoff({ type: "fixed", jitter: 1 } as never)).toThrow(
    expect.objectContaining({ code: "option_unknown" }),
  );
});
