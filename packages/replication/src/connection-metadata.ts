import type { ProcessMetadata } from "@trunkline/process";
import type { AnyActorRef } from "xstate";
import { Rate } from "./rate.ts";
import type { StreamVitals } from "./transport/stream-vitals.ts";

const vitalsOf = new WeakMap<AnyActorRef, () => StreamVitals>();

/** How the streams of a connection do: what came, and when the server was last heard. `undefined`: no connection of ours. */
export function streamVitals(connection: AnyActorRef): StreamVitals | undefined {
  return vitalsOf.get(connection)?.();
}

/** Makes what a connection tells of itself, and lets {@link streamVitals} find it. */
export function connectionMetadata(
  connection: AnyActorRef,
  vitals: () => StreamVitals,
  now: () => number,
): () => ProcessMetadata {
  vitalsOf.set(connection, vitals);
  const messageRate = new Rate();
  const byteRate = new Rate();
  return () => {
    const { messages, bytes } = vitals();
    const nowMs = now();
    const inMessages = { key: "in", label: "in", value: messageRate.at(messages, nowMs) };
    const inBytes = { key: "in", label: "in", value: byteRate.at(bytes, nowMs) };
    return {
      kind: "connection",
      plots: [
        { key: "messages", title: "Messages/s", unit: "messages/s", series: [inMessages] },
        { key: "bytes", title: "Bytes/s", unit: "bytes/s", series: [inBytes] },
      ],
    };
  };
}
