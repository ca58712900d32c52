import { FRAME_HEADER_BYTES, MAX_FRAME_LENGTH } from "../frame.ts";
import { ProtocolError } from "../protocol-error.ts";

const COPY_DATA = 0x64;

/** One CopyData frame with a copy of the payload. @throws ProtocolError `frame_length_invalid` above 1 GiB. */
export function encodeCopyData(payload: Uint8Array): Buffer {
  return encodeCopyDataFrames([payload]);
}

/**
 * A CopyData frame for each payload, in one buffer: one write for all of them. Payloads are copied.
 * @throws ProtocolError `frame_length_invalid` for a payload above 1 GiB.
 */
export function encodeCopyDataFrames(payloads: readonly Uint8Array[]): Buffer {
  let size = 0;
  for (const { length } of payloads) {
    if (length > MAX_FRAME_LENGTH - 4) {
      throw new ProtocolError("frame_length_invalid", `A payload of ${length} bytes is too long for a frame.`);
    }
    size += FRAME_HEADER_BYTES + length;
  }
  const frames = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const payload of payloads) {
    frames[offset] = COPY_DATA;
    frames.writeUInt32BE(payload.length + 4, offset + 1);
    frames.set(payload, offset + FRAME_HEADER_BYTES);
    offset += FRAME_HEADER_BYTES + payload.length;
  }
  return frames;
}
