import { quoteIdentifier, quoteLiteral, type RelationMessage } from "@trunkline/protocol";
import type { Session } from "@trunkline/replication";
import { SubscriptionError } from "../errors/subscription-error.ts";
import { qualified } from "../publication/publication-sql.ts";
import { firstValue } from "../session/sql-session.ts";

/** A table to copy: its relation as a stream would describe it, and the row filters of its publications. */
export interface PublishedRelation {
  readonly relation: RelationMessage;
  readonly partitioned: boolean;
  /** SQL expressions of which one must hold; empty: all rows. */
  readonly filters: readonly string[];
}

interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly kind: string;
  readonly identity: string;
  readonly listed: readonly string[] | null;
  readonly generated: boolean;
  /** One for each publication; `null` where it has none. */
  readonly filters: readonly (string | null)[];
  readonly columns:
    | readonly {
        readonly name: string;
        readonly typeOid: number;
        readonly typeModifier: number;
        readonly key: boolean;
        readonly generated: string;
      }[]
    | null;
}

const identities = { d: "default", n: "nothing", f: "full", i: "index" } as const;

/**
 * The tables of the publications, as the session's snapshot has them, by name. A publication that doesn't exist counts
 * as empty: its absence is the doctor's finding.
 */
export async function publishedRelations(
  session: Session,
  publications: readonly string[],
): Promise<readonly PublishedRelation[]> {
  const answer = await firstValue(session, tablesSql(publications));
  return ((answer === null || answer === undefined ? [] : JSON.parse(answer)) as readonly TableRow[]).map(relationOf);
}

/** `COPY … TO STDOUT` of the columns and rows that are published. */
export function copySql({ relation, partitioned, filters }: PublishedRelation): string {
  const { schema, name: table, columns } = relation;
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  // A table's own rows; those of tables that inherit from it are published by themselves.
  const from = `${partitioned ? "" : "ONLY "}${qualified({ schema, table })}`;
  const where = filters.length === 0 ? "" : ` WHERE ${filters.map((filter) => `(${filter})`).join(" OR ")}`;
  return `COPY (SELECT ${names} FROM ${from}${where}) TO STDOUT`;
}

function relationOf(row: TableRow): PublishedRelation {
  const { listed, identity } = row;
  const replicaIdentity = Object.hasOwn(identities, identity)
    ? identities[identity as keyof typeof identities]
    : undefined;
  if (replicaIdentity === undefined) {
    throw new SubscriptionError(
      "copy_malformed",
      `A replica identity of "${identity}" for ${row.schema}.${row.table}.`,
    );
  }
  const columns = (row.columns ?? []).filter(({ name, generated }) =>
    listed === null ? generated === "" || (row.generated && generated === "s") : listed.includes(name),
  );
  return {
    relation: {
      kind: "relation",
      xid: null,
      id: row.oid,
      schema: row.schema,
      name: row.table,
      replicaIdentity,
      columns: columns.map(({ name, typeOid, typeModifier, key }) => ({
        name,
        typeOid,
        typeModifier,
        key: key || replicaIdentity === "full",
      })),
    },
    partitioned: row.kind === "p",
    // One publication without a filter publishes all rows.
    filters: row.filters.some((filter) => filter === null) ? [] : row.filters.flatMap((filter) => filter ?? []),
  };
}

/** As JSON, since which columns the catalogs have differs from 14 to 18. */
function tablesSql(publications: readonly string[]): string {
  const names = `ARRAY[${publications.map(quoteLiteral).join(", ")}]::text[]`;
  return `
WITH published AS (
  SELECT c.oid, to_jsonb(t)->>'rowfilter' AS filter, to_jsonb(p)->>'pubgencols' = 's' AS generated,
    (SELECT to_jsonb(array_agg(a.attname)) FROM pg_publication_rel pr, pg_attribute a
      WHERE pr.prpubid = p.oid AND pr.prrelid = c.oid AND a.attrelid = c.oid
        AND to_jsonb(pr)->'prattrs' @> to_jsonb(a.attnum)) AS listed
  FROM pg_publication p JOIN pg_publication_tables t ON t.pubname = p.pubname
    JOIN pg_namespace n ON n.nspname = t.schemaname
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
  WHERE p.pubname = ANY(${names})
), tables AS (
  SELECT oid, jsonb_agg(filter) AS filters, bool_or(generated) AS generated,
    (jsonb_agg(listed) FILTER (WHERE listed IS NOT NULL))->0 AS listed
  FROM published GROUP BY oid
)
SELECT json_agg(json_build_object(
  'oid', c.oid::int8, 'schema', n.nspname, 'table', c.relname, 'kind', c.relkind, 'identity', c.relreplident,
  'listed', t.listed, 'generated', coalesce(t.generated, false), 'filters', t.filters,
  'columns', (SELECT json_agg(json_build_object(
      'name', a.attname, 'typeOid', a.atttypid::int8, 'typeModifier', a.atttypmod, 'generated', a.attgenerated,
      'key', EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND a.attnum = ANY(i.indkey)
        AND CASE c.relreplident WHEN 'd' THEN i.indisprimary AND i.indimmediate WHEN 'i' THEN i.indisreplident
          ELSE false END)) ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
) ORDER BY n.nspname, c.relname)::text
FROM tables t JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace`;
}
