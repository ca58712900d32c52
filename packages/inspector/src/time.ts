import { type Clock, realClock } from "@trunkline/process";

/** Where the inspector gets its time from. Its timers keep nothing alive. */
export interface Time {
  readonly clock: Clock;
  /** Unix milliseconds. */
  readonly unixMs: () => number;
}

/** The machine's own time. */
export const realTime: Time = { clock: realClock({ unref: true }), unixMs: Date.now };
