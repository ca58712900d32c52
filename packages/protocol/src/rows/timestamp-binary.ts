import type { ByteReader } from "../byte-reader.ts";
import { CLOCK_INFINITY, CLOCK_MINUS_INFINITY } from "../postgres-clock.ts";
import { daysFromCivil } from "./timestamp-text.ts";

const MICROS_PER_DAY = 86_400_000_000n;
const DATE_INFINITY = 2 ** 31 - 1;
const DATE_MINUS_INFINITY = -(2 ** 31);
const POSTGRES_EPOCH_DAYS = daysFromCivil(2000, 1, 1);

/** A binary `timestamp` as the text the server has for it under `DateStyle = ISO`. */
export function timestampText(reader: ByteReader): string {
  return timestamp(reader.int64(), "");
}

/** A binary `timestamptz` as the text the server has for it under `DateStyle = ISO` and `TimeZone = UTC`. */
export function timestamptzText(reader: ByteReader): string {
  return timestamp(reader.int64(), "+00");
}

/** A binary `date` as the text the server has for it under `DateStyle = ISO`. */
export function dateText(reader: ByteReader): string {
  const days = reader.int32();
  if (days === DATE_INFINITY) return "infinity";
  if (days === DATE_MINUS_INFINITY) return "-infinity";
  const { text, era } = date(days);
  return text + era;
}

/** A binary `time` as text. */
export function timeText(reader: ByteReader): string {
  return timeOfDay(Number(reader.int64()));
}

/** A binary `timetz` as text. */
export function timetzText(reader: ByteReader): string {
  const time = timeOfDay(Number(reader.int64()));
  return time + zone(reader.int32());
}

function timestamp(clock: bigint, zoneText: string): string {
  if (clock === CLOCK_INFINITY) return "infinity";
  if (clock === CLOCK_MINUS_INFINITY) return "-infinity";
  const micros = ((clock % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  const { text, era } = date(Number((clock - micros) / MICROS_PER_DAY));
  return `${text} ${timeOfDay(Number(micros))}${zoneText}${era}`;
}

/** Microseconds of a day as `hh:mm:ss` and what fraction there is. */
function timeOfDay(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = String(micros % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const whole = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Seconds *west* of UTC, as the wire has them, in the text's form: `+05:30` is east. */
function zone(west: number): string {
  const seconds = Math.abs(west);
  let text = (west > 0 ? "-" : "+") + two(Math.floor(seconds / 3600));
  if (seconds % 3600 !== 0) text += `:${two(Math.floor(seconds / 60) % 60)}`;
  if (seconds % 60 !== 0) text += `:${two(seconds % 60)}`;
  return text;
}

/** The civil date of a day since 2000-01-01; the inverse of {@link daysFromCivil}. */
function date(days: number): { readonly text: string; readonly era: "" | " BC" } {
  const shifted = days + POSTGRES_EPOCH_DAYS + 719_468;
  const era400 = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era400 * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era400 * 400 + (month <= 2 ? 1 : 0);
  const shown = String(year > 0 ? year : 1 - year).padStart(4, "0");
  return { text: `${shown}-${two(month)}-${two(day)}`, era: year > 0 ? "" : " BC" };
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
