import { int32At, uint16At, uint32At } from "./big-endian.ts";
import { int64FromHalves, uint64FromHalves } from "./int64.ts";
import { ProtocolError } from "./protocol-error.ts";

/**
 * A cursor over one message. Every read is bounded by the message: what would go past its end throws
 * `ProtocolError` `message_truncated` and leaves the cursor where it was. Integers are big-endian.
 *
 * Strings are copied; {@link ByteReader.bytes} and {@link ByteReader.rest} answer with views of the caller's memory.
 */
export class ByteReader {
  /** Bytes from the start of the message to the next read. */
  offset: number;
  readonly #buffer: Buffer;

  /** @param message one whole message. @param offset where to start reading (default 0). */
  constructor(message: Uint8Array, offset = 0) {
    this.#buffer = Buffer.isBuffer(message)
      ? message
      : Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    this.offset = offset;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#buffer.length - this.offset;
  }

  /** One byte, 0 to 255. @throws ProtocolError `message_truncated`. */
  uint8(): number {
    return this.#buffer[this.#advance(1)] ?? 0;
  }

  /** One byte, two's complement. @throws ProtocolError `message_truncated`. */
  int8(): number {
    return (this.uint8() << 24) >> 24;
  }

  /** Two bytes, unsigned. @throws ProtocolError `message_truncated`. */
  uint16(): number {
    return uint16At(this.#buffer, this.#advance(2));
  }

  /** Two bytes, two's complement. @throws ProtocolError `message_truncated`. */
  int16(): number {
    return (this.uint16() << 16) >> 16;
  }

  /** Four bytes, unsigned. @throws ProtocolError `message_truncated`. */
  uint32(): number {
    return uint32At(this.#buffer, this.#advance(4));
  }

  /** Four bytes, two's complement. @throws ProtocolError `message_truncated`. */
  int32(): number {
    return int32At(this.#buffer, this.#advance(4));
  }

  /** Eight bytes, unsigned. @throws ProtocolError `message_truncated`. */
  uint64(): bigint {
    const at = this.#advance(8);
    return uint64FromHalves(uint32At(this.#buffer, at), uint32At(this.#buffer, at + 4));
  }

  /** Eight bytes, two's complement. @throws ProtocolError `message_truncated`. */
  int64(): bigint {
    const at = this.#advance(8);
    return int64FromHalves(uint32At(this.#buffer, at), uint32At(this.#buffer, at + 4));
  }

  /** The next `length` bytes, as a view. @throws ProtocolError `message_malformed` for a negative length. */
  bytes(length: number): Buffer {
    const at = this.#advance(length);
    return this.#buffer.subarray(at, at + length);
  }

  /** Everything that is left, as a view. */
  rest(): Buffer {
    return this.bytes(this.remaining);
  }

  /** The next `length` bytes as UTF-8. @throws ProtocolError `message_malformed` for a negative length. */
  string(length: number): string {
    const at = this.#advance(length);
    return this.#buffer.toString("utf8", at, at + length);
  }

  /** UTF-8 up to a zero byte, which is skipped. @throws ProtocolError `message_truncated` when there is none. */
  cstring(): string {
    const end = this.#buffer.indexOf(0, this.offset);
    if (end === -1) throw this.truncated("a zero byte that ends a string");
    const text = this.#buffer.toString("utf8", this.offset, end);
    this.offset = end + 1;
    return text;
  }

  /** Says that the message has been read whole. @throws ProtocolError `message_oversized` when bytes are left. */
  end(): void {
    if (this.remaining !== 0) {
      throw new ProtocolError("message_oversized", `${this.remaining} bytes are left over at byte ${this.offset}.`, {
        offset: this.offset,
      });
    }
  }

  /** The error for a value that can't stand here: `message_malformed`, at the given offset (default: the cursor). */
  malformed(what: string, offset = this.offset): ProtocolError {
    return new ProtocolError("message_malformed", `${what} (at byte ${offset}).`, { offset });
  }

  /** The error for a message that ends too early: `message_truncated`, at the cursor. */
  truncated(expected: string): ProtocolError {
    const { offset, remaining } = this;
    return new ProtocolError(
      "message_truncated",
      `Expected ${expected} at byte ${offset}, where ${remaining} bytes are left.`,
      { offset },
    );
  }

  #advance(length: number): number {
    if (!(length >= 0)) throw this.malformed(`A length of ${length}`);
    const at = this.offset;
    if (at + length > this.#buffer.length) throw this.truncated(`${length} bytes`);
    this.offset = at + length;
    return at;
  }
}
