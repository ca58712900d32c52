import { parseSlotRow } from "../slot/slot-facts.ts";
import type { Facts, PublicationFacts, PublishedTable, ServerFacts, TableFacts } from "./facts.ts";

interface Answer {
  readonly server: ServerFacts;
  readonly slot: unknown;
  readonly publications: readonly PublicationRow[] | null;
  readonly published: readonly PublishedRow[] | null;
  readonly relations: readonly RelationRow[] | null;
  readonly tables: readonly TableRow[] | null;
}

interface PublicationRow {
  readonly pubname: string;
  readonly puballtables: boolean;
  readonly pubinsert: boolean;
  readonly pubupdate: boolean;
  readonly pubdelete: boolean;
  readonly pubtruncate: boolean;
  readonly pubviaroot: boolean;
  readonly pubgencols?: string;
}

interface PublishedRow {
  readonly pubname: string;
  readonly schemaname: string;
  readonly tablename: string;
  readonly attnames?: readonly string[] | null;
  readonly rowfilter?: string | null;
}

interface RelationRow {
  readonly publication: string;
  readonly schema: string;
  readonly table: string;
  readonly listed: boolean;
  readonly columns: readonly string[] | null;
}

type Lists = "identityColumns" | "ancestors" | "columns" | "generated";
type TableRow = Omit<TableFacts, Lists> & { readonly [Key in Lists]: readonly string[] | null };

/** Reads the answer to `factsSql`. */
export function parseFacts(json: string): Facts {
  const answer = JSON.parse(json) as Answer;
  const { published, relations } = answer;
  return {
    server: answer.server,
    slot: parseSlotRow(answer.slot === null ? null : JSON.stringify(answer.slot)),
    publications: (answer.publications ?? []).map((row) => publicationOf(row, published ?? [], relations ?? [])),
    tables: (answer.tables ?? []).map(
      (row): TableFacts => ({
        ...row,
        identityColumns: row.identityColumns ?? [],
        ancestors: row.ancestors ?? [],
        columns: row.columns ?? [],
        generated: row.generated ?? [],
      }),
    ),
  };
}

function publicationOf(
  row: PublicationRow,
  published: readonly PublishedRow[],
  relations: readonly RelationRow[],
): PublicationFacts {
  const flags = { insert: row.pubinsert, update: row.pubupdate, delete: row.pubdelete, truncate: row.pubtruncate };
  return {
    name: row.pubname,
    allTables: row.puballtables,
    operations: Object.entries(flags).flatMap(([name, on]) => (on ? [name] : [])),
    viaPartitionRoot: row.pubviaroot,
    generatedColumns: row.pubgencols === "s",
    tables: published.filter(({ pubname }) => pubname === row.pubname).map((table) => tableOf(table, relations)),
  };
}

function tableOf(row: PublishedRow, relations: readonly RelationRow[]): PublishedTable {
  const relation = relations.find(
    ({ publication, schema, table }) =>
      publication === row.pubname && schema === row.schemaname && table === row.tablename,
  );
  // The catalog's dependencies hold the columns of the list and those of the filter alike.
  const filterColumns = relation === undefined || relation.listed ? [] : (relation.columns ?? []);
  return {
    schema: row.schemaname,
    table: row.tablename,
    columns: relation?.listed === true ? (row.attnames ?? undefined) : undefined,
    rowFilter: row.rowfilter ?? undefined,
    filterColumns,
  };
}
