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
  declare readonly condition: Condition | undefined;
  declare readonly detail: string | undefined;
  declare readonly hint: string | undefined;
  declare readonly position: number | undefined;
  declare readonly internalPosition: number | undefined;
  declare readonly internalQuery: string | undefined;
  declare readonly where: string | undefined;
  declare readonly schema: string | undefined;
  declare readonly table: string | undefined;
  declare readonly column: string | undefined;
  declare readonly dataType: string | undefined;
  declare readonly constraint: string | undefined;
  declare readonly file: string | undefined;
  declare readonly line: number | undefined;
  declare readonly routine: string | undefined;
  declare readonly connectionId: number | undefined;

  constructor(report: ServerReport, options: PostgresErrorOptions = {}) {
    super(describe(report), options);
    const { message, severity, code, localizedSeverity, ...others } = report;
    this.serverMessage = message;
    this.severity = severity;
    this.code = code;
    // What wasn't sent is no property: an error that is logged shows what there is.
    const sent = Object.entries({ ...others, connectionId: options.connectionId }).filter(
      ([, value]) => value !== undefined,
    );
    Object.assign(this, Object.fromEntries(sent));
  }
}

function describe({ severity, code, condition, message, detail, hint }: ServerReport): string {
  const name = condition === undefined ? "" : ` (${condition})`;
  const lines = [`${severity} ${code}${name} ${message}`];
  if (detail !== undefined) lines.push(`detail: ${detail}`);
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  return lines.join("\n");
}
