import type { LogicalMessage, RelationMessage, Row } from "@trunkline/protocol";
import type { Position } from "../position/position.ts";
import type { RelationDiff } from "./relation-diff.ts";

/**
 * The rows of each table, by the name under which changes come: `"orders"` for a table in `public`, `"audit.events"`
 * elsewhere. They describe what the parsers give and are not checked at run time.
 */
export type Relations = object;

/** The tables of a set of relations; any name where none were described. */
export type TableOf<R extends Relations> = keyof R & string;

/** The row as it was. `key`: the columns of the replica identity alone. `full`: all columns. */
export type OldTuple<RowType> =
  | { readonly type: "key"; readonly row: Partial<RowType> }
  | { readonly type: "full"; readonly row: RowType };

interface OfTable<Table extends string> {
  readonly position: Position;
  readonly table: Table;
  readonly relation: RelationMessage;
}

/** A row was inserted. */
export interface Inserted<Table extends string, RowType> extends OfTable<Table> {
  readonly kind: "insert";
  readonly new: RowType;
}

/**
 * A row was updated. `old` is `null` where the replica identity is the key and the key stayed as it was. A TOASTed value
 * that was left alone is `unchangedToast` in `new`, unless the replica identity is full: then it is filled in.
 */
export interface Updated<Table extends string, RowType> extends OfTable<Table> {
  readonly kind: "update";
  readonly old: OldTuple<RowType> | null;
  readonly new: RowType;
}

/** A row was deleted. */
export interface Deleted<Table extends string, RowType> extends OfTable<Table> {
  readonly kind: "delete";
  readonly old: OldTuple<RowType>;
}

/** One TRUNCATE statement, with all published tables it emptied. */
export interface Truncated<Table extends string> {
  readonly kind: "truncate";
  readonly position: Position;
  readonly tables: readonly Table[];
  readonly relations: readonly RelationMessage[];
  readonly cascade: boolean;
  readonly restartIdentity: boolean;
}

/** What `pg_logical_emit_message` wrote within the transaction. */
export interface Emitted {
  readonly kind: "message";
  readonly position: Position;
  readonly prefix: string;
  readonly content: Uint8Array;
}

/**
 * A table differs from how it was last described to this process. It takes no position of its own: `position` is that
 * of the next change.
 */
export interface Altered<Table extends string> extends OfTable<Table> {
  readonly kind: "relation";
  readonly diff: RelationDiff;
}

type RowChange<R extends Relations> = {
  [Table in TableOf<R>]: Inserted<Table, R[Table]> | Updated<Table, R[Table]> | Deleted<Table, R[Table]>;
}[TableOf<R>];

/** One change of a transaction; switch on `kind`, then on `table`. */
export type SubscriptionChange<R extends Relations = Record<string, Row>> =
  | RowChange<R>
  | Truncated<TableOf<R>>
  | Emitted
  | Altered<TableOf<R>>;

/** A change of any table. */
export type AnyChange = SubscriptionChange<Record<string, Row>>;

/** A message that was written outside of transactions (`transactional: false`). */
export interface StandaloneMessage {
  readonly prefix: string;
  readonly content: Uint8Array;
  /** Where its record ends, and index 0. */
  readonly position: Position;
}

/** The name under which a relation's changes come. */
export const tableName = ({ schema, name }: RelationMessage): string =>
  schema === "public" ? name : `${schema}.${name}`;

/** A message outside transactions as the handler gets it. */
export const standalone = ({ prefix, content, lsn }: LogicalMessage): StandaloneMessage => ({
  prefix,
  content,
  position: { commitLsn: lsn, index: 0 },
});
