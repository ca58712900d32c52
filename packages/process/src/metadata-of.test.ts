import { expect, test } from "vitest";
import { createMachine } from "xstate";
import { metadataOf } from "./metadata-of.ts";
import { start } from "./start.ts";
import { sys } from "./sys.ts";

test("a process tells of itself what it provides, made anew for each who looks", async () => {
  const process = await start({ logic: createMachine({ id: "quiet" }) });
  expect(metadataOf(process)).toEqual({});
  let looked = 0;
  sys.provide(process, { metadata: () => ({ kind: "counter", plots: [plot(++looked)] }) });
  expect(metadataOf(process)).toEqual({ kind: "counter", plots: [plot(1)] });
  expect(metadataOf(process)).toEqual({ kind: "counter", plots: [plot(2)] });
});

test("what the process throws while it is asked reaches who asked, and does not end it", async () => {
  const process = await start({ logic: createMachine({ id: "shy" }) });
  sys.provide(process, {
    metadata: () => {
      throw new Error("not now");
    },
  });
  expect(() => metadataOf(process)).toThrow("not now");
  expect(process.getSnapshot().status).toBe("active");
});

const plot = (value: number) => ({
  key: "looks",
  title: "Looks",
  unit: "looks",
  series: [{ key: "looks", label: "looks", value }],
});
