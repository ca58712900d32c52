import type { Infinite } from "../postgres-clock.ts";
import { valueMalformed } from "./value-malformed.ts";

const form =
  /^(\d{4,7})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d)(?::(\d\d)(?::(\d\d))?)?)?)?( BC)?$/;

/**
 * Microseconds since the Unix epoch for the text of a `timestamptz`, `timestamp` or `date` as the server writes it under
 * `DateStyle = ISO`. What has no zone is taken for UTC. Exact for every value Postgres has: years BC, beyond 9999, zones
 * with seconds. `infinity` becomes the number `Infinity`, `-infinity` `-Infinity`: both compare rightly with bigints.
 * @throws ProtocolError `value_malformed`
 * @see https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-OUTPUT
 */
export function asEpochMicros(text: string): bigint | Infinite {
  const infinite = infinity(text);
  if (infinite !== undefined) return infinite;
  const { seconds, micros } = parse(text);
  return BigInt(seconds) * 1_000_000n + BigInt(micros);
}

/**
 * The Date of the text of a `timestamptz`, `timestamp` or `date`, read as {@link asEpochMicros} does. A Date has
 * milliseconds: the microseconds below are cut off (towards the past). `infinity` becomes the number `Infinity`,
 * `-infinity` `-Infinity`, as in node-postgres.
 * @throws ProtocolError `value_malformed`, also for a time past what a Date can hold (the year 275760).
 */
export function asDate(text: string): Date | Infinite {
  const infinite = infinity(text);
  if (infinite !== undefined) return infinite;
  const { seconds, micros } = parse(text);
  const date = new Date(seconds * 1000 + Math.floor(micros / 1000));
  if (Number.isNaN(date.getTime())) throw valueMalformed("Date", text);
  return date;
}

function infinity(text: string): Infinite | undefined {
  if (text === "infinity") return Number.POSITIVE_INFINITY;
  return text === "-infinity" ? Number.NEGATIVE_INFINITY : undefined;
}

/** Whole seconds since the Unix epoch, towards the past, and the microseconds after them (0 … 999999). */
function parse(text: string): { readonly seconds: number; readonly micros: number } {
  const match = form.exec(text);
  if (match === null) throw valueMalformed("timestamptz, timestamp or date", text);
  const [, y, mo, d, h = "0", mi = "0", s = "0", fraction = "", sign = "+", zh = "0", zm = "0", zs = "0", bc] = match;
  const year = bc === undefined ? Number(y) : 1 - Number(y);
  const [month, day, hour, minute, second] = [Number(mo), Number(d), Number(h), Number(mi), Number(s)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59) {
    throw valueMalformed("timestamptz, timestamp or date", text);
  }
  const zone = (Number(zh) * 60 + Number(zm)) * 60 + Number(zs);
  const days = daysFromCivil(year, month, day);
  const seconds = days * 86_400 + (hour * 60 + minute) * 60 + second - (sign === "-" ? -zone : zone);
  return { seconds, micros: Number(fraction.padEnd(6, "0")) };
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * Days from 1970-01-01 in the proleptic Gregorian calendar, year 0 being 1 BC. Years are counted from March, so that the
 * leap day is the last of its year, in eras of 400 years = 146097 days.
 */
export function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
