import { expect, test } from "vitest";
import { crashed, describeReason, isClean, killed, noproc, normal, shutdown, toExitReason } from "./exit-reason.ts";
import { ExitSignal, reasonOfThrown } from "./exit-signal.ts";

test("S1: normal, shutdown and shutdown with info are clean; killed, noproc and errors are not", () => {
  expect([normal, shutdown(), shutdown("more")].map(isClean)).toEqual([true, true, true]);
  expect([killed, noproc, crashed(new Error("boom"))].map(isClean)).toEqual([false, false, false]);
});

test("a reason can be given by its name", () => {
  expect(toExitReason("normal")).toBe(normal);
  expect(toExitReason("shutdown")).toEqual({ type: "shutdown" });
  expect(toExitReason("killed")).toBe(killed);
  const own = crashed(1);
  expect(toExitReason(own)).toBe(own);
});

test("a reason is described in one line that shows no object's contents", () => {
  expect(describeReason(crashed(new Error("boom")))).toBe("error (Error: boom)");
  expect(describeReason(shutdown("why"))).toBe("shutdown (why)");
  expect(describeReason(shutdown({ password: "x" }))).toBe("shutdown ([object Object])");
  expect(describeReason(killed)).toBe("killed");
});

test("S2: a thrown ExitSignal stands for its reason, any other thrown value for an error", () => {
  expect(reasonOfThrown(new ExitSignal(shutdown("x")))).toEqual(shutdown("x"));
  expect(reasonOfThrown("boom")).toEqual(crashed("boom"));
  expect(reasonOfThrown(undefined)).toEqual(crashed(undefined));
});
