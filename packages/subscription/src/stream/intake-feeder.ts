import { type ChangeDecoder, type DecodedMessage, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import type { Intake } from "./intake.ts";

/** How many JSON values are parsed at once. */
const VALUES = 32;

/** Rows of so many bytes wait no longer: 64 KiB. */
const BYTES = 1 << 16;

/**
 * Decodes one session's messages into the intake. Rows with JSON wait for each other, never beyond their transaction:
 * parsed some at a time they cost a quarter less, and nobody can act on them before the Commit anyway.
 */
export class IntakeFeeder {
  readonly #decoder: ChangeDecoder;
  #waiting: { readonly message: DecodedMessage; readonly bytes: number }[] = [];
  #bytes = 0;

  /** @param decoder one that puts JSON off (`deferJson`) */
  constructor(decoder: ChangeDecoder) {
    this.#decoder = decoder;
  }

  /** Takes an XLogData. Throws what the decoder throws. */
  feed(data: Uint8Array, intake: Intake): void {
    const message = this.#decoder.decode(data, X_LOG_DATA_HEADER_BYTES);
    const bytes = data.length - X_LOG_DATA_HEADER_BYTES;
    if (this.#decoder.pending === 0) {
      intake.take(message, bytes);
      return;
    }
    this.#waiting.push({ message, bytes });
    this.#bytes += bytes;
    if (isRow(message) && this.#decoder.pending < VALUES && this.#bytes < BYTES) return;
    this.#decoder.complete();
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    for (const each of waiting) intake.take(each.message, each.bytes);
  }
}

function isRow({ kind }: DecodedMessage): boolean {
  return kind === "insert" || kind === "update" || kind === "delete";
}
