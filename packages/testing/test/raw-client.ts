import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A bare TCP client that remembers what it is sent. */
export interface RawClient extends Disposable {
  readonly socket: Socket;
  /** Everything received so far. */
  received(): Buffer;
  /** The pieces in which it came. */
  readonly pieces: readonly Buffer[];
  /** Resolves when so many bytes have come in all. */
  bytes(count: number): Promise<Buffer>;
  /** Resolves when the connection is over: `"end"` by FIN, or the code of the error. */
  readonly over: Promise<string>;
}

/** Connects to a port of 127.0.0.1. The server's FIN doesn't end our own sending. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  const pieces: Buffer[] = [];
  let count = 0;
  let came = () => {};
  socket.on("data", (piece) => {
    pieces.push(piece);
    count += piece.length;
    came();
  });
  const over = new Promise<string>((resolve) => {
    socket.on("end", () => resolve("end"));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
  });
  await once(socket, "connect");
  const received = () => Buffer.concat(pieces);
  return {
    socket,
    pieces,
    received,
    over,
    bytes: async (wanted) => {
      while (count < wanted) {
        await new Promise<void>((resolve) => {
          came = resolve;
        });
      }
      return received();
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** A StartupMessage of protocol 3.0. */
export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const texts = Object.entries(parameters).flatMap(([name, value]) => [`${name}\0`, `${value}\0`]);
  const body = Buffer.from(`${texts.join("")}\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.writeUInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}

/** A message of a client, such as `frontend("Q", "SELECT 1\0")`. */
export function frontend(tag: string, body: string | Uint8Array = ""): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(tag, "latin1");
  head.writeUInt32BE(4 + bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** SSLRequest. */
export const sslRequest = Buffer.from("0000000804d2162f", "hex");

/** CancelRequest. */
export function cancelRequest(pid: number, key: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32BE(12 + key.length, 0);
  head.writeUInt32BE(80_877_102, 4);
  head.writeInt32BE(pid, 8);
  return Buffer.concat([head, key]);
}
