import { kill, makeRuntime, silentLogger, startLink, whereis } from "@trunkline/process";
import { expect, test } from "vitest";
import { fromTransition } from "xstate";
import { symbolName } from "./symbol-name.ts";

test("R13, R16: a symbol names one process, is found by nobody without it, and is free when that process ends", async () => {
  const symbol = Symbol("mine");
  const start = { logic: fromTransition((state: number) => state, 0) };
  const options = { name: symbolName(symbol), runtime: makeRuntime({ logger: silentLogger }) };
  const ref = await startLink(start, options);
  expect(whereis(symbolName(symbol))).toBe(ref);
  expect(whereis(symbolName(Symbol("mine")))).toBeUndefined();
  await expect(startLink(start, options)).rejects.toMatchObject({ code: "already_started", ref });
  kill(ref);
  expect(whereis(symbolName(symbol))).toBeUndefined();
});
