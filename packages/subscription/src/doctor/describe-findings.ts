import type { Finding } from "./finding.ts";

/** The findings as a person reads them: what, then the SQL indented, then what to do besides. Empty without findings. */
export function describeFindings(findings: readonly Finding[]): string {
  const blocks = findings.map(({ severity, what, sql, afterwards }) => {
    const lines = [`${severity}: ${what}`, ...sql.map((statement) => `    ${statement};`)];
    if (afterwards !== undefined) lines.push(`  ${afterwards}`);
    return lines.join("\n");
  });
  return blocks.join("\n");
}
