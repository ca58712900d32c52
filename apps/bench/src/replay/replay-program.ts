// A program: plays a walsender that sends one stream, again to each client. Started by startReplay with an IPC channel.
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import type { ReplayRequest } from "./replay-request.ts";
import { serveSession } from "./walsender-session.ts";

const request = JSON.parse(process.argv[2] ?? "{}") as ReplayRequest;
const context = createSecureContext({ cert: request.certificate, key: request.key });
const source = {
  stream: request.stream,
  frames: readFileSync(request.stream.file),
  repeat: request.repeat,
  secure: (socket: import("node:net").Socket) => new TLSSocket(socket, { isServer: true, secureContext: context }),
};

const server = createServer({ noDelay: true }, (socket) => serveSession(socket, source));
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit());
