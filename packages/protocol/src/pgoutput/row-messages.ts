import type { ByteReader } from "../byte-reader.ts";
import { readTuple, type Tuple } from "./tuple.ts";

/** The letters that introduce a tuple: the new row, the key of the old one, or the whole old one. */
export const tupleTag = { new: 0x4e, key: 0x4b, old: 0x4f } as const;

/**
 * The row as it was. `key`: only the columns of the replica identity bear values, the others are sent as null whatever
 * they were. `full`: all columns, under replica identity full.
 */
export interface OldTuple {
  readonly type: "key" | "full";
  readonly tuple: Tuple;
}

/** A row was inserted. `xid`: the (sub)transaction's inside a stream, else `null`; in all four of these messages. */
export interface InsertMessage {
  readonly kind: "insert";
  readonly xid: number | null;
  readonly relationId: number;
  readonly new: Tuple;
}

/** A row was updated. `old` is `null` where the replica identity is the key and the key stayed as it was. */
export interface UpdateMessage {
  readonly kind: "update";
  readonly xid: number | null;
  readonly relationId: number;
  readonly old: OldTuple | null;
  readonly new: Tuple;
}

/** A row was deleted. */
export interface DeleteMessage {
  readonly kind: "delete";
  readonly xid: number | null;
  readonly relationId: number;
  readonly old: OldTuple;
}

/** One TRUNCATE statement, with all published tables it emptied. */
export interface TruncateMessage {
  readonly kind: "truncate";
  readonly xid: number | null;
  readonly relationIds: readonly number[];
  readonly cascade: boolean;
  readonly restartIdentity: boolean;
}

export function readInsert(reader: ByteReader, xid: number | null): InsertMessage {
  const relationId = reader.uint32();
  const at = reader.offset;
  const tag = reader.uint8();
  if (tag !== tupleTag.new) throw reader.malformed(`A tuple of kind ${tag} in an Insert`, at);
  return { kind: "insert", xid, relationId, new: readTuple(reader) };
}

export function readUpdate(reader: ByteReader, xid: number | null): UpdateMessage {
  const relationId = reader.uint32();
  let at = reader.offset;
  let tag = reader.uint8();
  let old: OldTuple | null = null;
  if (tag === tupleTag.key || tag === tupleTag.old) {
    old = readOld(reader, tag);
    at = reader.offset;
    tag = reader.uint8();
  }
  if (tag !== tupleTag.new) throw reader.malformed(`A tuple of kind ${tag} in an Update`, at);
  return { kind: "update", xid, relationId, old, new: readTuple(reader) };
}

export function readDelete(reader: ByteReader, xid: number | null): DeleteMessage {
  const relationId = reader.uint32();
  const at = reader.offset;
  const tag = reader.uint8();
  if (tag !== tupleTag.key && tag !== tupleTag.old) throw reader.malformed(`A tuple of kind ${tag} in a Delete`, at);
  return { kind: "delete", xid, relationId, old: readOld(reader, tag) };
}

export function readTruncate(reader: ByteReader, xid: number | null): TruncateMessage {
  const count = reader.uint32();
  const at = reader.offset;
  const flags = reader.uint8();
  if (flags > 3) throw reader.malformed(`A Truncate with flags ${flags}`, at);
  const relationIds: number[] = [];
  for (let index = 0; index < count; index++) relationIds.push(reader.uint32());
  return { kind: "truncate", xid, relationIds, cascade: (flags & 1) !== 0, restartIdentity: (flags & 2) !== 0 };
}

function readOld(reader: ByteReader, tag: number): OldTuple {
  return { type: tag === tupleTag.key ? "key" : "full", tuple: readTuple(reader) };
}
