import type { Client } from "pg";

/** Something the server or the role lacks, and what a person has to do about it. */
export interface Missing {
  readonly what: string;
  /** Statements for a superuser, in order. */
  readonly sql: readonly string[];
  /** What SQL can't do. */
  readonly afterwards?: string;
}

interface Facts {
  readonly version: number;
  readonly walLevel: string;
  readonly slots: number;
  readonly maxSlots: number;
  readonly senders: number;
  readonly maxSenders: number;
  readonly role: string;
  readonly mayReplicate: boolean;
  readonly database: string;
  readonly mayCreate: boolean;
}

/** Asks the server for everything `streams` logical streams need, and lists all that is missing at once. */
export async function missingPrerequisites(client: Client, streams: number): Promise<Missing[]> {
  const { rows } = await client.query<{ facts: Facts }>(`
    SELECT json_build_object(
      'version', current_setting('server_version_num')::int,
      'walLevel', current_setting('wal_level'),
      'slots', (SELECT count(*) FROM pg_replication_slots),
      'maxSlots', current_setting('max_replication_slots')::int,
      'senders', (SELECT count(*) FROM pg_stat_replication),
      'maxSenders', current_setting('max_wal_senders')::int,
      'role', current_user,
      'mayReplicate', (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user),
      'database', current_database(),
      'mayCreate', has_database_privilege(current_database(), 'CREATE')
    ) AS facts`);
  const facts = rows[0]?.facts;
  if (facts === undefined) throw new Error("The server answered a SELECT without FROM with no row.");
  return judge(facts, streams);
}

function judge(facts: Facts, streams: number): Missing[] {
  const missing: Missing[] = [];
  const restart = "Restart the server: this setting is read at start.";
  const role = quoteIdentifier(facts.role);
  if (facts.version < 140000) {
    missing.push({
      what: `The server is older than PostgreSQL 14 (${facts.version}).`,
      sql: [],
      afterwards: "Upgrade it.",
    });
  }
  if (facts.walLevel !== "logical") {
    missing.push({
      what: `wal_level is ${facts.walLevel}; decoding changes needs logical.`,
      sql: ["ALTER SYSTEM SET wal_level = 'logical';"],
      afterwards: restart,
    });
  }
  if (facts.slots + streams > facts.maxSlots) {
    missing.push({
      what: `${facts.slots} of ${facts.maxSlots} replication slots are in use; the demo needs ${streams}.`,
      sql: [`ALTER SYSTEM SET max_replication_slots = ${facts.maxSlots + 10};`],
      afterwards: `Drop a slot nobody needs (SELECT slot_name, active FROM pg_replication_slots), or: ${restart}`,
    });
  }
  if (facts.senders + streams > facts.maxSenders) {
    missing.push({
      what: `${facts.senders} of ${facts.maxSenders} WAL senders are in use; the demo needs ${streams}.`,
      sql: [`ALTER SYSTEM SET max_wal_senders = ${facts.maxSenders + 10};`],
      afterwards: restart,
    });
  }
  if (!facts.mayReplicate) {
    missing.push({ what: `Role ${facts.role} may not replicate.`, sql: [`ALTER ROLE ${role} REPLICATION;`] });
  }
  if (!facts.mayCreate) {
    missing.push({
      what: `Role ${facts.role} may not create a schema and a publication in database ${facts.database}.`,
      sql: [`GRANT CREATE ON DATABASE ${quoteIdentifier(facts.database)} TO ${role};`],
    });
  }
  return missing;
}

/** The list as a person reads it. */
export function explainMissing(missing: readonly Missing[]): string {
  const lines = ["The server is not ready for logical replication yet:"];
  for (const { what, sql, afterwards } of missing) {
    lines.push("", `  ${what}`, ...sql.map((statement) => `      ${statement}`));
    if (afterwards !== undefined) lines.push(`    ${afterwards}`);
  }
  lines.push("", "Run the SQL as a superuser, then start the demo again.");
  return lines.join("\n");
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
