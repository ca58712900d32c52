import { expect, test } from "vitest";
import { judge } from "./run-client.ts";

const task = {
  host: "127.0.0.1",
  port: 1,
  user: "bench",
  database: "bench",
  slot: "bench",
  publication: "bench",
  rows: 100,
  transactions: 1,
  endLsn: undefined,
  jsonColumn: undefined,
  ca: undefined,
  measure: "throughput",
} as const;
const report = { rows: 100, transactions: 1, cpuMicros: 1, wallMicros: 1, maxRssKb: 1 };

test("a run counts only when the client has seen every row and every transaction", () => {
  expect(judge(task, report).type).toBe("valid");
  expect(judge(task, { ...report, rows: 99 })).toEqual({
    type: "invalid",
    why: "saw 99 rows in 1 transactions instead of 100 in 1",
  });
  expect(judge(task, { ...report, transactions: 2 }).type).toBe("invalid");
});

test("a client that can't see Commits is judged by its rows", () => {
  expect(judge(task, { ...report, transactions: null }).type).toBe("valid");
  expect(judge(task, { ...report, rows: 101, transactions: null }).type).toBe("invalid");
});
