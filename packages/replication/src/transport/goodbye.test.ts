import { expect, test } from "vitest";
import { goodbyeLimitMs } from "./goodbye.ts";

test("PX-40, R92: a server that is busy with a command is not waited for as long as one that can answer", () => {
  expect(goodbyeLimitMs("querying")).toBeLessThan(100);
  expect(goodbyeLimitMs("startingStream")).toBeLessThan(100);
  expect(goodbyeLimitMs("streaming")).toBeGreaterThanOrEqual(1000);
  expect(goodbyeLimitMs("idle")).toBeGreaterThanOrEqual(1000);
});
