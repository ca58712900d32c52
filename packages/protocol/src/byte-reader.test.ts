import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, cstring } from "../test/bytes.ts";
import { ByteReader } from "./byte-reader.ts";
import { ProtocolError } from "./protocol-error.ts";

const truncatedAt = (offset: number) => expect.objectContaining({ code: "message_truncated", offset });

test("each integer is read big-endian, signed or not", () => {
  const all = new Uint8Array(8).fill(0xff);
  expect(new ByteReader(all).uint8()).toBe(255);
  expect(new ByteReader(all).int8()).toBe(-1);
  expect(new ByteReader(all).uint16()).toBe(65_535);
  expect(new ByteReader(all).int16()).toBe(-1);
  expect(new ByteReader(all).uint32()).toBe(4_294_967_295);
  expect(new ByteReader(all).int32()).toBe(-1);
  expect(new ByteReader(all).uint64()).toBe(2n ** 64n - 1n);
  expect(new ByteReader(all).int64()).toBe(-1n);
  const rising = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  expect(new ByteReader(rising).uint16()).toBe(0x0102);
  expect(new ByteReader(rising).int32()).toBe(0x01020304);
  expect(new ByteReader(rising).int64()).toBe(0x0102030405060708n);
});

test("64-bit integers agree with the DataView of the platform", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (eight) => {
      const view = new DataView(eight.buffer, eight.byteOffset, 8);
      expect(new ByteReader(eight).uint64()).toBe(view.getBigUint64(0));
      expect(new ByteReader(eight).int64()).toBe(view.getBigInt64(0));
    }),
  );
});

test("strings are UTF-8, with a length or with a zero byte behind them", () => {
  const reader = new ByteReader(bytes(cstring("é🐘"), cstring(""), "abc"));
  expect(reader.cstring()).toBe("é🐘");
  expect(reader.cstring()).toBe("");
  expect(reader.string(2)).toBe("ab");
  expect(reader.remaining).toBe(1);
  expect(reader.rest()).toEqual(bytes("c"));
  expect(() => reader.end()).not.toThrow();
});

test("bytes are views of the message, also of one that is no Buffer and begins inside its memory", () => {
  const memory = Uint8Array.of(9, 9, 1, 2, 3, 9);
  const reader = new ByteReader(memory.subarray(2, 5));
  const view = reader.bytes(2);
  memory[2] = 7;
  expect([...view]).toEqual([7, 2]);
  expect([...reader.rest()]).toEqual([3]);
});

describe("past the end", () => {
  test.each([
    ["uint8", 0],
    ["int8", 0],
    ["uint16", 1],
    ["int16", 1],
    ["uint32", 3],
    ["int32", 3],
    ["uint64", 7],
    ["int64", 7],
    ["cstring", 5],
  ] as const)("%s of %d bytes is refused and moves nothing", (read, length) => {
    const reader = new ByteReader(new Uint8Array(16).fill(1).subarray(0, length + 2), 2);
    expect(() => reader[read]()).toThrow(truncatedAt(2));
    expect(reader.offset).toBe(2);
  });

  test("a length that is too great or negative is refused", () => {
    const reader = new ByteReader(bytes("abc"));
    expect(() => reader.bytes(4)).toThrow(truncatedAt(0));
    expect(() => reader.string(2 ** 40)).toThrow(truncatedAt(0));
    expect(() => reader.bytes(-1)).toThrow(expect.objectContaining({ code: "message_malformed", offset: 0 }));
    expect(() => reader.string(-1)).toThrow(expect.objectContaining({ code: "message_malformed", offset: 0 }));
  });

  test("a start behind the message is refused at the first read", () => {
    expect(() => new ByteReader(bytes("ab"), 3).uint8()).toThrow(truncatedAt(3));
    expect(() => new ByteReader(bytes("ab"), 3).cstring()).toThrow(truncatedAt(3));
  });

  test("what is left over is counted", () => {
    const reader = new ByteReader(bytes("abc"), 1);
    expect(() => reader.end()).toThrow(expect.objectContaining({ code: "message_oversized", offset: 1 }));
    expect(() => reader.end()).toThrow(/2 bytes are left over at byte 1/);
  });
});

test("an error says what happened, then what to do, and keeps its cause", () => {
  const cause = new Error("underneath");
  const error = new ProtocolError("message_malformed", "What happened.", { offset: 3, cause });
  expect(error.message).toMatch(/^What happened\. .*connect again\.$/);
  expect(error).toMatchObject({ name: "ProtocolError", code: "message_malformed", offset: 3, cause });
  expect(new ProtocolError("message_malformed", "x").offset).toBeUndefined();
});
