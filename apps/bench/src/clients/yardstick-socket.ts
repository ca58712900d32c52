import { connect, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { encodeQuery, encodeStartupMessage, startReplication } from "@trunkline/protocol";
import type { ClientTask } from "./task.ts";

/**
 * The yardstick: the least that a Node program can do with a stream and still hand out a slice for each message that
 * stays valid. No errors, no keepalives, no flow control. Plain reads land in a slab of 1 MiB that is replaced, never
 * reused; only a frame that straddles two slabs is copied.
 */
export interface Yardstick {
  /** CopyData payloads handed out so far, in bytes with their frame headers. */
  readonly streamBytes: () => number;
}

const SLAB_BYTES = 1 << 20;
const LEAST_ROOM_BYTES = 1 << 16;
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Connects and calls `onMessage` with the payload of each CopyData. @param waitMs pause after each read; 0: eager. */
export function openYardstick(task: ClientTask, onMessage: (payload: Buffer) => void, waitMs = 0): Yardstick {
  let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  let start = 0;
  let end = 0;
  let streamBytes = 0;
  let streaming = false;

  const socket = connect({
    host: task.host,
    port: task.port,
    noDelay: true,
    onread: { buffer: room, callback: read },
  } as {
    host: string;
    port: number;
    onread: OnReadOpts;
  });
  socket.on("connect", () => socket.write(startup(task)));
  socket.on("error", fail);
  return { streamBytes: () => streamBytes };

  function room(): Buffer {
    if (slab.length - end < LEAST_ROOM_BYTES) {
      const next = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (end - start)));
      slab.copy(next, 0, start, end);
      end -= start;
      start = 0;
      slab = next;
    }
    return slab.subarray(end);
  }

  function read(bytes: number): boolean {
    end += bytes;
    while (end - start >= 5) {
      const next = start + 1 + slab.readUInt32BE(start + 1);
      if (next > end) break;
      if (slab[start] === 0x64) {
        streamBytes += next - start;
        onMessage(slab.subarray(start + 5, next));
      } else if (!streaming) streaming = converse(socket, task, slab[start] ?? 0, slab.subarray(start + 5, next));
      start = next;
    }
    if (waitMs > 0 && streaming) {
      socket.pause();
      setTimeout(() => socket.resume(), waitMs);
    }
    return true;
  }
}

/** The same over TLS: chunks of `data` events are the program's own, a frame across two of them is put together. */
export function openTlsYardstick(task: ClientTask, onMessage: (payload: Buffer) => void): Yardstick {
  let carry: Buffer = Buffer.alloc(0);
  let streamBytes = 0;
  let streaming = false;

  const plain = connect({ host: task.host, port: task.port, noDelay: true });
  plain.on("error", fail);
  plain.on("connect", () => plain.write(SSL_REQUEST));
  plain.once("data", () => {
    const socket = connectTls({ socket: plain, host: task.host, ...(task.ca === undefined ? {} : { ca: task.ca }) });
    socket.on("error", fail);
    socket.on("secureConnect", () => socket.write(startup(task)));
    socket.on("data", (chunk: Buffer) => {
      let bytes = chunk;
      let at = 0;
      if (carry.length > 0) {
        const joined = Buffer.concat([carry, chunk.subarray(0, missing(carry, chunk))]);
        if (!isWhole(joined)) {
          carry = Buffer.concat([carry, chunk]);
          return;
        }
        at = joined.length - carry.length;
        handle(socket, joined, 0, joined.length);
        bytes = chunk;
      }
      while (bytes.length - at >= 5) {
        const next = at + 1 + bytes.readUInt32BE(at + 1);
        if (next > bytes.length) break;
        handle(socket, bytes, at, next);
        at = next;
      }
      carry = bytes.subarray(at);
    });
  });
  return { streamBytes: () => streamBytes };

  function handle(socket: Socket, bytes: Buffer, at: number, next: number): void {
    if (bytes[at] === 0x64) {
      streamBytes += next - at;
      onMessage(bytes.subarray(at + 5, next));
    } else if (!streaming) streaming = converse(socket, task, bytes[at] ?? 0, bytes.subarray(at + 5, next));
  }
}

/** How many bytes of `chunk` the frame that begins with `carry` still lacks. */
function missing(carry: Buffer, chunk: Buffer): number {
  const header = carry.length >= 5 ? carry : Buffer.concat([carry, chunk.subarray(0, 5 - carry.length)]);
  return header.length < 5 ? chunk.length : 1 + header.readUInt32BE(1) - carry.length;
}

function isWhole(frame: Buffer): boolean {
  return frame.length >= 5 && frame.length === 1 + frame.readUInt32BE(1);
}

/** Answers what comes before the stream; true once the stream has begun. */
function converse(socket: Socket, task: ClientTask, type: number, body: Buffer): boolean {
  switch (String.fromCharCode(type)) {
    case "Z":
      socket.write(encodeQuery(startReplication({ slot: task.slot, publications: [task.publication] })));
      return false;
    case "W":
      return true;
    case "E":
      return fail(new Error(body.toString("utf8").replaceAll("\0", " ")));
    default:
      return false;
  }
}

function startup({ user, database }: ClientTask): Buffer {
  return encodeStartupMessage({ user, database, replication: "database" });
}

function fail(error: Error): never {
  console.error(error.message);
  process.exit(1);
}
