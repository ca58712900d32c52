import { connect } from "node:net";
import type { ClientTask } from "./task.ts";
import { COPY_DATA, converse, fail, frameLength, startup } from "./yardstick-conversation.ts";

const SLAB_BYTES = 1 << 20;
const LEAST_ROOM_BYTES = 1 << 16;

/**
 * The yardstick: what an ordinary Node program does that hands out a slice for each message of a stream which stays
 * valid, and nothing else. With smaller slabs and cheaper views, as ours has them, it would be a little quicker still. No errors, no keepalives, no flow control. Reads land in a slab of 1 MiB that is replaced, never reused;
 * only a frame that straddles two slabs is copied.
 * @param waitMs pause after each read; 0: reads as soon as there is something
 */
export function openYardstick(task: ClientTask, onMessage: (payload: Buffer) => void, waitMs = 0): void {
  let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  let start = 0;
  let end = 0;
  let streaming = false;

  const { host, port } = task;
  const socket = connect({ host, port, noDelay: true, onread: { buffer: room, callback: read } });
  socket.on("connect", () => socket.write(startup(task)));
  socket.on("error", fail);

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
    // Locals, because the loop is all there is: what it captured would be read from memory for each message.
    const [buffer, until] = [slab, end];
    let at = start;
    while (until - at >= 5) {
      const next = at + 1 + frameLength(buffer, at);
      if (next > until) break;
      const body = buffer.subarray(at + 5, next);
      if (buffer[at] === COPY_DATA) onMessage(body);
      else if (!streaming) streaming = converse(socket, task, buffer[at] ?? 0, body);
      at = next;
    }
    start = at;
    if (waitMs > 0 && streaming) {
      socket.pause();
      setTimeout(() => socket.resume(), waitMs);
    }
    return true;
  }
}
