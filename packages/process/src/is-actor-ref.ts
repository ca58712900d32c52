import type { AnyActorRef } from "xstate";

/** Whether something is an actor, running or ended: one of this library's or any other of XState's. */
export function isActorRef(value: unknown): value is AnyActorRef {
  return (
    typeof value === "object" &&
    value !== null &&
    "send" in value &&
    "getSnapshot" in value &&
    "subscribe" in value &&
    "sessionId" in value
  );
}
