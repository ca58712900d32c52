import { crashed, killed, normal, shutdown } from "@trunkline/process";
import { expect, test } from "vitest";
import { shownReason } from "./reason.ts";

test("a clean end is its type, and why where it was said", () => {
  expect(shownReason(normal)).toEqual({ type: "normal" });
  expect(shownReason(killed)).toEqual({ type: "killed" });
  expect(shownReason(shutdown())).toEqual({ type: "shutdown" });
  expect(shownReason(shutdown("deploy"))).toEqual({ type: "shutdown", message: "deploy" });
});

test("an error is its name, code, message and stack, and what caused it; no secret of an address", () => {
  const error = Object.assign(new Error("no postgres://u:s3cret@h", { cause: new TypeError("down") }), {
    code: "slot_lost",
    password: "s3cret",
  });
  const reason = shownReason(crashed(error));
  expect(reason).toMatchObject({ type: "error", name: "Error", code: "slot_lost", message: "no postgres://u:…@h" });
  expect(reason.stack?.[0]).toMatch(/^at .*reason\.test\.ts/);
  expect(reason.stack?.at(-1)).toBe("caused by TypeError: down");
  expect(reason.stack?.length).toBeLessThanOrEqual(21);
  expect(JSON.stringify(reason)).not.toContain("s3cret");
});

test("what is no error is told in a word", () => {
  expect(shownReason(crashed("boom"))).toEqual({ type: "error", message: "boom" });
  expect(shownReason(crashed({ password: "x" }))).toEqual({ type: "error", message: "[object Object]" });
  expect(shownReason(crashed(undefined))).toEqual({ type: "error", message: "undefined" });
});
