import type { AnyActorRef } from "xstate";
import { processOf } from "./adopt.ts";
import type { Runtime } from "./runtime.ts";

/** The clock, randomness and logger of the tree a process belongs to. */
export function runtimeOf(self: AnyActorRef): Runtime {
  return processOf(self).runtime;
}
