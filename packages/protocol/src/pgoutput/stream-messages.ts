import type { ByteReader } from "../byte-reader.ts";
import type { Lsn } from "../lsn.ts";
import { readLsn, readUnusedFlags } from "./wire-fields.ts";

/**
 * A chunk of a transaction that has not committed yet (protocol 2 and later). Until Stream Stop, changes belong to it
 * and bear the xid of their subtransaction. Chunks never nest.
 * @see https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html#PROTOCOL-LOGICALREP-MESSAGE-FORMATS-STREAM-START
 */
export interface StreamStartMessage {
  readonly kind: "streamStart";
  /** The top transaction's. */
  readonly xid: number;
  /** The first chunk of this xid on this connection: throw away what is still held of it from an earlier one. */
  readonly first: boolean;
}

/** The chunk ends. Chunks of others, whole transactions and keepalives may stand before the next one. */
export interface StreamStopMessage {
  readonly kind: "streamStop";
  /** The top transaction's; not on the wire, taken from the Stream Start. */
  readonly xid: number;
}

/** A streamed transaction has committed. Acknowledge `endLsn`. */
export interface StreamCommitMessage {
  readonly kind: "streamCommit";
  readonly xid: number;
  /** Where the commit record starts. */
  readonly commitLsn: Lsn;
  /** Where the commit record ends. */
  readonly endLsn: Lsn;
  /** Microseconds since 2000-01-01 UTC. */
  readonly commitClock: bigint;
}

/** A streamed transaction, or one subtransaction of it, has rolled back: discard what bore `subxid`. */
export interface StreamAbortMessage {
  readonly kind: "streamAbort";
  /** The top transaction's. */
  readonly xid: number;
  /** What has rolled back; the same as `xid` when everything has. */
  readonly subxid: number;
  /** Protocol 4 with `streaming 'parallel'` only, else `null`. */
  readonly abort: { readonly lsn: Lsn /** Microseconds since 2000-01-01 UTC. */; readonly clock: bigint } | null;
}

export function readStreamStart(reader: ByteReader): StreamStartMessage {
  const xid = reader.uint32();
  const at = reader.offset;
  const first = reader.uint8();
  if (first > 1) throw reader.malformed(`A Stream Start whose first-segment byte is ${first}`, at);
  return { kind: "streamStart", xid, first: first === 1 };
}

export function readStreamCommit(reader: ByteReader): StreamCommitMessage {
  const xid = reader.uint32();
  readUnusedFlags(reader);
  const commitLsn = readLsn(reader);
  const endLsn = readLsn(reader);
  return { kind: "streamCommit", xid, commitLsn, endLsn, commitClock: reader.int64() };
}

/** Whether the protocol 4 fields are there is told by the length alone: `proto_version` 4 does not imply them. */
export function readStreamAbort(reader: ByteReader): StreamAbortMessage {
  const xid = reader.uint32();
  const subxid = reader.uint32();
  if (reader.remaining === 0) return { kind: "streamAbort", xid, subxid, abort: null };
  const lsn = readLsn(reader);
  return { kind: "streamAbort", xid, subxid, abort: { lsn, clock: reader.int64() } };
}
