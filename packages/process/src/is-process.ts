import type { AnyActorRef } from "xstate";
import { recordOf } from "./record.ts";

/**
 * Whether the kernel knows this actor: it was started through this library, or has been linked, monitored or supervised.
 * Asking changes nothing, where `processInfo` begins to watch an actor that it did not know.
 */
export function isProcess(ref: AnyActorRef): boolean {
  return recordOf(ref) !== undefined;
}
