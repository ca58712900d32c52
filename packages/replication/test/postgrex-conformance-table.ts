// Writes docs/reference/postgrex-conformance.md: tsx --conditions=@trunkline/source packages/replication/test/postgrex-conformance-table.ts
import { writeFileSync } from "node:fs";
import { claims, gaps, page, render, ruleTests } from "./postgrex-conformance.ts";

const rows = claims();
const tests = ruleTests();
writeFileSync(page, render(rows, tests));
const missing = gaps(rows, tests);
console.log(`${rows.size} rules, ${tests.length} tests that name a rule or a case`);
if (missing.length > 0) {
  console.error(`Without a test or a reason: ${missing.join(", ")}`);
  process.exitCode = 1;
}
