import type { AnyActorRef } from "xstate";

/** What the inspector reads of any snapshot. */
export interface SeenSnapshot {
  readonly status?: unknown;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly error?: unknown;
  readonly children?: unknown;
}

/** The snapshot of an actor; nothing for one that has none. */
export function seenSnapshot(actor: AnyActorRef): SeenSnapshot {
  const snapshot: unknown = actor.getSnapshot();
  return typeof snapshot === "object" && snapshot !== null ? snapshot : {};
}
