import type { ByteReader } from "../byte-reader.ts";
import { type Lsn, lsnFromHalves } from "../lsn.ts";

/** The next 8 bytes as an LSN. */
export function readLsn(reader: ByteReader): Lsn {
  const high = reader.uint32();
  return lsnFromHalves(high, reader.uint32());
}

/** A flags byte that every version so far sends as 0. @throws ProtocolError `message_malformed` for another value. */
export function readUnusedFlags(reader: ByteReader): void {
  const at = reader.offset;
  const flags = reader.uint8();
  if (flags !== 0) throw reader.malformed(`Flags of ${flags}, where none is defined,`, at);
}
