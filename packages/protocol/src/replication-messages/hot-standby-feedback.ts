import { ByteReader } from "../byte-reader.ts";
import { ProtocolError } from "../protocol-error.ts";
import { writeClock } from "./write-lsn-and-clock.ts";

/** The first byte of a hot standby feedback, `h`. */
export const HOT_STANDBY_FEEDBACK = 0x68;

/**
 * A physical standby's request that the primary keeps rows it still needs. Logical clients don't send it.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export interface HotStandbyFeedback {
  readonly type: "hotStandbyFeedback";
  /** The client's time, microseconds since 2000-01-01 UTC. */
  readonly clock: bigint;
  /** The oldest transaction id the standby needs, unsigned 32 bits; 0 (with catalogXmin 0): no longer any. */
  readonly xmin: number;
  /** The wrap-around epoch of `xmin`. */
  readonly xminEpoch: number;
  /** The oldest transaction id needed for catalogs by logical slots on the standby; 0: none. */
  readonly catalogXmin: number;
  /** The wrap-around epoch of `catalogXmin`. */
  readonly catalogXminEpoch: number;
}

/**
 * The CopyData body for a hot standby feedback, 25 bytes.
 * @throws ProtocolError `clock_out_of_range`; `option_invalid` for a number that is not an unsigned 32-bit integer.
 */
export function encodeHotStandbyFeedback(message: Omit<HotStandbyFeedback, "type">): Buffer {
  const bytes = Buffer.allocUnsafe(25);
  bytes[0] = HOT_STANDBY_FEEDBACK;
  writeClock(bytes, message.clock, 1);
  const fields = ["xmin", "xminEpoch", "catalogXmin", "catalogXminEpoch"] as const;
  for (const [index, field] of fields.entries()) {
    const value = message[field];
    if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw new ProtocolError("option_invalid", `${field} is ${String(value)}, not an unsigned 32-bit integer.`);
    }
    bytes.writeUInt32BE(value, 9 + 4 * index);
  }
  return bytes;
}

/**
 * Reads a hot standby feedback, as a server receives it in a CopyData body.
 * @throws ProtocolError `message_truncated`, `message_oversized`, or `message_unknown` when it is another message.
 */
export function decodeHotStandbyFeedback(message: Uint8Array): HotStandbyFeedback {
  const reader = new ByteReader(message);
  if (reader.uint8() !== HOT_STANDBY_FEEDBACK) {
    throw new ProtocolError("message_unknown", "Not a hot standby feedback.", { offset: 0 });
  }
  const clock = reader.int64();
  const xmin = reader.uint32();
  const xminEpoch = reader.uint32();
  const catalogXmin = reader.uint32();
  const catalogXminEpoch = reader.uint32();
  reader.end();
  return { type: "hotStandbyFeedback", clock, xmin, xminEpoch, catalogXmin, catalogXminEpoch };
}
