import { call, type From, makeRuntime, silentLogger, startLink } from "@trunkline/process";
import { expect, test } from "vitest";
import { fromTransition } from "xstate";
import { OpenCalls } from "./open-calls.ts";

const holding = async () => {
  const froms: From[] = [];
  const logic = fromTransition((state: number, event: { readonly type: "call"; readonly from: From }) => {
    froms.push(event.from);
    return state;
  }, 0);
  const ref = await startLink({ logic }, { runtime: makeRuntime({ logger: silentLogger }) });
  return { ref, froms };
};

test("R73: open calls are answered with the error, once", async () => {
  const { ref, froms } = await holding();
  const calls = new OpenCalls();
  const failed = expect(call(ref as never, "x" as never)).rejects.toThrow("cut");
  for (const from of froms) calls.add(from);
  calls.fail(new Error("cut"));
  await failed;
  expect(calls.size).toBe(0);
});

test("answered calls do not pile up", async () => {
  const { ref, froms } = await holding();
  const calls = new OpenCalls();
  for (let count = 0; count < 1000; count += 1) {
    const gaveUp = new AbortController();
    const given = call(ref as never, "x" as never, { signal: gaveUp.signal }).catch(() => {});
    const from = froms.at(-1);
    if (from !== undefined) calls.add(from);
    gaveUp.abort();
    await given;
  }
  expect(calls.size).toBeLessThanOrEqual(64);
});
