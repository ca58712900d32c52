import { channel } from "node:diagnostics_channel";
import type { AnyActorRef } from "xstate";

/**
 * The names of this package's `node:diagnostics_channel` channels. Payloads: the interface of each entry in
 * {@link ReplicationEvents}, and the connection's actor as `connection`. A payload is made only where somebody listens.
 */
export const replicationChannelNames = {
  connectStart: "trunkline:replication:connect-start",
  connected: "trunkline:replication:connected",
  connectFailed: "trunkline:replication:connect-failed",
  disconnected: "trunkline:replication:disconnected",
  query: "trunkline:replication:query",
  streamStart: "trunkline:replication:stream-start",
  streamEnd: "trunkline:replication:stream-end",
  batch: "trunkline:replication:batch",
  acknowledged: "trunkline:replication:acknowledged",
} as const;

/** What each channel carries. Nothing in it is secret: no SQL, no rows, no options. */
export interface ReplicationEvents {
  /** An attempt begins; the first is number 1. */
  readonly connectStart: { readonly attempt: number };
  readonly connected: { readonly attempt: number; readonly connectionId: number; readonly durationMs: number };
  readonly connectFailed: { readonly attempt: number; readonly error: unknown; readonly durationMs: number };
  /** `reason`: what `handleDisconnect` gets. */
  readonly disconnected: { readonly reason: unknown };
  /** A query is through. `command`: the first word of its text. */
  readonly query: { readonly command: string; readonly durationMs: number; readonly failed: boolean };
  readonly streamStart: { readonly copy: "both" | "out" };
  readonly streamEnd: { readonly how: "done" | "failed" | "lost" };
  /** What came between two turns. `received`: the greatest LSN seen, as text; `undefined` for a COPY. */
  readonly batch: { readonly messages: number; readonly bytes: number; readonly received: string | undefined };
  /** Positions that were sent to the server, as text; `automatic`: not returned by a callback just now. */
  readonly acknowledged: { readonly flushed: string; readonly received: string; readonly automatic: boolean };
}

type EventName = keyof typeof replicationChannelNames;

const channels = {
  connectStart: channel(replicationChannelNames.connectStart),
  connected: channel(replicationChannelNames.connected),
  connectFailed: channel(replicationChannelNames.connectFailed),
  disconnected: channel(replicationChannelNames.disconnected),
  query: channel(replicationChannelNames.query),
  streamStart: channel(replicationChannelNames.streamStart),
  streamEnd: channel(replicationChannelNames.streamEnd),
  batch: channel(replicationChannelNames.batch),
  acknowledged: channel(replicationChannelNames.acknowledged),
} satisfies Record<EventName, unknown>;

/** Publishes for one connection. */
export interface Telemetry {
  publish<Name extends EventName>(name: Name, payload: () => ReplicationEvents[Name]): void;
  /** Whether anybody would hear. */
  hears(name: EventName): boolean;
}

/** The telemetry of one connection. */
export function telemetryOf(connection: () => AnyActorRef | undefined): Telemetry {
  return {
    publish(name, payload) {
      if (channels[name].hasSubscribers) channels[name].publish({ connection: connection(), ...payload() });
    },
    hears: (name) => channels[name].hasSubscribers,
  };
}
