import { ProtocolError } from "../protocol-error.ts";
import { pgSerializer } from "./pg-protocol-serializer.ts";

const CANCEL_REQUEST_CODE = 80_877_102;

/**
 * Asks for TLS, before anything else is sent. The answer is one byte without a frame: `S` (go on with the handshake) or
 * `N` (there is none).
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
 */
export function encodeSslRequest(): Buffer {
  return pgSerializer.requestSsl();
}

/** Whom to cancel: what BackendKeyData said. */
export interface CancelTarget {
  readonly processId: number;
  /** 4 bytes in protocol 3.0, up to 256 in 3.2. */
  readonly key: Uint8Array;
}

/**
 * Asks, on a connection of its own, that the query of another one be cancelled. There is no answer.
 * @throws ProtocolError `option_invalid` for a key that is not 4 to 256 bytes long.
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export function encodeCancelRequest({ processId, key }: CancelTarget): Buffer {
  if (key.length < 4 || key.length > 256) {
    throw new ProtocolError("option_invalid", `A cancel key has 4 to 256 bytes, not ${key.length}.`);
  }
  const message = Buffer.allocUnsafe(12 + key.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(CANCEL_REQUEST_CODE, 4);
  message.writeInt32BE(processId, 8);
  message.set(key, 12);
  return message;
}
