import type { DecodedMessage } from "@trunkline/protocol";
import { unixMicrosFromClock } from "@trunkline/protocol";
import { readColumns } from "./sink.ts";
import type { Tally } from "./tally.ts";

/** Counts a decoded message, and reads its columns. */
export function tallyDecoded(tally: Tally, message: DecodedMessage): void {
  switch (message.kind) {
    case "insert":
      readColumns(message.new);
      tally.rows += 1;
      return;
    case "begin":
      tally.begin();
      return;
    case "commit":
      tally.commit(() => Number(unixMicrosFromClock(message.commitClock)));
      return;
    default:
  }
}
