import { type ChangeDecoder, type DecodedMessage, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import type { Intake } from "./intake.ts";

/** How many rows wait for each other at most. */
const ROWS = 32;

/** Rows of so many bytes wait no longer: 64 KiB. */
const BYTES = 1 << 16;

/**
 * Decodes one session's messages into the intake. Rows with JSON wait for each other, never beyond their transaction nor
 * beyond what the intake may hold: parsed some at a time they cost a quarter less. Most handlers see them after the Commit
 * only; of a transaction that is handed out while it arrives up to 31 rows come a little later.
 */
export class IntakeFeeder {
  readonly #decoder: ChangeDecoder;
  #waiting: { readonly message: DecodedMessage; readonly bytes: number }[] = [];
  #bytes = 0;

  /** @param decoder one that puts JSON off (`deferJson`) */
  constructor(decoder: ChangeDecoder) {
    this.#decoder = decoder;
  }

  /** Takes an XLogData, which stands in `slab` from `from` (inclusive) to `to` (exclusive). Throws what the decoder throws. */
  feed(slab: Uint8Array, from: number, to: number, intake: Intake): void {
    const start = from + X_LOG_DATA_HEADER_BYTES;
    const message = this.#decoder.decode(slab, start, to);
    const bytes = to - start;
    if (this.#decoder.pending === 0) {
      intake.take(message, bytes);
      return;
    }
    this.#waiting.push({ message, bytes });
    this.#bytes += bytes;
    const few = this.#waiting.length < ROWS && this.#bytes < BYTES;
    if (isRow(message) && few && !intake.fullWith(this.#waiting.length, this.#bytes)) return;
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
