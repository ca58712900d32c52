import type { Lsn } from "@trunkline/protocol";

/** What the server said of a slot at one moment. */
export interface HealthSample {
  /** When it was taken, on the process' clock, in milliseconds. */
  readonly atMs: number;
  /** Where the server's WAL ends; on a standby, up to where it was replayed. */
  readonly walEnd: Lsn;
  /** WAL is kept from here; `null` when none is. */
  readonly restartLsn: Lsn | null;
  readonly confirmedLsn: Lsn | null;
  /** Bytes that may still be written before the slot is lost; `null` without a limit, or when it is lost. */
  readonly safeWalBytes: bigint | null;
  readonly walStatus: string | null;
  /** How long nobody has held the slot, in milliseconds (PostgreSQL 17); `null` while it is held or unknown. */
  readonly inactiveMs: number | null;
}

/** How much more WAL a slot may keep, and for how long that will do. Bytes as bigint. */
export type WalBudget =
  /** Nothing was sampled, or no slot was there. */
  | { readonly type: "unknown" }
  | { readonly type: "lost" }
  /** `max_slot_wal_keep_size` is -1: the disk is the limit. */
  | { readonly type: "unlimited"; readonly keptBytes: bigint }
  | {
      readonly type: "limited";
      readonly keptBytes: bigint;
      /** Kept and what may be written besides. */
      readonly limitBytes: bigint;
      readonly remainingBytes: bigint;
      /** Of the limit, 0 to 1. */
      readonly remainingShare: number;
      /** How fast the remainder shrinks, in bytes a second; 0 when it does not. */
      readonly burnBytesPerSecond: number;
      /** Until it is full at that rate, in milliseconds; `undefined` when it does not shrink. */
      readonly fullInMs: number | undefined;
    };

/** Samples that are older than this say nothing of the rate. restart_lsn moves by jumps, up to 35 s apart (W17). */
export const rateWindowMs = 300_000;

/** Two samples closer than this say nothing of the rate either. */
const SHORTEST_WINDOW_MS = 1000;

/** The budget after these samples, oldest first. */
export function walBudget(samples: readonly HealthSample[]): WalBudget {
  const last = samples.at(-1);
  if (last === undefined) return { type: "unknown" };
  if (last.walStatus === "lost") return { type: "lost" };
  if (last.restartLsn === null) return { type: "unknown" };
  const keptBytes = difference(last.walEnd, last.restartLsn);
  if (last.safeWalBytes === null) return { type: "unlimited", keptBytes };
  const remainingBytes = last.safeWalBytes > 0n ? last.safeWalBytes : 0n;
  const limitBytes = keptBytes + remainingBytes;
  const burn = burnRate(samples, last, remainingBytes);
  return {
    type: "limited",
    keptBytes,
    limitBytes,
    remainingBytes,
    remainingShare: limitBytes === 0n ? 0 : Number((remainingBytes * 10_000n) / limitBytes) / 10_000,
    burnBytesPerSecond: burn,
    fullInMs: burn > 0 ? Math.round((Number(remainingBytes) / burn) * 1000) : undefined,
  };
}

/** How fast the remainder shrank since the oldest sample of the window that had a limit. */
function burnRate(samples: readonly HealthSample[], last: HealthSample, remaining: bigint): number {
  const first = samples.find(({ atMs, safeWalBytes }) => last.atMs - atMs <= rateWindowMs && safeWalBytes !== null);
  if (first === undefined || first.safeWalBytes === null) return 0;
  const elapsedMs = last.atMs - first.atMs;
  if (elapsedMs < SHORTEST_WINDOW_MS) return 0;
  return Math.max(0, (Number(first.safeWalBytes - remaining) / elapsedMs) * 1000);
}

/** `a - b` in bytes, 0 when `b` is ahead. */
export const difference = (a: Lsn, b: Lsn): bigint => (a > b ? a - b : 0n);
