import { connect } from "node:net";

const SLAB_BYTES = 1 << 20;
const LEAST_ROOM_BYTES = 1 << 16;
const COPY_DATA = 0x64;
const COMMAND_COMPLETE = 0x43;

/**
 * The yardstick: the least a Node program can do to hand out a stable slice per message. It reads into a slab of its
 * own, copies what straddles two slabs, checks nothing, knows no back pressure, and logs in to nobody in particular.
 * Resolves when CommandComplete has come.
 */
export function readBare(port: number, hello: readonly Uint8Array[], sink: (payload: Buffer) => void): Promise<void> {
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
          while (end - start >= 5) {
            const next = start + 1 + slab.readUInt32BE(start + 1);
            if (next > end) break;
            const type = slab[start];
            if (type === COPY_DATA) sink(slab.subarray(start + 5, next));
            else if (type === COMMAND_COMPLETE) {
              socket.destroy();
              resolve();
            }
            start = next;
          }
          return true;
        },
      },
    });
    socket.on("error", reject);
    socket.on("connect", () => {
      for (const bytes of hello) socket.write(bytes);
    });
  });
}
