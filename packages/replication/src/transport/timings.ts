/** What a server without an answer is taken to have: Postgres' default `wal_sender_timeout`. */
const DEFAULT_WAL_SENDER_TIMEOUT_MS = 60_000;

/** The longest time between two status updates, in milliseconds. */
const LONGEST_STATUS_INTERVAL_MS = 10_000;

/** When a stream's timer does what; milliseconds, `Infinity` for never. */
export interface Timings {
  /** Between two messages of ours. */
  readonly statusMs: number;
  /** Silence after which the server is asked for a sign of life. */
  readonly askAfterMs: number;
  /** Silence after which it counts as gone. */
  readonly goneAfterMs: number;
  /** How often to look whether something has come. */
  readonly lookEveryMs: number;
}

/**
 * When to send status updates and when to doubt the server (W37, W41).
 * @param walSenderTimeoutMs the server's setting; 0: it never ends a stream; `undefined`: unknown
 * @param livenessTimeoutMs `Infinity`: never doubt
 */
export function computeTimings(options: {
  readonly statusUpdates: boolean;
  readonly walSenderTimeoutMs: number | undefined;
  readonly livenessTimeoutMs: number;
}): Timings {
  const timeout = options.walSenderTimeoutMs ?? DEFAULT_WAL_SENDER_TIMEOUT_MS;
  const third = timeout === 0 ? LONGEST_STATUS_INTERVAL_MS : Math.max(1, Math.floor(timeout / 3));
  const statusMs = options.statusUpdates ? Math.min(LONGEST_STATUS_INTERVAL_MS, third) : Number.POSITIVE_INFINITY;
  const goneAfterMs = options.livenessTimeoutMs;
  const askAfterMs = goneAfterMs / 2;
  return { statusMs, askAfterMs, goneAfterMs, lookEveryMs: goneAfterMs / 4 };
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a time as `SHOW` writes it (`1min`, `2500ms`, `0`), in milliseconds; `undefined` for other text. */
export function parseShownTime(text: string | null | undefined): number | undefined {
  const parts = /^(\d+)(ms|s|min|h|d)?$/.exec(text ?? "");
  if (parts === null) return undefined;
  const unit = parts[2] === undefined ? 1 : units[parts[2]];
  return unit === undefined ? undefined : Number(parts[1]) * unit;
}
