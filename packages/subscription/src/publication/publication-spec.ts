import { SubscriptionError } from "../errors/subscription-error.ts";

/** What a publication can publish. */
export type Operation = "insert" | "update" | "delete" | "truncate";

/** All of them, in the server's order. */
export const operations: readonly Operation[] = ["insert", "update", "delete", "truncate"];

/** A table to publish. */
export interface TableSpec {
  /** Default `"public"`. */
  readonly schema?: string;
  readonly table: string;
  /** The columns to publish (PostgreSQL 15); those of the replica identity must be among them. Default: all. */
  readonly columns?: readonly string[];
  /** Only rows for which this SQL expression is true (PostgreSQL 15), such as `status = 'paid'`. Default: all. */
  readonly where?: string;
}

/** A publication as it should be. It is created when it does not exist; one that exists is compared, never altered. */
export interface PublicationSpec {
  readonly name: string;
  /** `"orders"`, `"audit.events"` (cut at the first dot), or with more to say. */
  readonly tables?: readonly (string | TableSpec)[];
  /** All tables of these schemas, those to come included (PostgreSQL 15; needs a superuser). */
  readonly schemas?: readonly string[];
  /** Default: all four. */
  readonly operations?: readonly Operation[];
  /** Whether changes of partitions are sent under their root's name. Default `true`. */
  readonly viaPartitionRoot?: boolean;
  /** Whether stored generated columns are sent (PostgreSQL 18). Default `false`. */
  readonly generatedColumns?: boolean;
}

/** A {@link PublicationSpec} with every default filled in. */
export interface ResolvedPublication {
  readonly name: string;
  readonly tables: readonly ResolvedTable[];
  readonly schemas: readonly string[];
  /** Neither tables nor schemas are named: the publication is `FOR ALL TABLES`. */
  readonly allTables: boolean;
  readonly operations: readonly Operation[];
  readonly viaPartitionRoot: boolean;
  readonly generatedColumns: boolean;
}

/** A {@link TableSpec} with every default filled in. */
export interface ResolvedTable {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[] | undefined;
  readonly where: string | undefined;
}

/**
 * Fills in the defaults.
 * @throws SubscriptionError `option_invalid` for a name, table, column list or operation that can't be meant
 */
export function resolvePublication(spec: PublicationSpec): ResolvedPublication {
  if (typeof spec.name !== "string" || spec.name === "") throw invalid("A publication needs a name.");
  const wanted = spec.operations ?? operations;
  if (wanted.length === 0) throw invalid("A publication without operations publishes nothing.");
  for (const operation of wanted) {
    if (!operations.includes(operation)) throw invalid(`"${String(operation)}" is none of ${operations.join(", ")}.`);
  }
  const tables = (spec.tables ?? []).map(resolveTable);
  const schemas = spec.schemas ?? [];
  const named = spec.tables !== undefined || spec.schemas !== undefined;
  if (named && tables.length === 0 && schemas.length === 0) {
    throw invalid("An empty list of tables publishes nothing; leave it out to publish all tables.");
  }
  return {
    name: spec.name,
    tables,
    schemas,
    allTables: !named,
    operations: operations.filter((operation) => wanted.includes(operation)),
    viaPartitionRoot: spec.viaPartitionRoot ?? true,
    generatedColumns: spec.generatedColumns ?? false,
  };
}

function resolveTable(table: string | TableSpec): ResolvedTable {
  if (typeof table === "string") {
    const dot = table.indexOf(".");
    const [schema, name] = dot === -1 ? ["public", table] : [table.slice(0, dot), table.slice(dot + 1)];
    if (schema === "" || name === "") throw invalid(`"${table}" is no table's name.`);
    return { schema, table: name, columns: undefined, where: undefined };
  }
  if (typeof table.table !== "string" || table.table === "") throw invalid("A table needs a name.");
  if (table.columns?.length === 0) throw invalid(`The column list of ${table.table} is empty.`);
  return {
    schema: table.schema ?? "public",
    table: table.table,
    columns: table.columns,
    where: table.where,
  };
}

function invalid(what: string): SubscriptionError {
  return new SubscriptionError("option_invalid", what);
}
