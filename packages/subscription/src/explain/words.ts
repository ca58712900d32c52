/** A time as a person reads it: `0.8 s`, `14.2 s`, `3 min 5 s`, `1 h 3 min`, `2 d 4 h`. From milliseconds. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(whole, 60, "min", "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return pair(minutes, 60, "h", "min");
  return pair(Math.round(seconds / 3600), 24, "d", "h");
}

/** `duration`, and `ago` after it. */
export const ago = (ms: number): string => `${duration(ms)} ago`;

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/** A size as a person reads it, three digits: `648 B`, `37.3 KiB`, `3.80 MiB`, `1 GiB`. */
export function bytes(size: bigint | number): string {
  let value = Number(size);
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0 || Number.isInteger(value)) return `${Math.round(value)} ${units[unit]}`;
  return `${value.toPrecision(value >= 999.5 ? 4 : 3)} ${units[unit]}`;
}

const longestCause = 200;

/** What went wrong, as part of a sentence: the first line of the message, cut short, without its full stop. */
export function causeInWords(error: unknown): string {
  const text = error instanceof Error ? (error.message === "" ? error.name : error.message) : String(error);
  const line = (text.split("\n", 1)[0] ?? "").trim().replace(/\.$/, "");
  return line.length > longestCause ? `${line.slice(0, longestCause)}…` : line;
}

/** `1 transaction comes again`, `3 transactions come again`. */
export const comeAgain = (count: number): string =>
  count === 1 ? "1 transaction comes again" : `${count} transactions come again`;

function pair(value: number, per: number, big: string, small: string): string {
  const rest = value % per;
  return rest === 0 ? `${Math.floor(value / per)} ${big}` : `${Math.floor(value / per)} ${big} ${rest} ${small}`;
}
