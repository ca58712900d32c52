import { ByteReader } from "../byte-reader.ts";
import { type Lsn, lsnFromHalves } from "../lsn.ts";
import { ProtocolError } from "../protocol-error.ts";
import { writeClock, writeLsn } from "./write-lsn-and-clock.ts";

/** The first byte of a keepalive, `k`. */
export const PRIMARY_KEEPALIVE = 0x6b;

/**
 * The server's keepalive. It may stand between any two messages, inside a transaction too.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export interface PrimaryKeepalive {
  readonly type: "primaryKeepalive";
  /** How far the server has read its WAL for us. It can go back on one connection (W31): take a maximum. */
  readonly walEnd: Lsn;
  /** The server's time of sending, microseconds since 2000-01-01 UTC. */
  readonly clock: bigint;
  /** The server has heard nothing for half of wal_sender_timeout, or is shutting down: answer now. */
  readonly replyRequested: boolean;
}

/**
 * Reads a keepalive, as it stands in a CopyData body.
 * @throws ProtocolError `message_truncated`, `message_oversized`, or `message_unknown` when it is another message.
 */
export function decodePrimaryKeepalive(message: Uint8Array): PrimaryKeepalive {
  const reader = new ByteReader(message);
  if (reader.uint8() !== PRIMARY_KEEPALIVE) {
    throw new ProtocolError("message_unknown", "Not a keepalive.", { offset: 0 });
  }
  const walEnd = lsnFromHalves(reader.uint32(), reader.uint32());
  const clock = reader.int64();
  const replyRequested = reader.uint8() !== 0;
  reader.end();
  return { type: "primaryKeepalive", walEnd, clock, replyRequested };
}

/** The CopyData body for a keepalive, as a server would send it. */
export function encodePrimaryKeepalive(message: Omit<PrimaryKeepalive, "type">): Buffer {
  const bytes = Buffer.allocUnsafe(18);
  bytes[0] = PRIMARY_KEEPALIVE;
  writeLsn(bytes, message.walEnd, 1);
  writeClock(bytes, message.clock, 9);
  bytes[17] = message.replyRequested ? 1 : 0;
  return bytes;
}
