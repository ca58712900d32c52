import { describeFindings, doctor } from "@trunkline/subscription";
import type { DemoTable } from "./workload.ts";

/** What the demo makes by itself is not there yet, and is nothing that a person lacks. */
const made: ReadonlySet<string> = new Set(["table_missing"]);

/**
 * What the server or the role lacks, as a person reads it, with the SQL that repairs it; `undefined` when nothing is
 * missing.
 */
export async function missingPrerequisites(url: string, table: DemoTable): Promise<string | undefined> {
  const { schema, publication, slots } = table;
  const { findings } = await doctor({
    connection: { connectionString: url },
    slot: slots[0] ?? publication,
    publications: { name: publication, tables: [`${schema}.orders`] },
  });
  const missing = findings.filter(({ severity, code }) => severity === "missing" && !made.has(code));
  if (missing.length === 0) return undefined;
  return [
    "The server is not ready for logical replication yet:",
    "",
    describeFindings(missing),
    "",
    "Run the SQL as a superuser, then start the demo again.",
  ].join("\n");
}
