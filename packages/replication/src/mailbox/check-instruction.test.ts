import { expect, test } from "vitest";
import { query, stream } from "../instruction.ts";
import { checkInstruction } from "./check-instruction.ts";

test.each([
  ["a query's time of 0", query("SELECT 1", 0, { timeoutMs: 0 })],
  ["a query's time that is no whole number", query("SELECT 1", 0, { timeoutMs: 0.5 })],
  ["a query's time that no timer can hold", query("SELECT 1", 0, { timeoutMs: 2 ** 40 })],
  ["a stream's time that is text", stream("START_REPLICATION …", 0, { timeoutMs: "5 s" as never })],
  ["a signal that is none", query("SELECT 1", 0, { signal: { aborted: false } as never })],
])("%s is refused before anything is sent", (_, instruction) => {
  expect(() => checkInstruction(instruction, "handleConnect")).toThrow(
    expect.objectContaining({ name: "ConfigError", code: "option_invalid" }),
  );
});

test("options that are left out, and a signal, are fine", () => {
  const { signal } = new AbortController();
  for (const instruction of [query("SELECT 1", 0), query("SELECT 1", 0, { signal, timeoutMs: 5000 })]) {
    expect(checkInstruction(instruction, "handleConnect")).toBe(instruction);
  }
});
