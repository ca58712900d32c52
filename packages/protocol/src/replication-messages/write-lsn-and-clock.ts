import { type Lsn, lsn } from "../lsn.ts";
import { CLOCK_INFINITY, CLOCK_MINUS_INFINITY } from "../postgres-clock.ts";
import { ProtocolError } from "../protocol-error.ts";

/** Writes an LSN at the offset, big-endian. @throws ProtocolError `lsn_out_of_range` for what is no LSN. */
export function writeLsn(bytes: Buffer, value: Lsn, offset: number): void {
  bytes.writeBigUInt64BE(lsn(value), offset);
}

/** Writes a clock at the offset, big-endian. @throws ProtocolError `clock_out_of_range` outside signed 64 bits. */
export function writeClock(bytes: Buffer, clock: bigint, offset: number): void {
  if (typeof clock !== "bigint" || clock < CLOCK_MINUS_INFINITY || clock > CLOCK_INFINITY) {
    throw new ProtocolError("clock_out_of_range", `${String(clock)} is not a time on Postgres' clock.`);
  }
  bytes.writeBigInt64BE(clock, offset);
}
