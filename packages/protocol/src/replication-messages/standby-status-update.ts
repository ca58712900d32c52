import { ByteReader } from "../byte-reader.ts";
import { type Lsn, lsnFromHalves } from "../lsn.ts";
import { ProtocolError } from "../protocol-error.ts";
import { writeClock, writeLsn } from "./write-lsn-and-clock.ts";

/** The first byte of a standby status update, `r`. */
export const STANDBY_STATUS_UPDATE = 0x72;

/**
 * What the client tells the server about its progress. Only `flushed` moves the slot (W11), and the server believes
 * it: a transaction whose end LSN is at or below `flushed` never comes again.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export interface StandbyStatusUpdate {
  readonly type: "standbyStatusUpdate";
  /** Received so far. Below the keepalive's walEnd in both `written` and `flushed`, it draws another keepalive (W27). */
  readonly written: Lsn;
  /** The server may discard WAL before this: never ahead of what the consumer has stored. `0/0` confirms nothing. */
  readonly flushed: Lsn;
  /** Shown in `pg_stat_replication.replay_lsn`; moves nothing. */
  readonly applied: Lsn;
  /** The client's time, microseconds since 2000-01-01 UTC. */
  readonly clock: bigint;
  /** Ask the server for a keepalive at once. */
  readonly replyRequested: boolean;
}

/**
 * The CopyData body for a standby status update, 34 bytes.
 * @throws ProtocolError `lsn_out_of_range`, `clock_out_of_range`.
 */
export function encodeStandbyStatusUpdate(message: Omit<StandbyStatusUpdate, "type">): Buffer {
  const bytes = Buffer.allocUnsafe(34);
  bytes[0] = STANDBY_STATUS_UPDATE;
  writeLsn(bytes, message.written, 1);
  writeLsn(bytes, message.flushed, 9);
  writeLsn(bytes, message.applied, 17);
  writeClock(bytes, message.clock, 25);
  bytes[33] = message.replyRequested ? 1 : 0;
  return bytes;
}

/**
 * Reads a standby status update, as a server receives it in a CopyData body.
 * @throws ProtocolError `message_truncated`, `message_oversized`, or `message_unknown` when it is another message.
 */
export function decodeStandbyStatusUpdate(message: Uint8Array): StandbyStatusUpdate {
  const reader = new ByteReader(message);
  if (reader.uint8() !== STANDBY_STATUS_UPDATE) {
    throw new ProtocolError("message_unknown", "Not a standby status update.", { offset: 0 });
  }
  const written = lsnFromHalves(reader.uint32(), reader.uint32());
  const flushed = lsnFromHalves(reader.uint32(), reader.uint32());
  const applied = lsnFromHalves(reader.uint32(), reader.uint32());
  const clock = reader.int64();
  const replyRequested = reader.uint8() !== 0;
  reader.end();
  return { type: "standbyStatusUpdate", written, flushed, applied, clock, replyRequested };
}
