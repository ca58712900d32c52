import { channel } from "node:diagnostics_channel";
import type { Lsn } from "@trunkline/protocol";
import type { Answer } from "../explain/answer.ts";

/** The names of this package's `node:diagnostics_channel` channels. Payloads: {@link SubscriptionEvents}, and `slot`. */
export const subscriptionChannelNames = {
  streaming: "trunkline:subscription:streaming",
  disconnected: "trunkline:subscription:disconnected",
  handled: "trunkline:subscription:handled",
  handlerFailed: "trunkline:subscription:handler-failed",
  gap: "trunkline:subscription:gap",
  health: "trunkline:subscription:health",
  stopped: "trunkline:subscription:stopped",
} as const;

/** What each channel carries. Nothing in it is secret: no rows, no options. */
export interface SubscriptionEvents {
  /** A stream runs, from this position. */
  readonly streaming: { readonly from: Lsn | undefined };
  /** A session has ended, and this follows. */
  readonly disconnected: { readonly error: unknown; readonly code: string; readonly action: string };
  /** A transaction is handled. */
  readonly handled: { readonly commitLsn: Lsn; readonly attempts: number };
  readonly handlerFailed: {
    readonly error: unknown;
    readonly attempt: number;
    readonly next: "retry" | "park" | "stop";
  };
  /** Somebody else moved the slot: what was committed between the two does not come. */
  readonly gap: { readonly from: Lsn; readonly to: Lsn };
  /** Why the slot is not advancing, or that it is: after each sample, and after each that could not be taken. */
  readonly health: { readonly answer: Answer };
  readonly stopped: { readonly drained: boolean; readonly abandoned: number; readonly ackedTo: Lsn | undefined };
}

type EventName = keyof typeof subscriptionChannelNames;

const channels = {
  streaming: channel(subscriptionChannelNames.streaming),
  disconnected: channel(subscriptionChannelNames.disconnected),
  handled: channel(subscriptionChannelNames.handled),
  handlerFailed: channel(subscriptionChannelNames.handlerFailed),
  gap: channel(subscriptionChannelNames.gap),
  health: channel(subscriptionChannelNames.health),
  stopped: channel(subscriptionChannelNames.stopped),
} satisfies Record<EventName, unknown>;

/** Publishes for one subscription. */
export class SubscriptionTelemetry {
  readonly #slot: string;

  constructor(slot: string) {
    this.#slot = slot;
  }

  /** A payload is made only where somebody listens. */
  publish<Event extends EventName>(name: Event, payload: () => SubscriptionEvents[Event]): void {
    if (channels[name].hasSubscribers) channels[name].publish({ slot: this.#slot, ...payload() });
  }
}
