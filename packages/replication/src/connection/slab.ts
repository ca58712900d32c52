import { FRAME_HEADER_BYTES, frameSize } from "@trunkline/protocol";

/**
 * How large a slab is, unless a frame needs more: 256 KiB. It is full, and its views are dead, before the collector has
 * come by twice. Larger ones get old, and wait for the next collection of the whole heap (docs/decisions/0004-transport.md).
 */
export const SLAB_BYTES = 1 << 18;

/**
 * The most one read may bring: 256 KiB. It is cut while it is warm in the processor's cache, and when a stream yields
 * after a batch, little is left over to be moved to the next slab (1 MiB reads: 2.4 times the cost per message).
 */
export const READ_BYTES = 1 << 18;

/** A slab with less room than this is replaced before the next read: 16 KiB. */
export const LEAST_ROOM_BYTES = 1 << 14;

/**
 * The memory that reads land in. Bytes from `start` to `end` have been read and not yet been cut into frames. Bytes
 * once written are never overwritten: a full slab is replaced and left to the views into it. What stands between
 * `start` and `end` then, usually a part of one frame, moves to the new slab; that is all that is ever copied.
 */
export class Slab {
  /** The current memory. Changes in {@link Slab.room} only. */
  buffer: Buffer;
  /** What {@link Slab.buffer} is a view of, from its first byte on. */
  memory: ArrayBuffer;
  /** Where the next frame begins. */
  start = 0;
  /** Where the next read goes. */
  end = 0;
  readonly #size: number;

  /** @param size bytes in a slab (default 256 KiB); smaller ones are for tests. */
  constructor(size: number = SLAB_BYTES) {
    this.#size = size;
    this.buffer = Buffer.allocUnsafeSlow(size);
    this.memory = this.buffer.buffer as ArrayBuffer;
  }

  /** Bytes that wait to be cut. */
  get waiting(): number {
    return this.end - this.start;
  }

  /**
   * Where to read into: 16 to 256 KiB (less, if slabs are smaller), to be followed by {@link Slab.filled}.
   * @param ample from 128 KiB on, so that what gathers before the read is read whole (docs/decisions/0006-speed.md);
   * but while a large part of a slab waits, it would be copied at each small read: then it is as without
   */
  room(ample = false): Buffer {
    const roomy = ample && this.waiting < this.#size / 4;
    const least = roomy ? this.#size / 2 : Math.min(LEAST_ROOM_BYTES, this.#size / 16);
    if (this.buffer.length - this.end < least) this.#replace();
    return this.buffer.subarray(this.end, this.end + READ_BYTES);
  }

  /** Says that `bytes` have been written to the start of what {@link Slab.room} gave. */
  filled(bytes: number): void {
    this.end += bytes;
  }

  /** Copies a chunk in. */
  append(chunk: Uint8Array): void {
    for (let offset = 0; offset < chunk.length; ) {
      const room = this.room();
      const bytes = Math.min(room.length, chunk.length - offset);
      room.set(chunk.subarray(offset, offset + bytes));
      this.filled(bytes);
      offset += bytes;
    }
  }

  /** Forgets what waits. */
  clear(): void {
    this.start = this.end;
  }

  #replace(): void {
    const { waiting } = this;
    const next = Buffer.allocUnsafeSlow(this.#nextSize(waiting));
    this.buffer.copy(next, 0, this.start, this.end);
    this.memory = next.buffer as ArrayBuffer;
    this.buffer = next;
    this.start = 0;
    this.end = waiting;
  }

  /**
   * A frame larger than a slab gets one that grows by doubling up to the frame's size, so that all copying together
   * stays below twice the frame, and a length that is a lie costs no more memory than the bytes that came.
   */
  #nextSize(waiting: number): number {
    const roomy = Math.max(this.#size, 2 * waiting);
    if (waiting < FRAME_HEADER_BYTES) return roomy;
    const frame = frameSize(this.buffer, this.start, this.end) ?? 0;
    // Not a doubling past the end of a frame that just doesn't fit: what follows it would have to be copied again.
    return frame > waiting ? Math.max(this.#size, Math.min(roomy, frame + LEAST_ROOM_BYTES)) : roomy + LEAST_ROOM_BYTES;
  }
}
