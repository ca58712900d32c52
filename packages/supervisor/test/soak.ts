// Compares many random trees with the model of OTP: pnpm --filter @trunkline/supervisor soak
// SOAK_RUNS (default 100000) and SOAK_SEED (default: the time) decide how many and which.
import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { plan } from "./model/arbitrary.ts";
import { runModel } from "./model/otp.ts";
import { runPlan } from "./model/run.ts";

const numRuns = Number(process.env.SOAK_RUNS ?? 100_000);
const seed = Number(process.env.SOAK_SEED ?? Date.now() % 2 ** 31);
const seen = { starts: 0, ends: 0, failedStarts: 0, requests: 0, gaveUp: 0 };
let runs = 0;

console.log(`${numRuns} random trees, seed ${seed}`);
const before = performance.now();
await fc.assert(
  fc.asyncProperty(plan, async (tree) => {
    const expected = runModel(tree);
    deepStrictEqual(await runPlan(tree), expected);
    seen.starts += expected.trace.filter((line) => line.startsWith("start ")).length;
    seen.ends += expected.trace.filter((line) => line.startsWith("end ")).length;
    seen.failedStarts += expected.trace.filter((line) => line.startsWith("fail ")).length;
    seen.gaveUp += expected.trace.filter((line) => line.startsWith("report shutdown ")).length;
    seen.requests += expected.answers.length;
    runs += 1;
    if (runs % 10_000 === 0) console.log(`${runs} as in the model`);
  }),
  { numRuns, seed },
);
console.log(
  `all ${runs} as in the model, in ${Math.round((performance.now() - before) / 1000)} s: ${JSON.stringify(seen)}`,
);
