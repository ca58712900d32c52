import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "./secret.ts";

test("R113: a secret prints as [redacted] in every way, and gives its value only when asked", () => {
  const secret = new Secret("hunter2");
  const printed = [
    inspect(secret),
    inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
    JSON.stringify({ secret }),
    String(secret),
    `${secret}`,
    `${[secret]}`,
    new Error(`${secret}`, { cause: secret }).message,
  ];
  for (const text of printed) {
    expect(text).toContain("[redacted]");
    expect(text).not.toContain("hunter2");
  }
  expect(Object.keys(secret)).toEqual([]);
  expect(JSON.stringify(structuredClone({ ...secret }))).toBe("{}");
  expect(secret.reveal()).toBe("hunter2");
});
