import type { ByteReader } from "../byte-reader.ts";

/**
 * What identifies a row in old tuples: the primary key, nothing, all columns, or the columns of a chosen index.
 * @see https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-REPLICA-IDENTITY
 */
export type ReplicaIdentity = "default" | "nothing" | "full" | "index";

/** A column as it is published; dropped, unpublished and (mostly) generated columns are not there. */
export interface RelationColumn {
  readonly name: string;
  /** `pg_type.oid`. */
  readonly typeOid: number;
  /** `pg_attribute.atttypmod`: -1 when the type has no modifier. */
  readonly typeModifier: number;
  /** Part of the replica identity; with identity `full` every column is. */
  readonly key: boolean;
}

/**
 * A table as the rows that follow have it, until the next Relation with the same `id`. It comes before a relation's
 * first row, and again, also in mid-transaction, after anything that might have changed it.
 * @see https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html#PROTOCOL-LOGICALREP-MESSAGE-FORMATS-RELATION
 */
export interface RelationMessage {
  readonly kind: "relation";
  /** The (sub)transaction's xid inside a stream, else `null`. */
  readonly xid: number | null;
  /** `pg_class.oid`. */
  readonly id: number;
  /** The namespace; what the wire sends as an empty string is `"pg_catalog"` here. */
  readonly schema: string;
  readonly name: string;
  readonly replicaIdentity: ReplicaIdentity;
  readonly columns: readonly RelationColumn[];
}

/** The name of a type that is not built in, before the Relation that uses it. A domain's message bears its base type's name. */
export interface TypeMessage {
  readonly kind: "type";
  /** The (sub)transaction's xid inside a stream, else `null`. */
  readonly xid: number | null;
  /** `pg_type.oid`. */
  readonly oid: number;
  /** The namespace; what the wire sends as an empty string is `"pg_catalog"` here. */
  readonly schema: string;
  readonly name: string;
}

const identities: Readonly<Record<string, ReplicaIdentity>> = { d: "default", n: "nothing", f: "full", i: "index" };

export function readRelation(reader: ByteReader, xid: number | null): RelationMessage {
  const id = reader.uint32();
  const schema = readSchema(reader);
  const name = reader.cstring();
  const at = reader.offset;
  const letter = String.fromCharCode(reader.uint8());
  const replicaIdentity = identities[letter];
  if (replicaIdentity === undefined) throw reader.malformed(`A replica identity of "${letter}"`, at);
  const count = reader.uint16();
  const columns: RelationColumn[] = [];
  for (let index = 0; index < count; index++) columns.push(readColumn(reader));
  return { kind: "relation", xid, id, schema, name, replicaIdentity, columns };
}

export function readType(reader: ByteReader, xid: number | null): TypeMessage {
  const oid = reader.uint32();
  const schema = readSchema(reader);
  return { kind: "type", xid, oid, schema, name: reader.cstring() };
}

function readColumn(reader: ByteReader): RelationColumn {
  const at = reader.offset;
  const flags = reader.uint8();
  if (flags > 1) throw reader.malformed(`A column with flags ${flags}`, at);
  const name = reader.cstring();
  const typeOid = reader.uint32();
  return { name, typeOid, typeModifier: reader.int32(), key: flags === 1 };
}

function readSchema(reader: ByteReader): string {
  return reader.cstring() || "pg_catalog";
}
