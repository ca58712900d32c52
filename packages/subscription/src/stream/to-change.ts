import { type Change, fillUnchangedToast, type LogicalMessage, type RelationMessage } from "@trunkline/protocol";
import type { Position } from "../position/position.ts";
import { type AnyChange, tableName } from "./change.ts";
import { diffRelations } from "./relation-diff.ts";

/** A decoded change as handlers get it. */
export function toChange(change: Change, position: Position): AnyChange {
  switch (change.kind) {
    case "insert": {
      const { relation } = change;
      return { kind: "insert", position, table: tableName(relation), relation, new: change.new };
    }
    case "update": {
      const { relation, old } = change;
      const filled = old?.type === "full" ? fillUnchangedToast(change.new, old.row) : change.new;
      return { kind: "update", position, table: tableName(relation), relation, old, new: filled };
    }
    case "delete": {
      const { relation, old } = change;
      return { kind: "delete", position, table: tableName(relation), relation, old };
    }
    case "truncate": {
      const { relations, cascade, restartIdentity } = change;
      return { kind: "truncate", position, tables: relations.map(tableName), relations, cascade, restartIdentity };
    }
  }
}

/** A message within a transaction as handlers get it. */
export const toMessage = ({ prefix, content }: LogicalMessage, position: Position): AnyChange => ({
  kind: "message",
  position,
  prefix,
  content,
});

/** Remembers how tables were described last, over all sessions of a process, and tells what is different. */
export class KnownRelations {
  readonly #known = new Map<number, RelationMessage>();

  /** Takes note of a description. Answers with what is different, at `position`; `undefined` when nothing is. */
  learn(relation: RelationMessage, position: Position): AnyChange | undefined {
    const before = this.#known.get(relation.id);
    this.#known.set(relation.id, relation);
    const diff = before === undefined ? undefined : diffRelations(before, relation);
    return diff === undefined ? undefined : { kind: "relation", position, table: tableName(relation), relation, diff };
  }
}
