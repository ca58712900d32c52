// A child process of measure-read.ts: lets everybody in, and answers any query with a stream from memory.
import { createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { encodeFrame } from "@trunkline/protocol";
import { createCertificateAuthority } from "@trunkline/testing";

/** What the parent asks for: a number of messages with payloads of one size. Who asks for TLS gets it. */
export interface ReplayRequest {
  readonly messages: number;
  readonly payloadBytes: number;
}

const { messages, payloadBytes } = JSON.parse(process.argv[2] ?? "{}") as ReplayRequest;

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const ready = encodeFrame("Z", Buffer.from("I"));
const hello = Buffer.concat([encodeFrame("R", int32(0)), encodeFrame("K", Buffer.concat([int32(1), int32(2)])), ready]);
const begin = encodeFrame("W", Buffer.from([0, 0, 0]));
const end = Buffer.concat([encodeFrame("c", Buffer.alloc(0)), encodeFrame("C", Buffer.from("COPY 0\0")), ready]);

const perBlock = Math.max(1, Math.min(messages, Math.floor((16 << 20) / payloadBytes)));
const frame = encodeFrame("d", Buffer.alloc(payloadBytes, 0x77));
const block = Buffer.concat(Array.from({ length: perBlock }, () => frame));

const { cert, key } = createCertificateAuthority().issue();

function serve(socket: Socket): void {
  let greeted = false;
  socket.on("error", () => {});
  socket.on("data", (bytes) => {
    if (!greeted) {
      greeted = true;
      socket.write(hello);
    }
    if (!bytes.includes("START")) return;
    socket.write(begin);
    const send = (left: number): void => {
      if (left === 0) {
        socket.write(end);
        return;
      }
      const count = Math.min(left, perBlock);
      socket.write(count === perBlock ? block : block.subarray(0, count * frame.length), () => send(left - count));
    };
    send(messages);
  });
}

const server = createServer((socket) => {
  socket.once("readable", () => {
    const first = socket.read() as Buffer | null;
    // SSLRequest has eight bytes, a startup message more.
    if (first?.length === 8) {
      socket.write("S");
      serve(new TLSSocket(socket, { isServer: true, cert, key }));
      return;
    }
    if (first !== null) socket.unshift(first);
    serve(socket);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" && address !== null ? address.port : 0);
});
process.on("disconnect", () => process.exit(0));
