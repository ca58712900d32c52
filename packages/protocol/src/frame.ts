import { uint32At } from "./big-endian.ts";
import { ProtocolError } from "./protocol-error.ts";

/** One type byte and a 32-bit length before every body, StartupMessage, SSLRequest and CancelRequest apart. */
export const FRAME_HEADER_BYTES = 5;

/** The greatest length that is believed, 1 GiB: Postgres itself sends nothing longer. */
export const MAX_FRAME_LENGTH = 0x4000_0000;

/**
 * The size of a whole frame in bytes, type byte included, from its header at `offset`; `undefined` while the header is
 * not there in full. Only bytes before `end` (default: all) count. The body may still be on its way.
 * @throws ProtocolError `frame_length_invalid` for a length below 4 or above {@link MAX_FRAME_LENGTH}.
 * @see https://www.postgresql.org/docs/current/protocol-overview.html
 */
export function frameSize(bytes: Uint8Array, offset: number, end: number = bytes.length): number | undefined {
  if (offset + FRAME_HEADER_BYTES > end) return undefined;
  const length = uint32At(bytes, offset + 1);
  if (length < 4 || length > MAX_FRAME_LENGTH) {
    const text = `A frame of type byte ${bytes[offset]} with a length of ${length}.`;
    throw new ProtocolError("frame_length_invalid", text, { offset: offset + 1 });
  }
  return length + 1;
}

/**
 * A whole frame: type, length, body.
 * @param type one ASCII character, such as `"Q"`.
 * @throws ProtocolError `option_invalid` for another type; `frame_length_invalid` for a body that is too long.
 */
export function encodeFrame(type: string, body: Uint8Array): Buffer {
  const code = type.charCodeAt(0);
  if (type.length !== 1 || code > 0x7f) {
    throw new ProtocolError(
      "option_invalid",
      `The type of a frame is one ASCII character, not ${JSON.stringify(type)}.`,
    );
  }
  if (body.length > MAX_FRAME_LENGTH - 4) {
    throw new ProtocolError("frame_length_invalid", `A body of ${body.length} bytes is too long for a frame.`);
  }
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + body.length);
  frame[0] = code;
  frame.writeUInt32BE(body.length + 4, 1);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}
