import { connect } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { ClientTask } from "./task.ts";
import { COPY_DATA, converse, fail, frameLength, startup } from "./yardstick-conversation.ts";

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * The yardstick over TLS: the chunks of `data` events are the program's own, so slices of them stay valid; a frame that
 * straddles two chunks is put together, and only that one is copied.
 */
export function openTlsYardstick(task: ClientTask, onMessage: (payload: Buffer) => void): void {
  let carry: Buffer = Buffer.alloc(0);
  let streaming = false;

  const { host, port, ca } = task;
  const plain = connect({ host, port, noDelay: true });
  plain.on("error", fail);
  plain.on("connect", () => plain.write(SSL_REQUEST));
  plain.once("data", () => {
    const socket = connectTls({ socket: plain, host, ...(ca === undefined ? {} : { ca }) });
    socket.on("error", fail);
    socket.on("secureConnect", () => socket.write(startup(task)));
    socket.on("data", (chunk: Buffer) => read(socket, chunk));
  });

  function read(socket: TLSSocket, chunk: Buffer): void {
    let at = 0;
    if (carry.length > 0) {
      const whole = Buffer.concat([carry, chunk.subarray(0, missing(carry, chunk))]);
      if (whole.length < 5 || whole.length < 1 + frameLength(whole, 0)) {
        carry = whole;
        return;
      }
      at = whole.length - carry.length;
      handle(socket, whole, 0, whole.length);
    }
    while (chunk.length - at >= 5) {
      const next = at + 1 + frameLength(chunk, at);
      if (next > chunk.length) break;
      handle(socket, chunk, at, next);
      at = next;
    }
    carry = chunk.subarray(at);
  }

  function handle(socket: TLSSocket, bytes: Buffer, at: number, next: number): void {
    const body = bytes.subarray(at + 5, next);
    if (bytes[at] === COPY_DATA) onMessage(body);
    else if (!streaming) streaming = converse(socket, task, bytes[at] ?? 0, body);
  }
}

/** How many bytes of `chunk` the frame that begins with `carry` still lacks; all of them while its length is not known. */
function missing(carry: Buffer, chunk: Buffer): number {
  const header = carry.length >= 5 ? carry : Buffer.concat([carry, chunk.subarray(0, 5 - carry.length)]);
  return header.length < 5 ? chunk.length : 1 + frameLength(header, 0) - carry.length;
}
