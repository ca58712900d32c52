import { quoteIdentifier } from "@trunkline/protocol";
import type { ResolvedPublication, ResolvedTable } from "./publication-spec.ts";

/** A table's name in SQL, with its schema. */
export const qualified = ({ schema, table }: { readonly schema: string; readonly table: string }): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;

/**
 * `CREATE PUBLICATION` for what is wanted. The row filter is the caller's own SQL, in parentheses.
 * @throws ProtocolError `identifier_invalid`
 * @see https://www.postgresql.org/docs/current/sql-createpublication.html
 */
export function createPublicationSql(wanted: ResolvedPublication): string {
  const objects = wanted.allTables ? "ALL TABLES" : objectsSql(wanted);
  return `CREATE PUBLICATION ${quoteIdentifier(wanted.name)} FOR ${objects} WITH (${parametersSql(wanted)})`;
}

/** `ALTER PUBLICATION … SET (…)`: operations and the rest of its parameters. */
export function setParametersSql(wanted: ResolvedPublication): string {
  return `ALTER PUBLICATION ${quoteIdentifier(wanted.name)} SET (${parametersSql(wanted)})`;
}

/** `ALTER PUBLICATION … ADD TABLE …`. */
export function addTableSql(publication: string, table: ResolvedTable): string {
  return `ALTER PUBLICATION ${quoteIdentifier(publication)} ADD TABLE ${tableSql(table)}`;
}

/** Statements that give a table of a publication another column list or row filter. Both in one transaction: no gap. */
export function replaceTableSql(publication: string, table: ResolvedTable): readonly string[] {
  const name = quoteIdentifier(publication);
  return [
    "BEGIN",
    `ALTER PUBLICATION ${name} DROP TABLE ${qualified(table)}`,
    `ALTER PUBLICATION ${name} ADD TABLE ${tableSql(table)}`,
    "COMMIT",
  ];
}

function objectsSql({ tables, schemas }: ResolvedPublication): string {
  const parts = [];
  if (tables.length > 0) parts.push(`TABLE ${tables.map(tableSql).join(", ")}`);
  if (schemas.length > 0) parts.push(`TABLES IN SCHEMA ${schemas.map(quoteIdentifier).join(", ")}`);
  return parts.join(", ");
}

function tableSql(table: ResolvedTable): string {
  const columns = table.columns === undefined ? "" : ` (${table.columns.map(quoteIdentifier).join(", ")})`;
  const where = table.where === undefined ? "" : ` WHERE (${table.where})`;
  return `${qualified(table)}${columns}${where}`;
}

function parametersSql({ operations, viaPartitionRoot, generatedColumns }: ResolvedPublication): string {
  const parameters = [
    `publish = '${operations.join(", ")}'`,
    `publish_via_partition_root = ${viaPartitionRoot}`,
    ...(generatedColumns ? ["publish_generated_columns = stored"] : []),
  ];
  return parameters.join(", ");
}
