import type { AnyActorRef } from "xstate";
import { processOf } from "./adopt.ts";
import type { ProcessMetadata } from "./metadata.ts";

/**
 * What a process tells of itself now: what `sys.provide(self, { metadata })` gave makes, or nothing. What `metadata` throws is
 * thrown here.
 */
export function metadataOf(ref: AnyActorRef): ProcessMetadata {
  return processOf(ref).sys?.metadata?.() ?? {};
}
