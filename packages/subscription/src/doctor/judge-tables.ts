import { quoteIdentifier } from "@trunkline/protocol";
import { qualified } from "../publication/publication-sql.ts";
import type { Facts, PublicationFacts, PublishedTable, TableFacts } from "./facts.ts";
import { type Finding, missing, note, warning } from "./finding.ts";

/** How a table is or will be published. */
interface Member {
  readonly table: TableFacts;
  readonly publication: string;
  readonly operations: readonly string[];
  readonly columns: readonly string[] | undefined;
  readonly filterColumns: readonly string[];
  readonly generatedColumns: boolean;
}

/** What is the matter with the tables of the publications that exist, and with reading them for a snapshot. */
export function judgeTables(facts: Facts, snapshot: boolean): readonly Finding[] {
  const members = facts.publications.flatMap((publication) => membersOf(publication, facts));
  return [
    ...once(members.flatMap((member) => writtenIn(member, facts).flatMap((leaf) => [...judgeIdentity(leaf)]))),
    ...once(members.flatMap((member) => [...judgeGenerated(member, facts)])),
    ...judgePartitions(facts),
    ...judgeColumnLists(facts),
    ...(snapshot ? once(members.flatMap((member) => [...judgeReading(member, facts)])) : []),
  ];
}

/** Where the rows of a member are written: a partitioned table's, in its leaves. */
function writtenIn(member: Member, { tables }: Facts): readonly Member[] {
  if (member.table.kind !== "p") return [member];
  const root = `${member.table.schema}.${member.table.table}`;
  const leaves = tables.filter(({ kind, ancestors }) => kind === "r" && ancestors.includes(root));
  return leaves.map((table) => ({ ...member, table }));
}

function membersOf(publication: PublicationFacts, { tables }: Facts): readonly Member[] {
  const { name, operations, generatedColumns } = publication;
  return publication.tables.flatMap((published) => {
    const table = tables.find((candidate) => sameTable(candidate, published));
    if (table === undefined) return [];
    const { columns, filterColumns } = published;
    return [{ table, publication: name, operations, columns, filterColumns, generatedColumns }];
  });
}

/**
 * Without an identity the *writer's* UPDATE and DELETE fail, so this is an outage of the application, not of ours.
 * @see https://www.postgresql.org/docs/current/logical-replication-publication.html#LOGICAL-REPLICATION-PUBLICATION-REPLICA-IDENTITY
 */
function* judgeIdentity({ table, publication, operations, columns, filterColumns }: Member): Iterable<Finding> {
  const failing = operations.filter((operation) => operation === "update" || operation === "delete");
  if (failing.length === 0 || table.identity === "f") return;
  const name = `${table.schema}.${table.table}`;
  const verbs = failing.map((operation) => operation.toUpperCase()).join(" and ");
  if (table.identityColumns.length === 0) {
    yield missing(
      "identity_missing",
      `${name} has no replica identity, and publication ${publication} publishes its ${failing.join("s and ")}s: ${verbs} on it fails for whoever tries.`,
      [`ALTER TABLE ${qualified(table)} REPLICA IDENTITY FULL`],
      "Better: give it a primary key. Full writes whole old rows to the WAL.",
    );
    return;
  }
  const outside = table.identityColumns.filter((column) => columns !== undefined && !columns.includes(column));
  if (outside.length > 0) {
    const what = `The column list of ${name} in ${publication} lacks ${outside.join(", ")} of its replica identity: ${verbs} on it fails for whoever tries.`;
    yield missing("identity_not_published", what, [], "Add them to the column list.");
  }
  const beyond = filterColumns.filter((column) => !table.identityColumns.includes(column));
  if (beyond.length > 0) {
    const what = `The row filter of ${name} in ${publication} reads ${beyond.join(", ")}, outside of its replica identity: ${verbs} on it fails for whoever tries.`;
    const sql = [`ALTER TABLE ${qualified(table)} REPLICA IDENTITY FULL`];
    yield missing("filter_outside_identity", what, sql, "Or change the filter.");
  }
}

function* judgeGenerated({ table, columns, generatedColumns }: Member, { server }: Facts): Iterable<Finding> {
  const left = table.generated.filter((column) => !generatedColumns && columns?.includes(column) !== true);
  if (left.length === 0) return;
  const what = `Generated columns of ${table.schema}.${table.table} are not published: ${left.join(", ")}.`;
  const how = server.version >= 18 ? "Set publish_generated_columns = stored, or list them." : "PostgreSQL 18 can.";
  yield note("generated_not_published", what, [], how);
}

function* judgePartitions({ publications }: Facts): Iterable<Finding> {
  const [via, direct] = [
    publications.filter((p) => p.viaPartitionRoot),
    publications.filter((p) => !p.viaPartitionRoot),
  ];
  if (via.length === 0 || direct.length === 0) return;
  const names = (some: readonly PublicationFacts[]) => some.map(({ name }) => name).join(", ");
  const what = `Changes of partitions come under their root's name by ${names(via)}, and under their own by ${names(direct)}: where both hold the root wins.`;
  yield warning("partitions_mixed", what, [], "Set publish_via_partition_root alike in all of them.");
}

/** Two publications of one stream that list different columns of a table end it at its first change. */
function* judgeColumnLists({ publications }: Facts): Iterable<Finding> {
  const seen = new Map<string, { readonly publication: string; readonly columns: string }>();
  for (const { name, tables } of publications) {
    for (const table of tables) {
      const key = qualified(table);
      const columns = listed(table);
      const before = seen.get(key);
      if (before === undefined) {
        seen.set(key, { publication: name, columns });
      } else if (before.columns !== columns) {
        const what = `${before.publication} and ${name} list different columns of ${table.schema}.${table.table}: the stream fails at its first change.`;
        yield missing("column_lists_differ", what, [], "Make the lists alike.");
      }
    }
  }
}

const listed = ({ columns }: PublishedTable): string => JSON.stringify(columns?.toSorted() ?? null);

function* judgeReading({ table }: Member, { server }: Facts): Iterable<Finding> {
  const name = `${table.schema}.${table.table}`;
  if (!table.readable) {
    const role = quoteIdentifier(server.role);
    const schema = quoteIdentifier(table.schema);
    yield missing("table_not_readable", `Role ${server.role} may not read ${name}, which the snapshot copies.`, [
      `GRANT USAGE ON SCHEMA ${schema} TO ${role}`,
      `GRANT SELECT ON ${qualified(table)} TO ${role}`,
    ]);
  }
  if (table.rowSecurity) {
    const role = quoteIdentifier(server.role);
    const what = `Row security hides rows of ${name} from ${server.role}: the snapshot would lack them, while the stream does not.`;
    yield missing("row_security", what, [`ALTER ROLE ${role} BYPASSRLS`]);
  }
}

/** A table in several publications is told once for each code. */
function once(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, what }) => {
    const key = `${code} ${what}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

interface Named {
  readonly schema: string;
  readonly table: string;
}

const sameTable = (a: Named, b: Named): boolean => a.schema === b.schema && a.table === b.table;
