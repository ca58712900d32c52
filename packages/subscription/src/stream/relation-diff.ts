import type { RelationColumn, RelationMessage } from "@trunkline/protocol";

/** What is different about a table. */
export interface RelationDiff {
  /** The name it had, if it was renamed or moved. */
  readonly renamedFrom: { readonly schema: string; readonly name: string } | undefined;
  readonly added: readonly RelationColumn[];
  readonly removed: readonly RelationColumn[];
  /** Columns whose type, modifier or part in the replica identity is another one. */
  readonly altered: readonly { readonly before: RelationColumn; readonly after: RelationColumn }[];
  /** The replica identity it had, if that is another one. */
  readonly identityFrom: RelationMessage["replicaIdentity"] | undefined;
}

/**
 * Compares two descriptions of a table; `undefined` when nothing is different, since the server repeats descriptions for
 * many reasons (W107). A renamed column is one that was removed and one that was added: nothing tells them apart.
 */
export function diffRelations(before: RelationMessage, after: RelationMessage): RelationDiff | undefined {
  const was = new Map(before.columns.map((column) => [column.name, column]));
  const is = new Map(after.columns.map((column) => [column.name, column]));
  const diff: RelationDiff = {
    renamedFrom:
      before.schema === after.schema && before.name === after.name
        ? undefined
        : { schema: before.schema, name: before.name },
    added: after.columns.filter(({ name }) => !was.has(name)),
    removed: before.columns.filter(({ name }) => !is.has(name)),
    altered: after.columns.flatMap((column) => {
      const other = was.get(column.name);
      return other === undefined || sameColumn(other, column) ? [] : [{ before: other, after: column }];
    }),
    identityFrom: before.replicaIdentity === after.replicaIdentity ? undefined : before.replicaIdentity,
  };
  const different =
    diff.renamedFrom !== undefined ||
    diff.identityFrom !== undefined ||
    diff.added.length + diff.removed.length + diff.altered.length > 0;
  return different ? diff : undefined;
}

const sameColumn = (a: RelationColumn, b: RelationColumn): boolean =>
  a.typeOid === b.typeOid && a.typeModifier === b.typeModifier && a.key === b.key;
