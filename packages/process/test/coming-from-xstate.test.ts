import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { assign, setup } from "xstate";
import {
  type CallEvents,
  call,
  exit,
  exited,
  isCall,
  type KernelEvent,
  reply,
  settle,
  shutdown,
  startLink,
  trapExit,
} from "../src/index.ts";
import { quiet, startRecorder } from "./recorder.ts";

interface Calls {
  total: { reply: number };
  add: { args: { by: number }; reply: number };
}

const counter = setup({
  types: { context: {} as { total: number }, events: {} as CallEvents<Calls> },
  guards: {
    isAdd: ({ event }) => isCall(event, "add"),
    isTotal: ({ event }) => isCall(event, "total"),
  },
  actions: {
    add: assign(({ context, event }) => {
      if (!isCall(event, "add")) return {};
      const total = context.total + event.request.by;
      reply(event.from, total);
      return { total };
    }),
    tell: ({ context, event }) => {
      if (isCall(event, "total")) reply(event.from, context.total);
    },
  },
}).createMachine({
  context: { total: 0 },
  on: {
    call: [
      { guard: "isAdd", actions: "add" },
      { guard: "isTotal", actions: "tell" },
    ],
  },
});

test("a machine answers the calls it declares, typed on both sides", async () => {
  const ref = await startLink({ logic: counter }, { runtime: quiet });
  expect(await call(ref, { type: "add", by: 2 })).toBe(2);
  const total: number = await call(ref, { type: "total" });
  expect(total).toBe(2);
});

const uploader = setup({ types: { events: {} as KernelEvent | { type: "uploaded" } } }).createMachine({
  entry: ({ self }) => trapExit(self),
  initial: "uploading",
  states: {
    uploading: { on: { uploaded: "gone", "otp.stop": "finishing" } },
    finishing: { on: { uploaded: "gone" } },
    gone: { type: "final" },
  },
});

test("S166: a process asked to stop is stopping, serves what comes meanwhile, and ends with the reason it was asked for", async () => {
  const parent = await startRecorder({ trap: true });
  const ref = await startLink({ logic: uploader }, { parent });
  const end = exited(ref);
  exit(ref, "shutdown", parent);
  await settle();
  expect(ref.getSnapshot().value).toBe("finishing");
  ref.send({ type: "uploaded" });
  expect(await end).toEqual(shutdown());
});

/** Code without what formatting and imports differ in. */
const bones = (code: string): string =>
  code
    .replace(/^import .*$/gm, "")
    .replace(/\/\/.*$/gm, "")
    .replace(/[\s,]/g, "");

test("the machines on the page are those of this test", async () => {
  const page = await readFile(new URL("../../../docs/coming-from-xstate.md", import.meta.url), "utf8");
  const here = bones(await readFile(new URL(import.meta.url), "utf8"));
  const machines = [...page.matchAll(/^```ts\n(.*?)^```$/gms)]
    .map((match) => match[1] ?? "")
    .filter((code) => code.includes("setup("));
  expect(machines).toHaveLength(2);
  for (const machine of machines) expect(here).toContain(bones(machine));
});
