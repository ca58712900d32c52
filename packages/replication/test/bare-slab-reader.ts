import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { encodeSslRequest } from "@trunkline/protocol";

const SLAB_BYTES = 1 << 20;
const LEAST_ROOM_BYTES = 1 << 16;
const COPY_DATA = 0x64;
const COMMAND_COMPLETE = 0x43;

/** What a yardstick is given: where to connect, what to say there, and who gets the payloads. */
export interface BareReading {
  readonly port: number;
  readonly hello: readonly Uint8Array[];
  readonly sink: (payload: Buffer) => void;
}

/** Hands out the frames of `bytes`; answers where the first incomplete one begins, or -1 at CommandComplete. */
function cut(bytes: Buffer, from: number, end: number, sink: (payload: Buffer) => void): number {
  let start = from;
  while (end - start >= 5) {
    const next = start + 1 + bytes.readUInt32BE(start + 1);
    if (next > end) break;
    const type = bytes[start];
    if (type === COPY_DATA) sink(bytes.subarray(start + 5, next));
    else if (type === COMMAND_COMPLETE) return -1;
    start = next;
  }
  return start;
}

/**
 * The yardstick: the least a Node program can do to hand out a stable slice per message. It reads into a slab of its
 * own, copies what straddles two slabs, checks nothing, knows no back pressure, and logs in to nobody in particular.
 * Resolves when CommandComplete has come.
 */
export function readBare({ port, hello, sink }: BareReading): Promise<void> {
  let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  let start = 0;
  let end = 0;
  return new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: () => {
          if (slab.length - end < LEAST_ROOM_BYTES) {
            const next = Buffer.allocUnsafeSlow(SLAB_BYTES);
            slab.copy(next, 0, start, end);
            end -= start;
            start = 0;
            slab = next;
          }
          return slab.subarray(end);
        },
        callback: (bytes) => {
          end += bytes;
          const next = cut(slab, start, end, sink);
          if (next === -1) finish(socket, resolve);
          else start = next;
          return true;
        },
      },
    });
    socket.on("error", reject);
    socket.on("connect", () => greet(socket, hello));
  });
}

/** The same over TLS, where Node chooses the memory: a slice of each chunk, and what straddles two chunks is joined. */
export function readBareTls({ port, hello, sink }: BareReading): Promise<void> {
  return new Promise((resolve, reject) => {
    const plain = connect({ port, host: "127.0.0.1", noDelay: true });
    plain.on("error", reject);
    plain.on("connect", () => plain.write(encodeSslRequest()));
    plain.once("data", () => {
      const socket = connectTls({ socket: plain, rejectUnauthorized: false }, () => greet(socket, hello));
      let rest: Buffer | undefined;
      socket.on("error", reject);
      socket.on("data", (chunk: Buffer) => {
        const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
        const start = cut(bytes, 0, bytes.length, sink);
        if (start === -1) finish(socket, resolve);
        rest = start === bytes.length ? undefined : bytes.subarray(start);
      });
    });
  });
}

function greet(socket: Socket, hello: readonly Uint8Array[]): void {
  for (const bytes of hello) socket.write(bytes);
}

function finish(socket: Socket, resolve: () => void): void {
  socket.destroy();
  resolve();
}
