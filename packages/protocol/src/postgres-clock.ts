import { ProtocolError } from "./protocol-error.ts";

/** Microseconds from the Unix epoch to Postgres' own, 2000-01-01 00:00 UTC. */
export const POSTGRES_EPOCH_UNIX_MICROS = 946_684_800_000_000n;

/** Postgres' `infinity` as a clock value: the greatest 64-bit integer. */
export const CLOCK_INFINITY = 2n ** 63n - 1n;

/** Postgres' `-infinity` as a clock value: the least 64-bit integer. */
export const CLOCK_MINUS_INFINITY = -(2n ** 63n);

/** The JS numbers `Infinity` and `-Infinity`, which compare rightly with bigints and with dates. */
export type Infinite = number;

/** The latest time a JS Date can hold, in milliseconds on either side of the Unix epoch. */
const MAX_DATE_MILLIS = 8_640_000_000_000_000n;

/**
 * Microseconds since the Unix epoch for a Postgres clock value (microseconds since 2000-01-01 UTC, as in every
 * replication message and in a binary `timestamptz`). Postgres' infinities become `Infinity` and `-Infinity`.
 * @throws ProtocolError `clock_out_of_range` when the clock is not a signed 64-bit bigint.
 * @see https://www.postgresql.org/docs/current/protocol-replication.html
 */
export function unixMicrosFromClock(clock: bigint): bigint | Infinite {
  if (typeof clock !== "bigint" || clock < CLOCK_MINUS_INFINITY || clock > CLOCK_INFINITY) throw outOfRange(clock);
  if (clock === CLOCK_INFINITY) return Number.POSITIVE_INFINITY;
  if (clock === CLOCK_MINUS_INFINITY) return Number.NEGATIVE_INFINITY;
  return clock + POSTGRES_EPOCH_UNIX_MICROS;
}

/**
 * The Postgres clock value for microseconds since the Unix epoch; the inverse of {@link unixMicrosFromClock}.
 * @throws ProtocolError `clock_out_of_range` when it doesn't fit, or for a number that is not infinite.
 */
export function clockFromUnixMicros(unixMicros: bigint | Infinite): bigint {
  if (unixMicros === Number.POSITIVE_INFINITY) return CLOCK_INFINITY;
  if (unixMicros === Number.NEGATIVE_INFINITY) return CLOCK_MINUS_INFINITY;
  if (typeof unixMicros !== "bigint") throw outOfRange(unixMicros);
  const clock = unixMicros - POSTGRES_EPOCH_UNIX_MICROS;
  if (clock <= CLOCK_MINUS_INFINITY || clock >= CLOCK_INFINITY) throw outOfRange(unixMicros);
  return clock;
}

/**
 * The Date of a Postgres clock value. A Date has milliseconds: the microseconds below are cut off (towards the past).
 * Infinities stay `Infinity` and `-Infinity`, as in node-postgres.
 * @throws ProtocolError `clock_out_of_range` for a clock that is not a 64-bit bigint, or past what a Date can hold.
 */
export function dateFromClock(clock: bigint): Date | Infinite {
  const micros = unixMicrosFromClock(clock);
  if (typeof micros === "number") return micros;
  const millis = (micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n;
  if (millis > MAX_DATE_MILLIS || millis < -MAX_DATE_MILLIS) throw outOfRange(clock);
  return new Date(Number(millis));
}

/**
 * The Postgres clock value of a Date, or of `Infinity` and `-Infinity`.
 * @throws ProtocolError `clock_out_of_range` for an invalid Date or any other number.
 */
export function clockFromDate(date: Date | Infinite): bigint {
  if (typeof date === "number") return clockFromUnixMicros(date);
  const millis = date.getTime();
  if (Number.isNaN(millis)) throw outOfRange("An invalid Date");
  return clockFromUnixMicros(BigInt(millis) * 1000n);
}

function outOfRange(value: unknown): ProtocolError {
  return new ProtocolError("clock_out_of_range", `${String(value)} is not a time on Postgres' clock.`);
}
