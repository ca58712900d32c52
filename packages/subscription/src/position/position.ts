import { type Lsn, lsn } from "@trunkline/protocol";
import { SubscriptionError } from "../errors/subscription-error.ts";

/**
 * Where a change stands in the whole history of its database: by its transaction's commit, then by its place within the
 * transaction. It is the same each time the change is delivered, so it serves to drop repeats.
 *
 * `index` counts the changes that are delivered: it differs when the publication (tables, row filters, operations), or
 * the stream's options (messages, streaming) have changed in between. `commitLsn` does not.
 */
export interface Position {
  /** Where the transaction's commit record starts. */
  readonly commitLsn: Lsn;
  /** From 0. A safe integer. */
  readonly index: number;
}

/** Hexadecimal digits of an LSN, and of the greatest safe integer. */
const LSN_DIGITS = 16;
const INDEX_DIGITS = 14;

/** Negative when `a` comes before `b`, positive when after, 0 for the same change: for `sort`. */
export function comparePositions(a: Position, b: Position): number {
  if (a.commitLsn !== b.commitLsn) return a.commitLsn < b.commitLsn ? -1 : 1;
  return a.index - b.index;
}

/**
 * A position as 31 characters that sort, byte by byte, as positions do: `"00000016b374d848-00000000000002"`.
 * @throws SubscriptionError `position_malformed` for an index that is no safe integer from 0
 */
export function formatPosition({ commitLsn, index }: Position): string {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new SubscriptionError("position_malformed", `An index of ${index} is no safe integer from 0.`);
  }
  return `${hex(commitLsn, LSN_DIGITS)}-${hex(index, INDEX_DIGITS)}`;
}

/**
 * Reads what {@link formatPosition} writes, and nothing else.
 * @throws SubscriptionError `position_malformed`
 */
export function parsePosition(text: string): Position {
  const parts = typeof text === "string" ? /^([0-9a-f]{16})-([0-9a-f]{14})$/.exec(text) : null;
  const index = Number.parseInt(parts?.[2] ?? "", 16);
  if (parts === null || !Number.isSafeInteger(index)) {
    throw new SubscriptionError("position_malformed", `${JSON.stringify(String(text).slice(0, 64))} is no position.`);
  }
  return { commitLsn: lsn(BigInt(`0x${parts[1]}`)), index };
}

const hex = (value: bigint | number, digits: number): string => value.toString(16).padStart(digits, "0");
