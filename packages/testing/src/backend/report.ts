import { type BackendMessage, cstring, message } from "./message.ts";

/** Fields of an error or a notice by the names the manual gives them; the others by their letter. */
export interface ReportFields {
  /** `ERROR`, `FATAL`, `PANIC`; or `WARNING`, `NOTICE`, `DEBUG`, `INFO`, `LOG`. */
  readonly severity: string;
  /** SQLSTATE, five characters. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** More fields by their one-letter type, such as `{ P: "15" }` for the position. */
  readonly more?: Readonly<Record<string, string>>;
}

/** A command failed; or, with severity `FATAL`, the session does. */
export const errorResponse = (fields: ReportFields): BackendMessage => message("E", reportBody(fields));

/** The server has something to say. */
export const noticeResponse = (fields: ReportFields): BackendMessage => message("N", reportBody(fields));

/** @see https://www.postgresql.org/docs/current/protocol-error-fields.html */
function reportBody({ severity, code, message: text, detail, hint, more }: ReportFields): Buffer {
  const fields: Record<string, string | undefined> = {
    S: severity,
    V: severity,
    C: code,
    M: text,
    D: detail,
    H: hint,
    ...more,
  };
  const parts = Object.entries(fields).flatMap(([type, value]) => (value === undefined ? [] : [cstring(type + value)]));
  return Buffer.concat([...parts, Buffer.from([0])]);
}
