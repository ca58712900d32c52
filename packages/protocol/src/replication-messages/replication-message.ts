import { ByteReader } from "../byte-reader.ts";
import { ProtocolError } from "../protocol-error.ts";
import { decodeHotStandbyFeedback, HOT_STANDBY_FEEDBACK, type HotStandbyFeedback } from "./hot-standby-feedback.ts";
import { decodePrimaryKeepalive, PRIMARY_KEEPALIVE, type PrimaryKeepalive } from "./primary-keepalive.ts";
import { decodeStandbyStatusUpdate, STANDBY_STATUS_UPDATE, type StandbyStatusUpdate } from "./standby-status-update.ts";
import { decodeXLogData, X_LOG_DATA, type XLogData } from "./x-log-data.ts";

/** What a server sends in CopyData while it replicates. */
export type ServerReplicationMessage = XLogData | PrimaryKeepalive;

/** What a client sends in CopyData while it replicates. */
export type ClientReplicationMessage = StandbyStatusUpdate | HotStandbyFeedback;

/**
 * Reads a CopyData body from a walsender.
 * @throws ProtocolError `message_unknown` for another first byte; `message_truncated`, `message_oversized`.
 */
export function decodeServerReplicationMessage(message: Uint8Array): ServerReplicationMessage {
  const tag = new ByteReader(message).uint8();
  switch (tag) {
    case X_LOG_DATA:
      return decodeXLogData(message);
    case PRIMARY_KEEPALIVE:
      return decodePrimaryKeepalive(message);
    default:
      throw unknown(tag);
  }
}

/**
 * Reads a CopyData body from a replication client, as a server does.
 * @throws ProtocolError `message_unknown` for another first byte; `message_truncated`, `message_oversized`.
 */
export function decodeClientReplicationMessage(message: Uint8Array): ClientReplicationMessage {
  const tag = new ByteReader(message).uint8();
  switch (tag) {
    case STANDBY_STATUS_UPDATE:
      return decodeStandbyStatusUpdate(message);
    case HOT_STANDBY_FEEDBACK:
      return decodeHotStandbyFeedback(message);
    default:
      throw unknown(tag);
  }
}

function unknown(tag: number): ProtocolError {
  return new ProtocolError("message_unknown", `A replication message cannot begin with byte ${tag}.`, { offset: 0 });
}
