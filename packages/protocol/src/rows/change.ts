import type { FrameMessage } from "../pgoutput/pgoutput-message.ts";
import type { RelationMessage } from "../pgoutput/relation-messages.ts";
import type { Row } from "./row.ts";

/**
 * The row as it was. `key`: only the columns of the replica identity are there. `full`: all columns, under replica
 * identity full.
 */
export interface OldRow {
  readonly type: "key" | "full";
  readonly row: Row;
}

/** A row was inserted. `xid`: the (sub)transaction's inside a stream, else `null`; in all four changes. */
export interface InsertChange {
  readonly kind: "insert";
  readonly xid: number | null;
  readonly relation: RelationMessage;
  readonly new: Row;
}

/** A row was updated. `old` is `null` where the replica identity is the key and the key stayed as it was. */
export interface UpdateChange {
  readonly kind: "update";
  readonly xid: number | null;
  readonly relation: RelationMessage;
  readonly old: OldRow | null;
  readonly new: Row;
}

/** A row was deleted. */
export interface DeleteChange {
  readonly kind: "delete";
  readonly xid: number | null;
  readonly relation: RelationMessage;
  readonly old: OldRow;
}

/** One TRUNCATE statement, with all published tables it emptied. */
export interface TruncateChange {
  readonly kind: "truncate";
  readonly xid: number | null;
  readonly relations: readonly RelationMessage[];
  readonly cascade: boolean;
  readonly restartIdentity: boolean;
}

/** What happened to the rows of tables. */
export type Change = InsertChange | UpdateChange | DeleteChange | TruncateChange;

/** A pgoutput message with its rows decoded; switch on `kind`. */
export type DecodedMessage = FrameMessage | Change;
