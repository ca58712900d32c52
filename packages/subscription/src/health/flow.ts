import type { Lsn } from "@trunkline/protocol";

/** Where the server's WAL ended and how far we were, at one moment of the process' clock. */
export interface FlowPoint {
  readonly atMs: number;
  readonly walEnd: Lsn;
  readonly durable: Lsn;
}

/** How fast both move, in bytes of WAL a second, and whether the distance grows. */
export interface Flow {
  readonly writtenBytesPerSecond: number;
  readonly handledBytesPerSecond: number;
  readonly trend: "catching up" | "keeping pace" | "falling behind";
}

/** Points that are older than this say nothing of now. */
const windowMs = 60_000;
/** A distance that changes by less than this, or by less than a tenth of what was written, stands still. */
const smallestChangeBytes = 65_536;

const still: Flow = { writtenBytesPerSecond: 0, handledBytesPerSecond: 0, trend: "keeping pace" };

/** Adds a point; those that are too old go. */
export function withPoint(points: readonly FlowPoint[], point: FlowPoint): readonly FlowPoint[] {
  return [...points.filter(({ atMs }) => point.atMs - atMs <= windowMs), point];
}

/** What the points, oldest first, tell. */
export function flowOf(points: readonly FlowPoint[]): Flow {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return still;
  const seconds = (last.atMs - first.atMs) / 1000;
  const written = Math.max(0, Number(last.walEnd - first.walEnd));
  const handled = Math.max(0, Number(last.durable - first.durable));
  const change = written - handled;
  const least = Math.max(smallestChangeBytes, written / 10);
  return {
    writtenBytesPerSecond: written / seconds,
    handledBytesPerSecond: handled / seconds,
    trend: change > least ? "falling behind" : change < -least ? "catching up" : "keeping pace",
  };
}
