import { columnTag } from "../pgoutput/tuple.ts";
import { shortText } from "./short-text.ts";
import { utf8Slice } from "./utf8-slice.ts";

/** Makes strings of the columns of one tuple after another. */
export interface TupleText {
  /** Says that a tuple begins, in a message that ends before `end`: what was made of the one before is no longer looked at. */
  begin(end: number): void;
  /** The UTF-8 text from `from` (inclusive) to `to` (exclusive), a column of the tuple. */
  slice(bytes: Uint8Array, from: number, to: number): string;
}

/**
 * How long a run may be, in bytes. V8 makes a substring of 13 characters or more as a reference to the string it comes
 * from: so this is the most that a kept value can keep alive.
 */
const MAX_SHARED_BYTES = 256;

/** The first byte of a length from here on would be no ASCII: the run ends before such a column. */
const LONG_COLUMN = 0x80;

/** After a run that was not ASCII so many columns are sliced by themselves: a table's rows are alike. */
const PAUSE = 512;

/**
 * A run of short columns becomes one string, and the columns substrings of it: a call into Node costs 50 ns and more, a
 * substring 10. That holds where all is ASCII, which the lengths tell: in any other UTF-8, valid or not, characters are
 * fewer than bytes, but for bytes that make no character and become U+FFFD one by one, as they would by themselves.
 */
export function createTupleText(): TupleText {
  let run = "";
  let start = 0;
  let end = 0;
  let pause = 0;
  let messageEnd = 0;

  function sliceAnew(bytes: Uint8Array, from: number, to: number): string {
    if (to - from >= LONG_COLUMN) return utf8Slice(bytes, from, to);
    if (pause > 0) {
      pause--;
      return shortText(bytes, from, to);
    }
    const until = runEnd(bytes, to, Math.min(messageEnd, from + MAX_SHARED_BYTES));
    if (until === to) return shortText(bytes, from, to);
    run = utf8Slice(bytes, from, until);
    if (run.length !== until - from) {
      pause = PAUSE;
      return shortText(bytes, from, to);
    }
    start = from;
    end = until;
    return run.substring(0, to - from);
  }

  return {
    begin(until) {
      end = 0;
      messageEnd = until;
    },
    slice(bytes, from, to) {
      return to <= end ? run.substring(from - start, to - start) : sliceAnew(bytes, from, to);
    },
  };
}

/** Where the run of short columns ends whose first one ends at `to`, at `limit` at most; `to` itself if no other follows. */
function runEnd(bytes: Uint8Array, to: number, limit: number): number {
  let end = to;
  for (let at = to; at < limit; ) {
    const tag = bytes[at];
    if (tag === columnTag.null || tag === columnTag.unchanged) {
      at++;
      continue;
    }
    const longer = (bytes[at + 1] ?? 0) | (bytes[at + 2] ?? 0) | (bytes[at + 3] ?? 0);
    const length = bytes[at + 4] ?? 0;
    if (tag !== columnTag.text || longer !== 0 || length >= LONG_COLUMN) break;
    at += 5 + length;
    if (at <= limit) end = at;
  }
  return end;
}
