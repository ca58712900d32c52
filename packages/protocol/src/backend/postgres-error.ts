import type { Condition } from "./condition.ts";
import type { ServerReport, Severity } from "./server-report.ts";

/** Options of {@link PostgresError}. `cause`: what led to the error, if known. */
export interface PostgresErrorOptions extends ErrorOptions {
  /** The backend's process id, as in the server's log. Default: unknown. */
  readonly connectionId?: number;
}

/**
 * An error the server reported. Branch on `code` (SQLSTATE) or `condition` (its name), never on the text, which follows
 * the server's language and version. `message` is made for a log: severity, code, name and text, then detail and hint.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export class PostgresError extends Error implements Omit<ServerReport, "message" | "localizedSeverity"> {
  override readonly name = "PostgresError";
  /** The server's own text, without the code and the detail that `message` adds. */
  readonly serverMessage: string;
  readonly severity: Severity | (string & {});
  readonly code: string;
  readonly condition: Condition | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly position: number | undefined;
  readonly internalPosition: number | undefined;
  readonly internalQuery: string | undefined;
  readonly where: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly dataType: string | undefined;
  readonly constraint: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly routine: string | undefined;
  readonly connectionId: number | undefined;

  constructor(report: ServerReport, options: PostgresErrorOptions = {}) {
    super(describe(report), options);
    this.serverMessage = report.message;
    this.severity = report.severity;
    this.code = report.code;
    this.condition = report.condition;
    this.detail = report.detail;
    this.hint = report.hint;
    this.position = report.position;
    this.internalPosition = report.internalPosition;
    this.internalQuery = report.internalQuery;
    this.where = report.where;
    this.schema = report.schema;
    this.table = report.table;
    this.column = report.column;
    this.dataType = report.dataType;
    this.constraint = report.constraint;
    this.file = report.file;
    this.line = report.line;
    this.routine = report.routine;
    this.connectionId = options.connectionId;
  }
}

function describe({ severity, code, condition, message, detail, hint }: ServerReport): string {
  const name = condition === undefined ? "" : ` (${condition})`;
  const lines = [`${severity} ${code}${name} ${message}`];
  if (detail !== undefined) lines.push(`detail: ${detail}`);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  return lines.join("\n");
}
