import { crashed, type ExitReason, killed, noproc, normal, type Restart, shutdown } from "@trunkline/process";
import { describe, expect, test } from "vitest";
import { decideOnExit, type ExitDecision, isExpectedStop, isReportedExit } from "./exit-decision.ts";

const error = crashed(new Error("boom"));
const clean: readonly ExitReason[] = [normal, shutdown(), shutdown("info")];
const abnormal: readonly ExitReason[] = [killed, noproc, error];

const table: Readonly<Record<Restart, readonly [onClean: ExitDecision, onAbnormal: ExitDecision]>> = {
  permanent: ["restart", "restart"],
  transient: ["keep", "restart"],
  temporary: ["remove", "remove"],
};

describe("what becomes of a child that ended", () => {
  for (const restart of ["permanent", "transient", "temporary"] as const) {
    for (const [index, reasons] of [clean, abnormal].entries()) {
      const decision = table[restart][index === 0 ? 0 : 1];
      test.each(reasons)(`S1, S33: a ${restart} child that ends with $type: ${decision}`, (reason) => {
        expect(decideOnExit(restart, reason)).toBe(decision);
      });
    }
  }

  test("S158: the end of a permanent child is reported whatever the reason, that of others when it is abnormal", () => {
    for (const reason of [...clean, ...abnormal]) expect(isReportedExit("permanent", reason)).toBe(true);
    for (const restart of ["transient", "temporary"] as const) {
      for (const reason of clean) expect(isReportedExit(restart, reason)).toBe(false);
      for (const reason of abnormal) expect(isReportedExit(restart, reason)).toBe(true);
    }
  });

  test("S40: shutdown is the expected end of a stop, killed that of a brutal kill", () => {
    for (const restart of ["permanent", "transient", "temporary"] as const) {
      expect(isExpectedStop(restart, false, shutdown())).toBe(true);
      expect(isExpectedStop(restart, false, killed)).toBe(false);
      expect(isExpectedStop(restart, true, killed)).toBe(true);
      expect(isExpectedStop(restart, false, error)).toBe(false);
      expect(isExpectedStop(restart, true, error)).toBe(false);
    }
  });

  test("S40: a permanent child must not answer a stop with normal or with a shutdown of its own, others may", () => {
    for (const reason of [normal, shutdown("info")]) {
      expect(isExpectedStop("permanent", false, reason)).toBe(false);
      expect(isExpectedStop("transient", false, reason)).toBe(true);
      expect(isExpectedStop("temporary", false, reason)).toBe(true);
    }
  });
});
