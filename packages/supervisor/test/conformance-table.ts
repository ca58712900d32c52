// Writes docs/reference/otp-conformance.md: tsx --conditions=@trunkline/source packages/supervisor/test/conformance-table.ts
import { mkdirSync, writeFileSync } from "node:fs";
import { claims, gaps, page, render, ruleTests } from "./conformance.ts";

const rows = claims();
const tests = ruleTests();
mkdirSync(new URL(".", page), { recursive: true });
writeFileSync(page, render(rows, tests));
const missing = gaps(rows, tests);
console.log(`${rows.size} rules, ${tests.length} tests that name one`);
if (missing.length > 0) {
  console.error(`Without a test or a reason: ${missing.join(", ")}`);
  process.exitCode = 1;
}
