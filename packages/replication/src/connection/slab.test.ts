import { encodeFrame } from "@trunkline/protocol";
import { expect, test } from "vitest";
import { LEAST_ROOM_BYTES, READ_BYTES, SLAB_BYTES, Slab } from "./slab.ts";

/**
 * Reads bytes into the slab, in pieces of what it has room for or of `most` bytes, as a socket does. Answers how often
 * memory was replaced.
 */
function feed(slab: Slab, bytes: Buffer, most = Number.POSITIVE_INFINITY, ample = false): number {
  let replaced = 0;
  for (let at = 0; at < bytes.length; ) {
    const before = slab.buffer;
    const room = slab.room(ample);
    if (slab.buffer !== before) replaced += 1;
    const piece = bytes.subarray(at, at + Math.min(room.length, most));
    room.set(piece);
    slab.filled(piece.length);
    at += piece.length;
  }
  return replaced;
}

test("there is always room, and never more than a read may bring", () => {
  const slab = new Slab();
  for (let reads = 0; reads < 100; reads += 1) {
    const room = slab.room();
    expect(room.length).toBeGreaterThanOrEqual(LEAST_ROOM_BYTES);
    expect(room.length).toBeLessThanOrEqual(READ_BYTES);
    slab.filled(room.length);
    slab.clear();
  }
});

test("for what has gathered there is half a slab at least", () => {
  const slab = new Slab();
  for (let reads = 0; reads < 100; reads += 1) {
    expect(slab.room(true).length).toBeGreaterThanOrEqual(SLAB_BYTES / 2);
    slab.filled(70_000);
    slab.clear();
  }
});

test("what was read is never overwritten, and what waits moves along to the next slab", () => {
  const slab = new Slab(1024);
  feed(slab, Buffer.alloc(1000, 1));
  const view = slab.buffer.subarray(0, 1000);
  slab.start = 900;
  feed(slab, Buffer.alloc(500, 2));
  expect(view.every((byte) => byte === 1)).toBe(true);
  const waiting = slab.buffer.subarray(slab.start, slab.end);
  expect(waiting).toEqual(Buffer.concat([Buffer.alloc(100, 1), Buffer.alloc(500, 2)]));
});

test("a frame larger than a slab is gathered in memory that grows by doubling", () => {
  const slab = new Slab(1 << 10);
  const frame = encodeFrame("d", Buffer.alloc(1 << 20, 7));
  const replaced = feed(slab, frame);
  expect(slab.buffer.subarray(slab.start, slab.end).equals(frame)).toBe(true);
  // Doubling from 1 KiB to 1 MiB takes ten steps; copying per read would take a thousand.
  expect(replaced).toBeLessThanOrEqual(12);
  expect(slab.buffer.length).toBeLessThanOrEqual(frame.length + 2 * LEAST_ROOM_BYTES);
});

test.each([100_000, 150_000, 230_000, 20_000_000])(
  "a frame of %i bytes in small reads is copied a few times, ample room or not",
  (size) => {
    const slab = new Slab();
    let replaced = 0;
    for (let frame = 0; frame < 3; frame += 1) {
      replaced += feed(slab, encodeFrame("d", Buffer.alloc(size)), 1448, true);
      slab.start = slab.end;
    }
    expect(replaced).toBeLessThanOrEqual(24); // 8 doublings for each of the largest; replaced at each read it would be 100 and more
  },
);

test("a length that is a lie costs no more memory than twice the bytes that came", () => {
  const slab = new Slab(1 << 10);
  const frame = encodeFrame("d", Buffer.alloc(1 << 14));
  frame.writeUInt32BE(1 << 30, 1);
  feed(slab, frame);
  slab.room();
  expect(slab.buffer.length).toBeLessThanOrEqual(2 * frame.length + LEAST_ROOM_BYTES);
});
