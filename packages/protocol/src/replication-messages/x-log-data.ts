import { uint32At } from "../big-endian.ts";
import { ByteReader } from "../byte-reader.ts";
import { type Lsn, lsnFromHalves } from "../lsn.ts";
import { ProtocolError } from "../protocol-error.ts";
import { writeClock, writeLsn } from "./write-lsn-and-clock.ts";

/** The first byte of an XLogData message, `w`. */
export const X_LOG_DATA = 0x77;

/** Where the payload of an XLogData message begins: one tag byte, two LSNs, one clock. */
export const X_LOG_DATA_HEADER_BYTES = 25;

/**
 * WAL, or under logical replication one message of the output plugin, from the server.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export interface XLogData {
  readonly type: "xLogData";
  /** The LSN of the change inside; `0/0` before a Relation. Not monotonic: transactions arrive in commit order. */
  readonly walStart: Lsn;
  /** The end of WAL as the server states it; under pgoutput the same as `walStart`. */
  readonly walEnd: Lsn;
  /** The server's time of sending, microseconds since 2000-01-01 UTC. */
  readonly clock: bigint;
  /** The payload: a view of the message's memory when decoded. Copy what you keep. */
  readonly data: Uint8Array;
}

/**
 * Reads a whole XLogData message, as it stands in a CopyData body. `data` is a view.
 * @throws ProtocolError `message_truncated` below 25 bytes, `message_unknown` when it is another message.
 */
export function decodeXLogData(message: Uint8Array): XLogData {
  const reader = new ByteReader(message);
  if (reader.uint8() !== X_LOG_DATA) throw new ProtocolError("message_unknown", "Not an XLogData.", { offset: 0 });
  const walStart = lsnFromHalves(reader.uint32(), reader.uint32());
  const walEnd = lsnFromHalves(reader.uint32(), reader.uint32());
  return { type: "xLogData", walStart, walEnd, clock: reader.int64(), data: reader.rest() };
}

/**
 * Whether the message is an XLogData, checked as far as its payload: one comparison, nothing allocated. After `true`,
 * {@link readXLogDataStart} and byte {@link X_LOG_DATA_HEADER_BYTES} can be read without another check.
 * @param bytes the message, or what it is a part of
 * @param from where it begins (default 0)
 * @param to where it ends, exclusive (default: with the bytes)
 * @throws ProtocolError `message_truncated` when it is one of less than 25 bytes.
 */
export function isXLogData(bytes: Uint8Array, from = 0, to: number = bytes.length): boolean {
  if (bytes[from] !== X_LOG_DATA) return false;
  if (to - from >= X_LOG_DATA_HEADER_BYTES) return true;
  throw new ByteReader(bytes.subarray(from, to), to - from).truncated("the header of an XLogData");
}

/** `walStart` of a message, which begins at `from`, for which {@link isXLogData} said yes. Allocates one bigint. */
export function readXLogDataStart(bytes: Uint8Array, from = 0): Lsn {
  return lsnFromHalves(uint32At(bytes, from + 1), uint32At(bytes, from + 5));
}

/** `walEnd` of a message, which begins at `from`, for which {@link isXLogData} said yes. Allocates one bigint. */
export function readXLogDataEnd(bytes: Uint8Array, from = 0): Lsn {
  return lsnFromHalves(uint32At(bytes, from + 9), uint32At(bytes, from + 13));
}

/** The CopyData body for an XLogData, as a server would send it. */
export function encodeXLogData(message: Omit<XLogData, "type">): Buffer {
  const bytes = Buffer.allocUnsafe(X_LOG_DATA_HEADER_BYTES + message.data.length);
  bytes[0] = X_LOG_DATA;
  writeLsn(bytes, message.walStart, 1);
  writeLsn(bytes, message.walEnd, 9);
  writeClock(bytes, message.clock, 17);
  bytes.set(message.data, X_LOG_DATA_HEADER_BYTES);
  return bytes;
}
