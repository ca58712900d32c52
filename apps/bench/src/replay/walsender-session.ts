import type { Socket } from "node:net";
import { answerQuery, endOf } from "./answer-query.ts";
import { backendFrames } from "./backend-frames.ts";
import type { ReplayStream } from "./replay-stream.ts";

/** What the sessions of one replay share. */
export interface ReplaySource {
  readonly stream: ReplayStream;
  /** All frames of the stream, in memory. */
  readonly frames: Buffer;
  /** How often they are sent; default 1. */
  readonly repeat?: number;
  /** Goes on with the session over TLS; `undefined`: TLS is refused. */
  readonly secure: ((socket: Socket) => Socket) | undefined;
  /** Plays something else than the frames. */
  readonly play?: Play;
}

/** What is done instead of sending the stream. */
export interface Play {
  /** The client has asked for the stream, and has been told that it begins. */
  started(socket: Socket): void;
  /** The client has sent a status update. */
  status(socket: Socket): void;
}

const SSL_REQUEST = 80_877_103;
const GSSENC_REQUEST = 80_877_104;
const STARTUP_3_0 = 196_608;

/** How much is handed to the socket at a time: enough for the kernel, little enough for TLS not to encrypt ahead. */
const CHUNK_BYTES = 1 << 20;

const greeting = Buffer.concat([
  backendFrames.authenticationOk,
  backendFrames.parameterStatus("server_version", "18.4"),
  backendFrames.parameterStatus("server_encoding", "UTF8"),
  backendFrames.parameterStatus("client_encoding", "UTF8"),
  backendFrames.parameterStatus("integer_datetimes", "on"),
  backendFrames.parameterStatus("standard_conforming_strings", "on"),
  backendFrames.parameterStatus("TimeZone", "UTC"),
  backendFrames.backendKeyData,
  backendFrames.readyForQuery,
]);

/** Plays a walsender on one connection until the client leaves. A client that talks nonsense is hung up on. */
export function serveSession(socket: Socket, source: ReplaySource): void {
  let phase: "startup" | "ready" | "streaming" = "startup";
  let pending: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", receive);

  function receive(chunk: Buffer): void {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (;;) {
      const header = phase === "startup" ? 0 : 1;
      if (pending.length < header + 4) return;
      const end = header + pending.readUInt32BE(header);
      if (pending.length < end) return;
      const message = pending.subarray(0, end);
      pending = pending.subarray(end);
      if (phase === "startup") {
        if (start(message) === "handedOver") return;
      } else react(String.fromCharCode(message[0] ?? 0), message.subarray(5));
    }
  }

  function start(message: Buffer): "goesOn" | "handedOver" {
    switch (message.readUInt32BE(4)) {
      case SSL_REQUEST:
        if (source.secure === undefined) {
          socket.write("N");
          return "goesOn";
        }
        socket.off("data", receive);
        socket.write("S");
        serveSession(source.secure(socket), { ...source, secure: undefined });
        return "handedOver";
      case GSSENC_REQUEST:
        socket.write("N");
        return "goesOn";
      case STARTUP_3_0:
        phase = "ready";
        socket.write(greeting);
        return "goesOn";
      default:
        socket.destroy();
        return "goesOn";
    }
  }

  function react(type: string, body: Buffer): void {
    switch (type) {
      case "Q":
        query(body.toString("utf8", 0, body.length - 1));
        return;
      case "d": // a status update: nothing is kept for it; when it asks for a keepalive it gets one
        source.play?.status(socket);
        if (source.play === undefined && phase === "streaming" && body[0] === 0x72 && body[33] === 1) {
          socket.write(backendFrames.keepalive(endOf(source.stream), false));
        }
        return;
      case "c":
        phase = "ready";
        socket.write(
          Buffer.concat([
            backendFrames.copyDone,
            backendFrames.commandComplete("COPY 0"),
            backendFrames.commandComplete("START_REPLICATION"),
            backendFrames.readyForQuery,
          ]),
        );
        return;
      case "X":
        socket.end();
        return;
      default:
        socket.write(
          Buffer.concat([
            backendFrames.errorResponse(`The replay does not speak ${type}.`),
            backendFrames.readyForQuery,
          ]),
        );
    }
  }

  function query(sql: string): void {
    const answer = answerQuery(sql, source.stream);
    if (answer.type !== "stream") {
      socket.write(Buffer.concat([answer.bytes, backendFrames.readyForQuery]));
      return;
    }
    phase = "streaming";
    socket.write(backendFrames.copyBothResponse);
    if (source.play === undefined) send(0);
    else source.play.started(socket);
  }

  /** As fast as the socket takes it, then one keepalive that says: that was all. `from` counts from the first repeat. */
  function send(from: number): void {
    const { frames, stream, repeat = 1 } = source;
    let at = from;
    while (at < frames.length * repeat) {
      if (socket.destroyed) return;
      const offset = at % frames.length;
      const chunk = frames.subarray(offset, offset + CHUNK_BYTES);
      at += chunk.length;
      if (!socket.write(chunk)) {
        socket.once("drain", () => send(at));
        return;
      }
    }
    socket.write(backendFrames.keepalive(endOf(stream), true));
  }
}
