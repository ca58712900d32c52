import type { ByteReader } from "../byte-reader.ts";
import type { Lsn } from "../lsn.ts";
import { readLsn, readUnusedFlags } from "./wire-fields.ts";

/** What names a prepared transaction. */
interface Prepared {
  /** Where the prepare record starts. */
  readonly prepareLsn: Lsn;
  /** Where the prepare record ends. */
  readonly endLsn: Lsn;
  /** Microseconds since 2000-01-01 UTC. */
  readonly prepareClock: bigint;
  readonly xid: number;
  /** The name given to PREPARE TRANSACTION. */
  readonly gid: string;
}

/**
 * A prepared transaction begins (protocol 3; a two-phase slot sends it to older protocols too).
 * @see https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html#PROTOCOL-LOGICALREP-MESSAGE-FORMATS-BEGIN-PREPARE
 */
export interface BeginPrepareMessage extends Prepared {
  readonly kind: "beginPrepare";
}

/** The prepared transaction is complete; Commit Prepared or Rollback Prepared follows some time, without its rows. */
export interface PrepareMessage extends Prepared {
  readonly kind: "prepare";
}

/** A streamed transaction has been prepared. */
export interface StreamPrepareMessage extends Prepared {
  readonly kind: "streamPrepare";
}

/** COMMIT PREPARED of what was prepared before under `gid`. Its rows do not come again. */
export interface CommitPreparedMessage {
  readonly kind: "commitPrepared";
  /** Where the commit record starts. */
  readonly commitLsn: Lsn;
  /** Where the commit record ends. */
  readonly endLsn: Lsn;
  /** Microseconds since 2000-01-01 UTC. */
  readonly commitClock: bigint;
  readonly xid: number;
  readonly gid: string;
}

/** ROLLBACK PREPARED of what was prepared before under `gid`. */
export interface RollbackPreparedMessage {
  readonly kind: "rollbackPrepared";
  /** Where the record of the PREPARE ends. */
  readonly prepareEndLsn: Lsn;
  /** Where the record of the rollback ends. */
  readonly rollbackEndLsn: Lsn;
  /** Microseconds since 2000-01-01 UTC. */
  readonly prepareClock: bigint;
  /** Microseconds since 2000-01-01 UTC. */
  readonly rollbackClock: bigint;
  readonly xid: number;
  readonly gid: string;
}

export function readBeginPrepare(reader: ByteReader): BeginPrepareMessage {
  return { kind: "beginPrepare", ...readPrepared(reader) };
}

export function readPrepare(reader: ByteReader): PrepareMessage {
  readUnusedFlags(reader);
  return { kind: "prepare", ...readPrepared(reader) };
}

export function readStreamPrepare(reader: ByteReader): StreamPrepareMessage {
  readUnusedFlags(reader);
  return { kind: "streamPrepare", ...readPrepared(reader) };
}

export function readCommitPrepared(reader: ByteReader): CommitPreparedMessage {
  readUnusedFlags(reader);
  const commitLsn = readLsn(reader);
  const endLsn = readLsn(reader);
  const commitClock = reader.int64();
  const xid = reader.uint32();
  return { kind: "commitPrepared", commitLsn, endLsn, commitClock, xid, gid: reader.cstring() };
}

export function readRollbackPrepared(reader: ByteReader): RollbackPreparedMessage {
  readUnusedFlags(reader);
  const prepareEndLsn = readLsn(reader);
  const rollbackEndLsn = readLsn(reader);
  const prepareClock = reader.int64();
  const rollbackClock = reader.int64();
  const xid = reader.uint32();
  const gid = reader.cstring();
  return { kind: "rollbackPrepared", prepareEndLsn, rollbackEndLsn, prepareClock, rollbackClock, xid, gid };
}

function readPrepared(reader: ByteReader): Prepared {
  const prepareLsn = readLsn(reader);
  const endLsn = readLsn(reader);
  const prepareClock = reader.int64();
  const xid = reader.uint32();
  return { prepareLsn, endLsn, prepareClock, xid, gid: reader.cstring() };
}
