import fc from "fast-check";
import { expect, test } from "vitest";
import { plan } from "./arbitrary.ts";
import { runModel } from "./otp.ts";
import { runPlan } from "./run.ts";

const numRuns = Number(process.env.MODEL_RUNS ?? 1000);
const seed = process.env.MODEL_SEED === undefined ? {} : { seed: Number(process.env.MODEL_SEED) };

// A failing case prints its seed and the smallest plan that still fails; MODEL_SEED runs it again.
test("any tree, whatever is done to it, does what OTP's supervisor does", async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (tree) => {
      expect(await runPlan(tree)).toEqual(runModel(tree));
    }),
    { numRuns, ...seed },
  );
}, 0);
