import { expect, test } from "vitest";
import { redact, redacted } from "./redact.ts";

test.each(["password", "PGPASSWORD", "passwd", "pwd", "pass", "passphrase", "clientSecret", "cookie", "jwt", "apiKey"])(
  "what sits under %s is replaced",
  (key) => {
    expect(redact({ [key]: "hunter2" })).toEqual({ [key]: redacted });
    expect(redact(new Map([[key, "hunter2"]]))).toEqual(new Map([[key, redacted]]));
    expect(redact(new Set([{ [key]: "hunter2" }]))).toEqual(new Set([{ [key]: redacted }]));
  },
);

test("a word that only contains one of a secret's is shown", () => {
  const plain = { passed: 3, compass: "north", bypass: true };
  expect(redact(plain)).toEqual(plain);
});

test("what throws when it is read is unreadable, and the rest is shown", () => {
  const fails = () => {
    throw new Error("Do not look.");
  };
  const value = {
    good: 1,
    get bad() {
      return fails();
    },
    trap: new Proxy({}, { getPrototypeOf: fails, has: fails, ownKeys: fails }),
  };
  expect(redact(value)).toEqual({ good: 1, bad: "[unreadable]", trap: "[unreadable]" });
});

test("values that refer to each other many times are given up on after some thousands", () => {
  const nodes: { name: string; peers?: unknown }[] = Array.from({ length: 100 }, (_, index) => ({ name: `n${index}` }));
  for (const node of nodes) node.peers = nodes;
  const text = JSON.stringify(redact({ nodes }));
  expect(text.length).toBeLessThan(500_000);
  expect(text).toContain("[…]");
});

test("a long list or map is cut, and a list says by how much", () => {
  const numbers = Array.from({ length: 1000 }, (_, index) => index);
  expect(redact(numbers)).toHaveLength(101);
  expect(redact(numbers)).toContain("[… 900 more]");
  expect(redact(new Map(numbers.map((n) => [n, n])))).toHaveProperty("size", 100);
});
