import { uint64FromHalves } from "./int64.ts";
import { ProtocolError } from "./protocol-error.ts";
import type { Result } from "./result.ts";

declare const brand: unique symbol; // exists for the compiler only

/**
 * Log Sequence Number: a byte position in the WAL, unsigned 64 bits. Compare with `<`; a difference is bytes.
 * @see https://www.postgresql.org/docs/current/datatype-pg-lsn.html
 */
export type Lsn = bigint & { readonly [brand]: true };

/** `0/0`: before everything; where a command takes a start position it means "where the slot stands". */
export const ZERO_LSN: Lsn = branded(0n);

/** The greatest LSN, `FFFFFFFF/FFFFFFFF`. */
export const MAX_LSN: Lsn = branded(0xffff_ffff_ffff_ffffn);

/**
 * Takes a bigint for an LSN.
 * @throws ProtocolError `lsn_out_of_range` for anything but a bigint from 0 to 2^64 - 1; a JS number is refused too.
 */
export function lsn(value: bigint): Lsn {
  const result = checked(value);
  if (!result.ok) throw result.error;
  return result.value;
}

/** The LSN with these two halves, each an unsigned 32-bit integer, as they stand on the wire. For hot paths. */
export function lsnFromHalves(high: number, low: number): Lsn {
  return branded(uint64FromHalves(high, low));
}

/**
 * Writes Postgres' text form, two upper-case hexadecimal halves without leading zeros: `97500059720n` is
 * `"16/B374D848"`. Never throws: a value that is no LSN gives `lsn_out_of_range` as the error.
 */
export function encodeLsn(value: bigint): Result<string, ProtocolError> {
  const result = checked(value);
  return result.ok ? { ok: true, value: written(result.value) } : result;
}

/**
 * Reads Postgres' text form: 1 to 8 hexadecimal digits of either case on each side of one slash, and nothing else:
 * no sign, no space, no prefix. Never throws: other text gives `lsn_malformed` as the error.
 */
export function decodeLsn(text: string): Result<Lsn, ProtocolError> {
  const halves = typeof text === "string" ? /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) : null;
  if (halves === null) return { ok: false, error: new ProtocolError("lsn_malformed", `${shown(text)} is not an LSN.`) };
  return { ok: true, value: lsnFromHalves(Number.parseInt(halves[1] ?? "", 16), Number.parseInt(halves[2] ?? "", 16)) };
}

/** {@link decodeLsn} that throws. @throws ProtocolError `lsn_malformed`. */
export function parseLsn(text: string): Lsn {
  const result = decodeLsn(text);
  if (!result.ok) throw result.error;
  return result.value;
}

/** {@link encodeLsn} that throws. @throws ProtocolError `lsn_out_of_range`. */
export function formatLsn(value: bigint): string {
  return written(lsn(value));
}

/** The greater of two LSNs. */
export const laterLsn = (a: Lsn, b: Lsn): Lsn => (a > b ? a : b);

/** The lesser of two LSNs. */
export const earlierLsn = (a: Lsn, b: Lsn): Lsn => (a < b ? a : b);

function checked(value: bigint): Result<Lsn, ProtocolError> {
  if (typeof value === "bigint" && value >= 0n && value <= MAX_LSN) return { ok: true, value: branded(value) };
  return { ok: false, error: new ProtocolError("lsn_out_of_range", `${shown(value)} is not an LSN.`) };
}

function branded(value: bigint): Lsn {
  return value as Lsn;
}

function written(value: Lsn): string {
  return `${(value >> 32n).toString(16)}/${(value & 0xffff_ffffn).toString(16)}`.toUpperCase();
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : `The ${typeof value} ${String(value)}`;
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
