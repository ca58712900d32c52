import type { Diagnosis, Finding, Severity } from "@trunkline/subscription";
import type { Colours } from "../terminal/colours.ts";

/** Which database was examined. */
export interface Examined {
  readonly database: string;
  readonly user: string;
  /** As the server writes it: `18.4`. */
  readonly serverVersion: string;
}

/** The findings as a person reads them: what, the SQL that repairs it, what to do besides; then what comes next. */
export function doctorReport(
  examined: Examined,
  { ready, findings }: Diagnosis,
  next: string,
  colours: Colours,
): string {
  const { database, user, serverVersion } = examined;
  const head = colours.bold(`Database ${database} on PostgreSQL ${serverVersion}, as ${user}`);
  const blocks = findings.map((finding) => findingBlock(finding, colours));
  return `${[head, ...blocks, verdict(ready, findings, next, colours)].join("\n\n")}\n`;
}

function findingBlock({ severity, what, sql, afterwards }: Finding, colours: Colours): string {
  const lines = [`${paint(severity, colours)(`${severity}:`)} ${what}`, ...sql.map((statement) => `    ${statement};`)];
  if (afterwards !== undefined) lines.push(`  ${afterwards}`);
  return lines.join("\n");
}

function paint(severity: Severity, { red, yellow, dim }: Colours): (text: string) => string {
  switch (severity) {
    case "missing":
      return red;
    case "warning":
      return yellow;
    case "note":
      return dim;
  }
}

function verdict(ready: boolean, findings: readonly Finding[], next: string, { green, red }: Colours): string {
  const count = findings.filter(({ severity }) => severity === "missing").length;
  if (ready) return `${green("Nothing is missing.")} Now: ${next}`;
  const things = count === 1 ? "1 thing is missing." : `${count} things are missing.`;
  return `${red(things)} Do what is said, as a superuser where it needs one, and ask again. Then: ${next}`;
}
