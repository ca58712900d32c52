import { unixMicrosFromClock } from "@trunkline/protocol";
import type { Tally } from "./tally.ts";

const X_LOG_DATA = 0x77;
const PAYLOAD = 25;
const INSERT = 0x49;
const BEGIN = 0x42;
const COMMIT = 0x43;
/** Where a Commit has its timestamp: tag, flags, two LSNs. */
const COMMIT_CLOCK = PAYLOAD + 18;
const COMMIT_END_LSN = PAYLOAD + 10;

/** Counts a raw CopyData payload by its tags; the same work for each client that hands out bytes. */
export function tallyRaw(tally: Tally, payload: Uint8Array): void {
  if (payload[0] !== X_LOG_DATA) return;
  switch (payload[PAYLOAD]) {
    case INSERT:
      tally.rows += 1;
      return;
    case BEGIN:
      tally.begin();
      return;
    case COMMIT:
      tally.commit(() => committedMicros(payload));
      return;
    default:
  }
}

/** When the transaction of a raw Commit was committed, microseconds since the Unix epoch. */
function committedMicros(payload: Uint8Array): number {
  const clock = new DataView(payload.buffer, payload.byteOffset).getBigInt64(COMMIT_CLOCK);
  return Number(unixMicrosFromClock(clock));
}

/** The end LSN of a Commit in a raw payload, the text form; `undefined` for other messages. */
export function commitEnd(payload: Uint8Array): string | undefined {
  if (payload[0] !== X_LOG_DATA || payload[PAYLOAD] !== COMMIT) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset);
  const [high, low] = [view.getUint32(COMMIT_END_LSN), view.getUint32(COMMIT_END_LSN + 4)];
  return `${high.toString(16)}/${low.toString(16)}`.toUpperCase();
}
