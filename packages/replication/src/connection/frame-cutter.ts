import { FRAME_HEADER_BYTES, frameSize } from "@trunkline/protocol";
import { bytesView } from "./bytes-view.ts";
import type { Slab } from "./slab.ts";

const COPY_DATA = 0x64;

/** Why no frames are cut; bits of one number, so that the loop tests them all at once. */
const HELD = 1;
const YIELDED = 2;
const CLOSED = 4;

/**
 * After so many milliseconds without a turn of the event loop a batch gives way to it. More than what the wire grants
 * itself between reads: frames that wait meanwhile are moved, since Node asks for the next read's memory at once.
 */
const BATCHES_MS = 4;

/** Who gets the frames. All calls are synchronous; a throw ends the connection through `broken`. */
export interface FrameHandlers {
  /** A frame that is not a CopyData of a running stream. `body` is a view. */
  message(typeByte: number, body: Buffer): void;
  /** The bytes are no frames, or a handler threw. */
  broken(error: unknown): void;
  /** Every frame that has come in full has been handed over. */
  drained(): void;
  /** The turn is over that frames have given way to, whether they are held or not. */
  turned(): void;
}

/** Who gets the payloads of CopyData frames while a stream runs. */
export interface DataHandlers {
  /** One payload: a view that is never overwritten, but keeps its slab (256 KiB) alive. */
  data(payload: Buffer): void;
  /** One payload, from `from` (inclusive) to `to` (exclusive) of a slab. Called instead of `data`, where it is there. */
  readonly bytes?: ((slab: Buffer, from: number, to: number) => void) | undefined;
  /** At most `maxMessages` payloads have been handed over since the last turn, or all there were: time for others. */
  turn?(): void;
}

/**
 * Cuts the slab into frames and hands them over by plain function calls. Nothing is allocated per frame but the view,
 * and none for a payload that is taken as a range.
 * After `maxMessages` payloads those who wait get a turn before the next one, and if it has had none for 4 ms, the event
 * loop does. {@link FrameCutter.hold} works at any frame: those behind it stay where they are.
 */
export class FrameCutter {
  /** Frames handed over since the beginning. */
  handedOver = 0;
  readonly #slab: Slab;
  readonly #handlers: FrameHandlers;
  #stream: DataHandlers | undefined;
  #maxMessages = Number.POSITIVE_INFINITY;
  #sinceTurn = 0;
  #stopped = 0;
  #running = false;
  readonly #now: () => number;
  #turnBegan = 0;
  #nextTurn: NodeJS.Immediate | undefined;

  /** @param now a monotonic clock in milliseconds. */
  constructor(slab: Slab, handlers: FrameHandlers, now: () => number) {
    this.#slab = slab;
    this.#handlers = handlers;
    this.#now = now;
  }

  /** Whether frames wait for {@link FrameCutter.release}. */
  get held(): boolean {
    return (this.#stopped & HELD) !== 0;
  }

  /** Whether frames wait for the event loop's next turn. */
  get yielded(): boolean {
    return (this.#stopped & YIELDED) !== 0;
  }

  /** From the next frame on, payloads of CopyData go to `stream`. */
  startData(stream: DataHandlers, maxMessages: number): void {
    this.#stream = stream;
    this.#maxMessages = maxMessages;
    this.#sinceTurn = 0;
  }

  /** From the next frame on, CopyData is a message like others. */
  endData(): void {
    this.#stream = undefined;
    this.#maxMessages = Number.POSITIVE_INFINITY;
    this.#sinceTurn = 0;
  }

  /** No frame is handed over until {@link FrameCutter.release}. */
  hold(): void {
    this.#stopped |= HELD;
  }

  /** Goes on after {@link FrameCutter.hold}, at once unless called by a handler. */
  release(): void {
    this.#stopped &= ~HELD;
    this.run();
  }

  /** No frame is handed over any more. */
  close(): void {
    this.#stopped |= CLOSED;
    if (this.#nextTurn !== undefined) clearImmediate(this.#nextTurn);
    this.#nextTurn = undefined;
  }

  /** Says that the event loop has had its turn, as far as is known: {@link FrameCutter.giveWay} counts from here. */
  turnBegins(): void {
    this.#turnBegan = this.#now();
  }

  /** If the event loop has had no turn for `limitMs`, no frame is handed over before it. */
  giveWay(limitMs: number): void {
    if ((this.#stopped & (YIELDED | CLOSED)) !== 0 || this.#now() - this.#turnBegan < limitMs) return;
    this.#stopped |= YIELDED;
    this.#nextTurn = setImmediate(() => {
      this.#nextTurn = undefined;
      this.#stopped &= ~YIELDED;
      this.turnBegins();
      this.run();
      this.#handlers.turned();
    });
  }

  /** Hands over every complete frame, as far as nothing stops it. */
  run(): void {
    if (this.#running || this.#stopped !== 0) return;
    this.#running = true;
    try {
      do {
        this.#cut();
      } while (this.#endBatch());
    } catch (error) {
      this.#handlers.broken(error);
    } finally {
      this.#running = false;
    }
    if (this.#stopped === 0) this.#handlers.drained();
  }

  /**
   * After a whole batch, or when all there was has been handed over, others have their turn; not while a handler that
   * holds is not done with its message. Answers whether to go on.
   */
  #endBatch(): boolean {
    const whole = this.#sinceTurn >= this.#maxMessages;
    if ((this.#stopped & CLOSED) !== 0 || !(whole || (this.#sinceTurn > 0 && !this.held))) return false;
    this.#sinceTurn = 0;
    this.#stream?.turn?.();
    if (whole) this.giveWay(BATCHES_MS);
    return whole && this.#stopped === 0;
  }

  /** To the end of a batch, or as far as there are frames. */
  #cut(): void {
    const slab = this.#slab;
    const { buffer, memory, end } = slab;
    while (this.#stopped === 0) {
      const at = slab.start;
      const size = frameSize(buffer, at, end);
      if (size === undefined || at + size > end) return;
      slab.start = at + size;
      this.handedOver += 1;
      const from = at + FRAME_HEADER_BYTES;
      const stream = this.#stream;
      if (buffer[at] === COPY_DATA && stream !== undefined) {
        this.#sinceTurn += 1;
        if (stream.bytes === undefined) stream.data(bytesView(memory, from, at + size));
        else stream.bytes(buffer, from, at + size);
        if (this.#sinceTurn >= this.#maxMessages) return;
      } else {
        this.#handlers.message(buffer[at] ?? 0, bytesView(memory, from, at + size));
      }
    }
  }
}

/** How many whole frames stand between `start` and `end`, counted up to `limit`. */
export function countFrames({ buffer, start, end }: Slab, limit: number): number {
  let count = 0;
  let at = start;
  while (count < limit) {
    const size = frameSize(buffer, at, end);
    if (size === undefined || at + size > end) break;
    at += size;
    count += 1;
  }
  return count;
}
