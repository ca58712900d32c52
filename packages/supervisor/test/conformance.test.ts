import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allRules, claims, gaps, page, render, ruleTests } from "./conformance.ts";

const rows = claims();
const tests = ruleTests();

test("every rule of OTP is spoken of, and each that holds or differs is shown by a test", () => {
  expect(gaps(rows, tests)).toEqual([]);
  expect(new Set(rows.keys())).toEqual(new Set(allRules));
});

test("the page docs/reference/otp-conformance.md is what conformance-table.ts writes", () => {
  expect(readFileSync(page, "utf8")).toBe(render(rows, tests));
});

test("a rule without a test and a difference without a reason are found", () => {
  const without = tests.filter(({ rules }) => !rules.includes("S64"));
  expect(gaps(rows, without)).toEqual(["S64"]);
  const unexplained = new Map(rows).set("S64", { rule: "S64", status: "differs" });
  expect(gaps(unexplained, tests)).toEqual(["S64"]);
});
