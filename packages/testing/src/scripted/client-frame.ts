import { decodeClientReplicationMessage, formatLsn } from "@trunkline/protocol";

/** What a client sent, or did. `chunk` counts the reads of the socket: frames with equal chunks arrived in one piece. */
export type ClientFrame =
  | { readonly type: "sslRequest"; readonly chunk: number }
  | { readonly type: "gssEncRequest"; readonly chunk: number }
  | { readonly type: "cancelRequest"; readonly pid: number; readonly key: Buffer; readonly chunk: number }
  | {
      readonly type: "startup";
      /** Major in the upper 16 bits: 196608 is 3.0. */
      readonly version: number;
      /** In the order sent. */
      readonly parameters: readonly (readonly [name: string, value: string])[];
      readonly chunk: number;
    }
  | { readonly type: "message"; readonly tag: string; readonly body: Buffer; readonly chunk: number }
  /** The client sent FIN: it sends nothing more. */
  | { readonly type: "end"; readonly chunk: number }
  /** The connection is gone: RST, or our own side destroyed it. */
  | { readonly type: "reset"; readonly chunk: number };

/** The frame in words, for the message of a failed expectation. */
export function describeFrame(frame: ClientFrame): string {
  switch (frame.type) {
    case "sslRequest":
      return "SSLRequest";
    case "gssEncRequest":
      return "GSSENCRequest";
    case "cancelRequest":
      return `CancelRequest pid ${frame.pid} key ${frame.key.toString("hex")}`;
    case "startup":
      return `Startup ${JSON.stringify(Object.fromEntries(frame.parameters))}`;
    case "message":
      return describeMessage(frame.tag, frame.body);
    case "end":
      return "FIN";
    case "reset":
      return "connection reset";
    default:
      return unreachable(frame);
  }
}

/** Whether the frame is a standby status update or a hot standby feedback, which come whenever the client likes. */
export function isStandbyReply(frame: ClientFrame): boolean {
  return frame.type === "message" && frame.tag === "d" && (frame.body[0] === 0x72 || frame.body[0] === 0x68);
}

const names: Readonly<Record<string, string>> = {
  B: "Bind",
  C: "Close",
  D: "Describe",
  E: "Execute",
  F: "FunctionCall",
  H: "Flush",
  P: "Parse",
  S: "Sync",
  X: "Terminate",
  c: "CopyDone",
  d: "CopyData",
  f: "CopyFail",
};

function describeMessage(tag: string, body: Buffer): string {
  switch (tag) {
    case "Q":
      return `Query ${JSON.stringify(body.toString("utf8", 0, Math.max(0, body.length - 1)))}`;
    case "p":
      return `a password message of ${body.length} bytes`; // never its content
    case "d":
      return describeCopyData(body);
    default:
      return `${names[tag] ?? `message ${JSON.stringify(tag)}`}${body.length === 0 ? "" : ` ${describeBytes(body)}`}`;
  }
}

function describeCopyData(body: Buffer): string {
  try {
    const reply = decodeClientReplicationMessage(body);
    if (reply.type === "hotStandbyFeedback") return "HotStandbyFeedback";
    const positions = [reply.written, reply.flushed, reply.applied].map(formatLsn).join(" ");
    return `StandbyStatusUpdate ${positions} replyRequested ${reply.replyRequested}`;
  } catch {
    return `CopyData ${describeBytes(body)}`;
  }
}

/** Length and the first 32 bytes, in hexadecimal. */
export function describeBytes(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, 32))
    .toString("hex")
    .replace(/(..)(?=.)/g, "$1 ");
  return `${bytes.length} bytes ${shown}${bytes.length > 32 ? " …" : ""}`;
}

function unreachable(value: never): never {
  throw new Error(`Unreachable: ${String(value)}`);
}
