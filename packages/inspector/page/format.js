// Numbers as people read them. Everything here is a function of its arguments, so that an age is always a difference
// of two times that somebody passed.

const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/**
 * A count of bytes with three significant digits: `648 B`, `37.3 KiB`, `3.80 MiB`; what is even is short: `1 GiB`.
 *
 * @param {number} count
 */
export function bytes(count) {
  let value = Math.abs(count);
  let unit = 0;
  while (value >= 999.5 && unit < binaryUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const sign = count < 0 ? "−" : "";
  return `${sign}${unit === 0 || Number.isInteger(value) ? Math.round(value) : significant(value)} ${binaryUnits[unit]}`;
}

/**
 * Three significant digits, never in exponents: `3.80`, `37.3`, `274`, `1,204`.
 *
 * @param {number} value
 */
export function significant(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 99.95) return count(Math.round(value));
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

const grouped = new Intl.NumberFormat("en-US");

/**
 * A whole number with its thousands apart: `15,602`.
 *
 * @param {number} value
 */
export function count(value) {
  return grouped.format(value);
}

/**
 * A span of time in its two largest units: `23 ms`, `14.2 s`, `41 min 39 s`, `1 h 3 min`, `2 d 4 h`.
 *
 * @param {number} ms
 */
export function duration(ms) {
  const span = Math.max(0, ms);
  if (span < 999.5) return `${Math.round(span)} ms`;
  if (span < 59_950) return `${trimmed(span / 1000)} s`;
  const seconds = Math.round(span / 1000);
  if (seconds < 3600) return pair(seconds, 60, "min", "s");
  if (seconds < 86_400) return pair(Math.floor(seconds / 60), 60, "h", "min");
  return pair(Math.floor(seconds / 3600), 24, "d", "h");
}

/** @param {number} value one decimal, and none when it says nothing */
function trimmed(value) {
  const text = value.toFixed(1);
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}

/** @type {(total: number, per: number, large: string, small: string) => string} */
function pair(total, per, large, small) {
  const rest = total % per;
  return `${Math.floor(total / per)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}

/**
 * How long ago, in one unit: `0.8 s ago`, `14 min ago`, `2 h ago`.
 *
 * @param {number} ms
 */
export function ago(ms) {
  const span = Math.max(0, ms);
  if (span < 59_950) return `${(span / 1000).toFixed(1)} s ago`;
  if (span < 3_600_000) return `${Math.round(span / 60_000)} min ago`;
  if (span < 86_400_000) return `${Math.floor(span / 3_600_000)} h ago`;
  return `${Math.floor(span / 86_400_000)} d ago`;
}

const dayClock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/**
 * The time of day where the reader is: `03:12:47`.
 *
 * @param {number} at Unix milliseconds
 */
export function clock(at) {
  return dayClock.format(at);
}

/**
 * The time of day to the millisecond: `03:12:47.902`.
 *
 * @param {number} at Unix milliseconds
 */
export function fineClock(at) {
  return `${clock(at)}.${String(Math.floor(at) % 1000).padStart(3, "0")}`;
}

/**
 * How long a child may take to stop, as its specification says it.
 *
 * @param {number | "infinity" | "brutal_kill"} shutdown
 */
export function shutdownWords(shutdown) {
  return typeof shutdown === "number" ? duration(shutdown) : shutdown;
}

/**
 * `1 transition`, `2 transitions`.
 *
 * @param {number} number
 * @param {string} one
 * @param {string} [many]
 */
export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}
