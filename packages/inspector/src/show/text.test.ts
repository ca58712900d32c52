import { Socket } from "node:net";
import { expect, test } from "vitest";
import { createActor, createMachine } from "xstate";
import { contextText, shownString } from "./text.ts";

const shown = (value: unknown): unknown => JSON.parse(contextText(value).text);

test("big integers are exact, bytes are given by their length, dates and collections are readable", () => {
  expect(
    shown({
      lsn: 2n ** 64n - 1n,
      bytes: new Uint8Array(12),
      buffer: new ArrayBuffer(3),
      at: new Date(0),
      never: new Date(Number.NaN),
      set: new Set([1n]),
      map: new Map([["a", 2n]]),
      nan: Number.NaN,
      error: new TypeError("no"),
      run: () => {},
    }),
  ).toEqual({
    lsn: "18446744073709551615",
    bytes: "[12 bytes]",
    buffer: "[3 bytes]",
    at: "1970-01-01T00:00:00.000Z",
    never: "[invalid date]",
    set: ["1"],
    map: { a: "2" },
    nan: "NaN",
    error: "[TypeError: no]",
    run: "[function]",
  });
});

test("secrets are not in it: by their keys, and in addresses", () => {
  const text = contextText({
    password: "s3cret",
    nested: [{ connectionString: "postgres://u:s3cret@h/d" }],
    log: "lost postgres://u:s3cret@h/d",
    map: new Map([["token", "s3cret"]]),
  }).text;
  expect(text).not.toContain("s3cret");
  expect(text).toContain("postgres://u:…@h/d");
});

test.each([
  ["postgres://u:s3@cret@h/d", "postgres://u:…@h/d"],
  ["postgres://u:s3/cret@h/d", "postgres://u:…@h/d"],
  ["postgres://h/d?password=s3cret&sslmode=require", "postgres://h/d?password=…&sslmode=require"],
  ["host=h password='s3 cret' user=u", "host=h password=… user=u"],
  ["no secret: 12:30 me@h.example", "no secret: 12:30 me@h.example"],
])("%s is shown as %s", (text, expected) => {
  expect(shownString(text)).toBe(expected);
});

test("a list that is cut says so", () => {
  expect(contextText(Array.from({ length: 1000 }, () => 1)).text).toContain("[… 900 more]");
});

test("what throws when it is looked at is unreadable, and the rest is shown", () => {
  class Handle {}
  let looks = 0;
  const late = new Proxy(new Handle(), {
    getPrototypeOf(target) {
      looks += 1;
      if (looks > 1) throw new Error("Do not look.");
      return Reflect.getPrototypeOf(target);
    },
  });
  expect(shown({ late, good: 1 })).toEqual({ late: "[unreadable]", good: 1 });
});

test("what has a life of its own is named, not looked into", () => {
  class Pool {
    readonly password = "s3cret";
  }
  expect(
    shown({ pool: new Pool(), socket: new Socket(), actor: createActor(createMachine({})), list: [new Pool()] }),
  ).toEqual({
    pool: "[Pool]",
    socket: "[Socket]",
    actor: expect.stringMatching(/^\[process x:\d+\]$/),
    list: ["[Pool]"],
  });
});

test("it is at most 16 KiB, and says when it was cut", () => {
  expect(contextText({ a: 1 }).cut).toBe(false);
  const many = contextText(Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`key${at}`, "ü".repeat(1900)])));
  expect(many.cut).toBe(true);
  expect(Buffer.byteLength(many.text)).toBeLessThanOrEqual(16 * 1024);
  expect(many.text).not.toContain("\uFFFD");
});

test("rings, depth and length do not matter", () => {
  const ring: { self?: unknown } = {};
  ring.self = ring;
  expect(contextText(ring).text).toContain("[…]");
  expect(contextText(Array.from({ length: 1_000_000 }, () => 1)).cut).toBe(false);
  expect(shownString("x".repeat(5000))).toHaveLength(2001);
});

test("nothing at all is nothing", () => {
  expect(contextText(undefined)).toEqual({ text: "", cut: false });
});
