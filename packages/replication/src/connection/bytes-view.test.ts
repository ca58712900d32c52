import { inspect, isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { bytesView } from "./bytes-view.ts";

const memory = Uint8Array.from({ length: 16 }, (_, index) => index).buffer;

test("it is a view of the memory from the first to before the last byte", () => {
  const view = bytesView(memory, 4, 7);
  expect([...view]).toEqual([4, 5, 6]);
  expect(view.buffer).toBe(memory);
  expect(view.byteOffset).toBe(4);
});

test("it is a Buffer for whoever asks", () => {
  const view = bytesView(memory, 4, 7);
  expect(Buffer.isBuffer(view)).toBe(true);
  expect(view).toBeInstanceOf(Buffer);
  expect(Object.getPrototypeOf(view)).toBe(Buffer.prototype);
  expect(isDeepStrictEqual(view, Buffer.from([4, 5, 6]))).toBe(true);
  expect(view).toStrictEqual(Buffer.from([4, 5, 6]));
  expect(inspect(view)).toBe(inspect(Buffer.from([4, 5, 6])));
  expect(JSON.stringify(view)).toBe(JSON.stringify(Buffer.from([4, 5, 6])));
});

test("it has a Buffer's methods, and what they make are Buffers", () => {
  const view = bytesView(memory, 4, 8);
  expect(view.toString("hex")).toBe("04050607");
  expect(view.readUInt32BE(0)).toBe(0x04050607);
  expect(view.equals(Buffer.from([4, 5, 6, 7]))).toBe(true);
  expect([...view.subarray(1, 3)]).toEqual([5, 6]);
  expect(Buffer.isBuffer(view.subarray(1))).toBe(true);
  expect(Buffer.isBuffer(view.map((byte) => byte + 1))).toBe(true);
  expect([...Buffer.concat([view, view])]).toEqual([4, 5, 6, 7, 4, 5, 6, 7]);
});

test("no bytes are a view of none", () => {
  expect(bytesView(memory, 16, 16)).toHaveLength(0);
});
