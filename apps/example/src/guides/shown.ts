import { inspect } from "node:util";
import type { AnyChange, RelationDiff } from "@trunkline/subscription";

/** A change as one line of a guide. */
export function shown(change: AnyChange): string {
  switch (change.kind) {
    case "insert":
      return line("insert", change.table, { new: change.new });
    case "update":
      return line("update", change.table, { old: change.old, new: change.new });
    case "delete":
      return line("delete", change.table, { old: change.old });
    case "truncate":
      return `truncate ${change.tables.join(", ")}`;
    case "message":
      return `message ${change.prefix}`;
    case "relation":
      return line("relation", change.table, differences(change.diff));
  }
}

const line = (kind: string, table: string, rest: object): string =>
  `${kind} ${table} ${inspect(rest, { breakLength: Number.POSITIVE_INFINITY, maxStringLength: 20 })}`;

/** What is different, without what is not. */
function differences({ added, removed, altered, identityFrom }: RelationDiff): object {
  return {
    ...(added.length === 0 ? {} : { added: added.map(({ name }) => name) }),
    ...(removed.length === 0 ? {} : { removed: removed.map(({ name }) => name) }),
    ...(altered.length === 0 ? {} : { altered: altered.map(({ after }) => after.name) }),
    ...(identityFrom === undefined ? {} : { identityFrom }),
  };
}
