import { expect, test } from "vitest";
import { recorderLogic } from "../test/recorder.ts";
import { childSpec, resolveChildSpec } from "./child-spec.ts";

const start = { logic: recorderLogic };

test("S32: a child spec's defaults are OTP's, and unknown keys are left out", () => {
  const spec = { id: "worker", start, colour: "red" };
  expect(resolveChildSpec(spec)).toEqual({
    id: "worker",
    start,
    restart: "permanent",
    type: "worker",
    shutdown: 5000,
    significant: false,
    startTimeoutMs: 5000,
    name: undefined,
    modules: [recorderLogic],
  });
});

test("S32: a supervisor is given all the time it needs to stop", () => {
  expect(resolveChildSpec({ id: "inner", start, type: "supervisor" }).shutdown).toBe("infinity");
  expect(resolveChildSpec({ id: "inner", start, type: "supervisor", shutdown: 0 }).shutdown).toBe(0);
});

test("a start's input and ready check are typed by its logic", () => {
  expect(
    childSpec({ id: 1, start: { logic: recorderLogic, ready: (snapshot) => snapshot.context.length === 0 } }).id,
  ).toBe(1);
  // @ts-expect-error the snapshot of this logic has no such field
  childSpec({ id: 1, start: { logic: recorderLogic, ready: (snapshot) => snapshot.nonsense } });
});
