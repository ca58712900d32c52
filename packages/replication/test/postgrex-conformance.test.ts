import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allRules, claims, gaps, page, render, ruleTests } from "./postgrex-conformance.ts";

const rows = claims();
const tests = ruleTests();

test("every rule of Postgrex is spoken of, and each rule and case is shown by a test", () => {
  expect(gaps(rows, tests)).toEqual([]);
  expect([...rows.keys()]).toEqual(allRules);
});

test("the page docs/reference/postgrex-conformance.md is what postgrex-conformance-table.ts writes", () => {
  expect(readFileSync(page, "utf8")).toBe(render(rows, tests));
});

test("a rule or a case without a test, and a difference without a reason, are found", () => {
  const without = tests.filter(({ rules }) => !rules.includes("R83") && !rules.includes("PX-41"));
  expect(gaps(rows, without)).toEqual(expect.arrayContaining(["R83", "PX-41"]));
  const unexplained = new Map(rows).set("R84", { rule: "R84", status: "differs" });
  expect(gaps(unexplained, tests)).toEqual(["R84"]);
});
