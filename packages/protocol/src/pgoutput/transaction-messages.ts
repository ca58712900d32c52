import type { ByteReader } from "../byte-reader.ts";
import type { Lsn } from "../lsn.ts";
import { readLsn, readUnusedFlags } from "./wire-fields.ts";

/**
 * A transaction that has committed begins; its changes follow, whole and in order.
 * @see https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html#PROTOCOL-LOGICALREP-MESSAGE-FORMATS-BEGIN
 */
export interface BeginMessage {
  readonly kind: "begin";
  /** Where the commit record starts: the same as `commitLsn` of the Commit to come. */
  readonly finalLsn: Lsn;
  /** Microseconds since 2000-01-01 UTC. */
  readonly commitClock: bigint;
  readonly xid: number;
}

/** The transaction is complete. Acknowledge `endLsn`: confirming `commitLsn` makes the server send it again. */
export interface CommitMessage {
  readonly kind: "commit";
  /** Where the commit record starts. */
  readonly commitLsn: Lsn;
  /** Where the commit record ends. */
  readonly endLsn: Lsn;
  /** Microseconds since 2000-01-01 UTC. */
  readonly commitClock: bigint;
}

/**
 * The transaction was replayed here from another server. Right after Begin or Begin Prepare; of a streamed transaction
 * in its first chunk, where its place on the other server is not known yet.
 */
export interface OriginMessage {
  readonly kind: "origin";
  /** Where it was committed on the server it came from; `0/0` in a stream. */
  readonly commitLsn: Lsn;
  /** The name given to `pg_replication_origin_create`. */
  readonly name: string;
}

/**
 * What `pg_logical_emit_message` wrote. A transactional one stands in its place inside its transaction; another comes
 * as soon as it is decoded, outside any transaction, even when the transaction that wrote it rolls back.
 */
export interface LogicalMessage {
  readonly kind: "message";
  /** The (sub)transaction's xid inside a stream, else `null`. */
  readonly xid: number | null;
  readonly transactional: boolean;
  /** The position `pg_logical_emit_message` returned: the end of its record. */
  readonly lsn: Lsn;
  readonly prefix: string;
  /** A copy: the reader's own. */
  readonly content: Uint8Array;
}

export function readBegin(reader: ByteReader): BeginMessage {
  const finalLsn = readLsn(reader);
  const commitClock = reader.int64();
  return { kind: "begin", finalLsn, commitClock, xid: reader.uint32() };
}

export function readCommit(reader: ByteReader): CommitMessage {
  readUnusedFlags(reader);
  const commitLsn = readLsn(reader);
  const endLsn = readLsn(reader);
  return { kind: "commit", commitLsn, endLsn, commitClock: reader.int64() };
}

export function readOrigin(reader: ByteReader): OriginMessage {
  const commitLsn = readLsn(reader);
  return { kind: "origin", commitLsn, name: reader.cstring() };
}

export function readLogicalMessage(reader: ByteReader, xid: number | null): LogicalMessage {
  const at = reader.offset;
  const flags = reader.uint8();
  if (flags > 1) throw reader.malformed(`A logical message with flags ${flags}`, at);
  const lsn = readLsn(reader);
  const prefix = reader.cstring();
  const content = Uint8Array.from(reader.bytes(reader.int32()));
  return { kind: "message", xid, transactional: flags === 1, lsn, prefix, content };
}
