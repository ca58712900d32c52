import { channel } from "node:diagnostics_channel";
import type { HealthEvent } from "./health-event.ts";

/** The names of the `node:diagnostics_channel` channels of slot health. Payloads: {@link HealthEvent}, and `slot`. */
export const healthChannelNames = {
  "slot.sampled": "trunkline:subscription:slot-sampled",
  "slot.alarm": "trunkline:subscription:slot-alarm",
  "slot.unsampled": "trunkline:subscription:slot-unsampled",
} as const satisfies Record<HealthEvent["type"], string>;

const channels = {
  "slot.sampled": channel(healthChannelNames["slot.sampled"]),
  "slot.alarm": channel(healthChannelNames["slot.alarm"]),
  "slot.unsampled": channel(healthChannelNames["slot.unsampled"]),
} as const satisfies Record<HealthEvent["type"], unknown>;

/** Publishes what a sampler emits, where somebody listens. */
export function publishHealth(slot: string | undefined, event: HealthEvent): void {
  const to = channels[event.type];
  if (to.hasSubscribers) to.publish({ slot, ...event });
}
