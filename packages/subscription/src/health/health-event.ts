import type { HealthState } from "./health-report.ts";
import type { SlotSample } from "./slot-sample.ts";
import type { WalAlarm } from "./wal-alarm.ts";

/** What a sampler emits: `actor.on("slot.sampled", …)`. */
export type HealthEvent =
  | { readonly type: "slot.sampled"; readonly sample: SlotSample; readonly health: HealthState }
  /** Half, a quarter or a tenth of the WAL budget is left, the slot is lost, or it has got better. */
  | { readonly type: "slot.alarm"; readonly alarm: WalAlarm; readonly health: HealthState }
  /** The server could not be asked. It is tried again at the next interval. */
  | { readonly type: "slot.unsampled"; readonly error: unknown };
