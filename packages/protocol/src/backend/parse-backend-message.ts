import { ByteReader } from "../byte-reader.ts";
import type { AuthenticationMessage, BackendMessage, CopyResponse, Format } from "./backend-message.ts";
import { authenticationCodes, checkBody } from "./check-body.ts";
import { parseWithPgProtocol } from "./pg-protocol-parser.ts";
import { readServerReport } from "./server-report.ts";

/** Type bytes of the messages that are read here; pg-protocol reads the others. */
const letters = { R: 0x52, d: 0x64, E: 0x45, N: 0x4e, K: 0x4b, v: 0x76, W: 0x57 } as const;

/** Authentication codes nobody here can answer, by name, for the error that a person reads. */
const unsupportedMethods: ReadonlyMap<number, string> = new Map([
  [1, "Kerberos V4"],
  [2, "Kerberos V5"],
  [4, "crypt"],
  [6, "SCM credentials"],
  [7, "GSSAPI"],
  [8, "GSSAPI (continued)"],
  [9, "SSPI"],
]);

const supportedCodes: ReadonlySet<number> = new Set(Object.values(authenticationCodes));

/**
 * Reads one message of the server from its type byte and its whole body (the frame without its first five bytes).
 * A type byte it doesn't know is no error here: it gives `unknown`. Views: see {@link BackendMessage}.
 * @throws ProtocolError `message_truncated`, `message_oversized` or `message_malformed`; `offset` counts from the start
 * of the body. Never reads past the body, never answers with part of a message.
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export function parseBackendMessage(typeByte: number, body: Uint8Array): BackendMessage {
  switch (typeByte) {
    case letters.d:
      return { type: "copyData", data: body };
    case letters.W:
      return copyBothResponse(body);
    case letters.E:
      return { type: "errorResponse", report: readServerReport(new ByteReader(body)) };
    case letters.N:
      return { type: "noticeResponse", report: readServerReport(new ByteReader(body)) };
    case letters.K:
      return backendKeyData(body);
    case letters.v:
      return negotiateProtocolVersion(body);
    case letters.R: {
      const unsupported = unsupportedAuthentication(body);
      if (unsupported !== undefined) return unsupported;
      break;
    }
    default:
  }
  if (checkBody(typeByte, body)) return parseWithPgProtocol(typeByte, body);
  return { type: "unknown", typeByte, body };
}

function unsupportedAuthentication(body: Uint8Array): AuthenticationMessage | undefined {
  const code = new ByteReader(body).int32();
  if (supportedCodes.has(code)) return undefined;
  return { type: "authenticationUnsupported", code, method: unsupportedMethods.get(code) ?? `method ${code}` };
}

function backendKeyData(body: Uint8Array): BackendMessage {
  const reader = new ByteReader(body);
  const processId = reader.int32();
  const key = Uint8Array.from(reader.rest());
  if (key.length < 4 || key.length > 256) throw reader.malformed(`A cancel key of ${key.length} bytes`, 4);
  return { type: "backendKeyData", processId, key };
}

function negotiateProtocolVersion(body: Uint8Array): BackendMessage {
  const reader = new ByteReader(body);
  const version = reader.uint32();
  const count = reader.uint32();
  if (count > reader.remaining) throw reader.malformed(`A list of ${count} options`, 4);
  const unrecognizedOptions = Array.from({ length: count }, () => reader.cstring());
  reader.end();
  // Servers send major and minor version together; the manual once said the minor alone. The low half is the minor.
  return { type: "negotiateProtocolVersion", minorVersion: version & 0xffff, unrecognizedOptions };
}

/** pg-protocol leaves out the fields of this one, so it is read here. */
function copyBothResponse(body: Uint8Array): CopyResponse {
  const reader = new ByteReader(body);
  const format = formatOf(reader, reader.uint8());
  const count = reader.uint16();
  if (count * 2 > reader.remaining) throw reader.truncated(`${count} column formats`);
  const columnFormats = Array.from({ length: count }, () => formatOf(reader, reader.int16()));
  reader.end();
  return { type: "copyBothResponse", format, columnFormats };
}

function formatOf(reader: ByteReader, code: number): Format {
  if (code !== 0 && code !== 1) throw reader.malformed(`A format code of ${code}`);
  return code === 0 ? "text" : "binary";
}
