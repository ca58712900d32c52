import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Wire } from "./wire.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A socket whose kernel takes as much as it is told. */
class SlowSocket extends EventEmitter {
  readonly writable = true;
  destroyed = false;
  bytesWritten = 0;
  writableLength = 0;

  write(bytes: Uint8Array): void {
    this.bytesWritten += bytes.length; // as in Node: what waits counts as written
    this.writableLength += bytes.length;
  }

  /** The kernel takes some of what waits. */
  take(bytes: number): void {
    this.writableLength -= bytes;
  }

  resume(): void {}

  destroy(): void {
    this.destroyed = true;
  }
}

function wireOver(socket: SlowSocket): { readonly wire: Wire; readonly reasons: Error[] } {
  const endpoint = { type: "tcp", host: "db", port: 5432 } as const;
  const wire = new Wire({ endpoint, timeoutMs: 1000, coalesceMs: 0 });
  const reasons: Error[] = [];
  wire.attach(socket as unknown as Socket, "tcp", { message: () => {}, closed: (reason) => void reasons.push(reason) });
  return { wire, reasons };
}

test("R77: a server that reads slowly is not given up, and one that stops reading is", () => {
  const socket = new SlowSocket();
  const { wire, reasons } = wireOver(socket);
  wire.write(Buffer.alloc(100));
  for (let second = 1; second <= 5; second += 1) {
    socket.take(10);
    vi.advanceTimersByTime(1000);
  }
  expect(reasons).toEqual([]);
  vi.advanceTimersByTime(999);
  expect(reasons).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(reasons).toEqual([expect.objectContaining({ kind: "timeout", action: "send" })]);
  expect(socket.destroyed).toBe(true);
});

test("R77: bytes that have all been taken need no timer, and later ones get one of their own", () => {
  const socket = new SlowSocket();
  const { wire, reasons } = wireOver(socket);
  wire.write(Buffer.alloc(10));
  socket.take(10);
  vi.advanceTimersByTime(1000);
  expect(vi.getTimerCount()).toBe(0);
  wire.write(Buffer.alloc(10));
  vi.advanceTimersByTime(999);
  expect(reasons).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(reasons).toHaveLength(1);
});
