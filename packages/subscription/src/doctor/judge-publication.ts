import { quoteIdentifier } from "@trunkline/protocol";
import type { ResolvedPublication, ResolvedTable } from "../publication/publication-spec.ts";
import {
  addTableSql,
  createPublicationSql,
  qualified,
  replaceTableSql,
  setParametersSql,
} from "../publication/publication-sql.ts";
import type { Facts, PublicationFacts, PublishedTable, ServerFacts, TableFacts } from "./facts.ts";
import { type Finding, missing, warning } from "./finding.ts";

/** What a publication will be like once it is created, as far as can be told: for judging its tables. */
export function plannedPublication(wanted: ResolvedPublication, { tables }: Facts): PublicationFacts {
  const published = tables.flatMap((table): readonly PublishedTable[] => {
    const { schema } = table;
    const named = wanted.tables.find((candidate) => same(candidate, table));
    const swept = wanted.allTables || wanted.schemas.includes(schema);
    if (named === undefined && !(swept && standsFor(table, wanted.viaPartitionRoot))) return [];
    if (unsuitable(table) !== undefined) return [];
    return [{ schema, table: table.table, columns: named?.columns, rowFilter: named?.where, filterColumns: [] }];
  });
  return { ...wanted, tables: published };
}

/** What stands in the way of creating a publication that does not exist. */
export function* judgeNewPublication(wanted: ResolvedPublication, facts: Facts): Iterable<Finding> {
  const { server } = facts;
  yield* judgeSupport(wanted, server);
  const role = quoteIdentifier(server.role);
  if (!server.mayCreate) {
    const sql = [`GRANT CREATE ON DATABASE ${quoteIdentifier(server.database)} TO ${role}`];
    const what = `Role ${server.role} may not create a publication in database ${server.database}.`;
    yield missing("publication_needs_create", what, sql);
  }
  if (!server.superuser && (wanted.allTables || wanted.schemas.length > 0)) {
    const what = `Only a superuser may publish ${wanted.allTables ? "all tables" : "all tables of a schema"}; ${server.role} is none.`;
    yield missing(
      "publication_needs_superuser",
      what,
      [createPublicationSql(wanted)],
      "Or name the tables one by one.",
    );
  }
  for (const table of wanted.tables) yield* judgeWantedTable(table, facts, true);
}

/** Where a publication that exists is not what is wanted. It is not altered: the SQL is for whoever made it. */
export function* judgeExistingPublication(
  wanted: ResolvedPublication,
  found: PublicationFacts,
  facts: Facts,
): Iterable<Finding> {
  const differences = parameterDifferences(wanted, found);
  if (differences.length > 0) {
    const what = `Publication ${found.name} ${differences.join(" and ")}.`;
    yield missing("publication_differs", what, [setParametersSql(wanted)]);
  }
  if (wanted.allTables && !found.allTables) {
    const what = `Publication ${found.name} publishes some tables, not all.`;
    const sql = [`DROP PUBLICATION ${quoteIdentifier(found.name)}`, createPublicationSql(wanted)];
    yield missing(
      "publication_lacks_table",
      what,
      sql,
      "A slot that is in use skips or refuses what is written in between.",
    );
  }
  for (const table of wanted.tables) yield* judgeMember(table, found, facts);
  for (const schema of wanted.schemas) yield* judgeSchema(schema, found, facts);
}

/** What a publication that is only named must have. */
export function* judgeNamedPublication(name: string, found: PublicationFacts | undefined): Iterable<Finding> {
  if (found === undefined) {
    const sql = [`CREATE PUBLICATION ${quoteIdentifier(name)} FOR ALL TABLES`];
    const what = `Publication ${name} does not exist.`;
    yield missing("publication_missing", what, sql, "Or name its tables. Create it before the slot.");
  } else if (!found.allTables && found.tables.length === 0) {
    yield warning("publication_empty", `Publication ${name} has no tables, so nothing will come.`);
  }
}

function* judgeSupport(wanted: ResolvedPublication, { version }: ServerFacts): Iterable<Finding> {
  const needs: readonly (readonly [boolean, string, number])[] = [
    [wanted.schemas.length > 0, "Publishing all tables of a schema", 15],
    [wanted.tables.some(({ where }) => where !== undefined), "A row filter", 15],
    [wanted.tables.some(({ columns }) => columns !== undefined), "A column list", 15],
    [wanted.generatedColumns, "Publishing generated columns", 18],
  ];
  for (const [asked, what, since] of needs) {
    if (!asked || version >= since) continue;
    const sentence = `${what} needs PostgreSQL ${since}; this is ${version}.`;
    yield missing("publication_unsupported", sentence, [], "Leave it out, or upgrade the server.");
  }
}

function* judgeWantedTable(table: ResolvedTable, facts: Facts, toBeAdded: boolean): Iterable<Finding> {
  const found = findTable(table, facts);
  const name = `${table.schema}.${table.table}`;
  if (found === undefined) {
    yield missing("table_missing", `Table ${name} does not exist.`, [], "Create it, or correct its name.");
    return;
  }
  const wrong = unsuitable(found);
  if (wrong !== undefined) {
    const sql = found.persistence === "u" ? [`ALTER TABLE ${qualified(table)} SET LOGGED`] : [];
    yield missing("table_unsuitable", `${name} is ${wrong}, which can't be published.`, sql);
  }
  if (toBeAdded && !found.owned) {
    const sql = [`ALTER TABLE ${qualified(table)} OWNER TO ${quoteIdentifier(facts.server.role)}`];
    const what = `Role ${facts.server.role} does not own ${name}, which publishing it needs.`;
    yield missing("publication_needs_owner", what, sql, "Or let its owner create the publication.");
  }
}

function unsuitable({ kind, persistence }: TableFacts): string | undefined {
  const kinds: Readonly<Record<string, string>> = {
    v: "a view",
    m: "a materialized view",
    f: "a foreign table",
    S: "a sequence",
  };
  if (kind !== "r" && kind !== "p") return kinds[kind] ?? "no table";
  if (persistence === "u") return "unlogged";
  return persistence === "t" ? "temporary" : undefined;
}

function* judgeMember(table: ResolvedTable, found: PublicationFacts, facts: Facts): Iterable<Finding> {
  const before = [...judgeWantedTable(table, facts, false)];
  if (before.length > 0) {
    yield* before;
    return;
  }
  const member = found.tables.find((candidate) => same(candidate, table));
  const name = `${table.schema}.${table.table}`;
  if (member === undefined) {
    // A partitioned table whose changes are sent under its partitions' names stands there as its leaves.
    const leaves = findTable(table, facts)?.kind === "p" && !found.viaPartitionRoot;
    if (leaves) return;
    const what = `Publication ${found.name} lacks table ${name}.`;
    const later = "Its rows from before then do not come: copy them.";
    yield missing("publication_lacks_table", what, [addTableSql(found.name, table)], later);
    return;
  }
  const differences = [...memberDifferences(table, member)];
  if (differences.length > 0) {
    const what = `Publication ${found.name} publishes ${name} with ${differences.join(" and ")}.`;
    yield missing("publication_differs", what, replaceTableSql(found.name, table));
  }
}

function* judgeSchema(schema: string, found: PublicationFacts, facts: Facts): Iterable<Finding> {
  const lacking = facts.tables.filter(
    (table) =>
      table.schema === schema &&
      unsuitable(table) === undefined &&
      standsFor(table, found.viaPartitionRoot) &&
      !found.tables.some((member) => same(member, table)),
  );
  const names = lacking.map(({ table }) => table);
  if (names.length === 0) return;
  const what = `Publication ${found.name} lacks ${names.length} tables of schema ${schema}: ${names.join(", ")}.`;
  const sql = [`ALTER PUBLICATION ${quoteIdentifier(found.name)} ADD TABLES IN SCHEMA ${quoteIdentifier(schema)}`];
  yield missing("publication_lacks_table", what, sql);
}

/** Whether rows come under this table's name: the root's, or the leaves'. */
const standsFor = ({ kind, isPartition }: TableFacts, viaRoot: boolean): boolean =>
  viaRoot ? !isPartition : kind !== "p";

function parameterDifferences(wanted: ResolvedPublication, found: PublicationFacts): readonly string[] {
  const lacking = wanted.operations.filter((operation) => !found.operations.includes(operation));
  const extra = found.operations.filter((operation) => !(wanted.operations as readonly string[]).includes(operation));
  return [
    ...(lacking.length > 0 ? [`does not publish ${lacking.join(", ")}`] : []),
    ...(extra.length > 0 ? [`publishes ${extra.join(", ")} too`] : []),
    ...(wanted.viaPartitionRoot === found.viaPartitionRoot
      ? []
      : [`has publish_via_partition_root = ${found.viaPartitionRoot}`]),
    ...(wanted.generatedColumns && !found.generatedColumns ? ["does not publish generated columns"] : []),
  ];
}

/** A filter's text is the server's own once it is stored, so just its presence can be compared. */
function* memberDifferences(wanted: ResolvedTable, found: PublishedTable): Iterable<string> {
  if (wanted.columns === undefined && found.columns !== undefined) yield `only the columns ${found.columns.join(", ")}`;
  if (wanted.columns !== undefined && !sameSet(wanted.columns, found.columns ?? [])) {
    yield found.columns === undefined ? "all columns" : `the columns ${found.columns.join(", ")}`;
  }
  if (wanted.where === undefined && found.rowFilter !== undefined) yield `the row filter ${found.rowFilter}`;
  if (wanted.where !== undefined && found.rowFilter === undefined) yield "no row filter";
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item) => b.includes(item));

interface Named {
  readonly schema: string;
  readonly table: string;
}

const same = (a: Named, b: Named): boolean => a.schema === b.schema && a.table === b.table;

const findTable = (table: Named, { tables }: Facts): TableFacts | undefined =>
  tables.find((candidate) => same(candidate, table));
