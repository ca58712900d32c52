// The one file that imports pg-protocol's parser. It reads bodies that have been checked, one whole frame at a time:
// on a raw stream it would loop for ever at an ErrorResponse without its terminator, cut long cancel keys, and
// overwrite CopyData it has handed out.
import * as pg from "pg-protocol/dist/messages.js";
import { Parser } from "pg-protocol/dist/parser.js";
import { encodeFrame } from "../frame.ts";
import { ProtocolError } from "../protocol-error.ts";
import type { BackendMessage, Format, TransactionStatus } from "./backend-message.ts";

/** What the parser says of an AuthenticationSASL and its followers; its own types leave it out. */
interface PgAuthentication {
  readonly mechanisms?: readonly string[];
  readonly data?: string;
}

/**
 * Reads a body that `checkBody` has passed.
 * @throws ProtocolError `message_malformed` when the parser throws all the same, with its error as the cause.
 */
export function parseWithPgProtocol(typeByte: number, body: Uint8Array): BackendMessage {
  const frame = encodeFrame(String.fromCharCode(typeByte), body);
  const parsed: pg.BackendMessage[] = [];
  try {
    // A parser that has thrown repeats its error for ever, so each frame has its own.
    new Parser().parse(frame, (message) => parsed.push(message));
  } catch (cause) {
    throw new ProtocolError("message_malformed", `pg-protocol can't read a message of type byte ${typeByte}.`, {
      cause,
    });
  }
  const [message] = parsed;
  const translated = message === undefined ? undefined : translate(message);
  if (translated === undefined) {
    throw new ProtocolError("message_malformed", `pg-protocol gives nothing for a message of type byte ${typeByte}.`);
  }
  return translated;
}

function translate(message: pg.BackendMessage & PgAuthentication): BackendMessage | undefined {
  if (message instanceof pg.DataRowMessage) return { type: "dataRow", values: message.fields };
  if (message instanceof pg.RowDescriptionMessage) {
    return { type: "rowDescription", fields: message.fields.map(rowField) };
  }
  if (message instanceof pg.CommandCompleteMessage) return { type: "commandComplete", tag: message.text };
  if (message instanceof pg.ReadyForQueryMessage) {
    const status = statuses.get(message.status);
    return status && { type: "readyForQuery", status };
  }
  if (message instanceof pg.ParameterStatusMessage) {
    return { type: "parameterStatus", name: message.parameterName, value: message.parameterValue };
  }
  if (message instanceof pg.NotificationResponseMessage) {
    const { processId, channel, payload } = message;
    return { type: "notificationResponse", processId, channel, payload };
  }
  if (message instanceof pg.AuthenticationMD5Password) {
    return { type: "authenticationMd5Password", salt: Uint8Array.from(message.salt) };
  }
  if (message instanceof pg.CopyResponse) {
    return {
      type: message.name === "copyInResponse" ? "copyInResponse" : "copyOutResponse",
      format: message.binary ? "binary" : "text",
      columnFormats: message.columnTypes.map(formatOf),
    };
  }
  switch (message.name) {
    case "authenticationOk":
    case "authenticationCleartextPassword":
    case "copyDone":
      return { type: message.name };
    case "emptyQuery":
      return { type: "emptyQueryResponse" };
    case "authenticationSASL":
      return { type: "authenticationSasl", mechanisms: message.mechanisms ?? [] };
    case "authenticationSASLContinue":
      return { type: "authenticationSaslContinue", data: message.data ?? "" };
    case "authenticationSASLFinal":
      return { type: "authenticationSaslFinal", data: message.data ?? "" };
    default:
      return undefined;
  }
}

const statuses: ReadonlyMap<string, TransactionStatus> = new Map([
  ["I", "idle"],
  ["T", "inTransaction"],
  ["E", "inFailedTransaction"],
]);

function rowField(field: pg.Field) {
  return {
    name: field.name,
    tableOid: field.tableID,
    columnNumber: field.columnID,
    typeOid: field.dataTypeID,
    typeSize: field.dataTypeSize,
    typeModifier: field.dataTypeModifier,
    format: field.format,
  };
}

const formatOf = (code: number): Format => (code === 0 ? "text" : "binary");
