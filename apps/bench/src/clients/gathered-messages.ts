import { type ChangeDecoder, type DecodedMessage, isXLogData, X_LOG_DATA_HEADER_BYTES } from "@trunkline/protocol";
import { tallyDecoded } from "./decoded-message.ts";
import type { Tally } from "./tally.ts";

/** How many JSON values are parsed at once, at most. */
const VALUES = 32;

/** Takes a stream's payloads, ranges of slabs; rows with JSON wait for each other until the Commit, as they do for most programs anyway. */
export function tallyGathered(
  tally: Tally,
  decoder: ChangeDecoder,
): (slab: Uint8Array, from: number, to: number) => void {
  let gathered: DecodedMessage[] = [];
  return (slab, from, to) => {
    if (!isXLogData(slab, from, to)) return;
    const message = decoder.decode(slab, from + X_LOG_DATA_HEADER_BYTES, to);
    if (decoder.pending === 0) {
      tallyDecoded(tally, message);
      return;
    }
    gathered.push(message);
    if (message.kind !== "commit" && decoder.pending < VALUES) return;
    decoder.complete();
    const complete = gathered;
    gathered = [];
    for (const each of complete) tallyDecoded(tally, each);
  };
}
