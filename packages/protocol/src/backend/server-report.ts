import type { ByteReader } from "../byte-reader.ts";
import { type Condition, conditionOf } from "./condition.ts";

/** How bad it is: `ERROR` ends the statement, `FATAL` this connection, `PANIC` all of them; the others are notices. */
export type Severity = "ERROR" | "FATAL" | "PANIC" | "WARNING" | "NOTICE" | "DEBUG" | "INFO" | "LOG";

/**
 * The fields of an ErrorResponse or a NoticeResponse. A field the server left out is `undefined`.
 * @see https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
export interface ServerReport {
  /** In English whatever lc_messages says (field V); field S from a server too old to send V. */
  readonly severity: Severity | (string & {});
  /** Severity in the server's language (field S). */
  readonly localizedSeverity: string;
  /** SQLSTATE, five characters. */
  readonly code: string;
  /** The name of the SQLSTATE, such as `admin_shutdown`. */
  readonly condition: Condition | undefined;
  /** The primary message, one line, in the server's language: don't branch on it. */
  readonly message: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  /** Where in the query, in characters, the first is 1. */
  readonly position: number | undefined;
  /** As `position`, in `internalQuery`. */
  readonly internalPosition: number | undefined;
  /** A query the server made by itself, as inside PL/pgSQL. */
  readonly internalQuery: string | undefined;
  /** Call stack of PL functions and internal queries, one a line. */
  readonly where: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly dataType: string | undefined;
  readonly constraint: string | undefined;
  /** Where in the server's source it was raised. */
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly routine: string | undefined;
}

/**
 * Reads the body of an ErrorResponse or NoticeResponse to its end. Fields of types it doesn't know are left out, as
 * the manual asks.
 * @throws ProtocolError `message_truncated` without the ending zero byte; `message_malformed` when severity, code or
 * message, which are always there, is missing; `message_oversized`.
 */
export function readServerReport(reader: ByteReader): ServerReport {
  const fields = new Map<string, string>();
  for (let type = reader.uint8(); type !== 0; type = reader.uint8()) {
    fields.set(String.fromCharCode(type), reader.cstring());
  }
  reader.end();
  const always = (type: string, name: string): string => {
    const value = fields.get(type);
    if (value === undefined) throw reader.malformed(`A server message without its ${name}, field ${type}`);
    return value;
  };
  const localizedSeverity = always("S", "severity");
  const code = always("C", "SQLSTATE");
  return {
    severity: fields.get("V") ?? localizedSeverity,
    localizedSeverity,
    code,
    condition: conditionOf(code),
    message: always("M", "text"),
    detail: fields.get("D"),
    hint: fields.get("H"),
    position: count(fields.get("P")),
    internalPosition: count(fields.get("p")),
    internalQuery: fields.get("q"),
    where: fields.get("W"),
    schema: fields.get("s"),
    table: fields.get("t"),
    column: fields.get("c"),
    dataType: fields.get("d"),
    constraint: fields.get("n"),
    file: fields.get("F"),
    line: count(fields.get("L")),
    routine: fields.get("R"),
  };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
