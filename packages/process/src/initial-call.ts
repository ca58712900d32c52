import type { AnyActorRef } from "xstate";

/** What an actor was started as: the id of its logic where it has one, else its own. */
export function initialCallOf(ref: AnyActorRef): string {
  const logic: unknown = "logic" in ref ? ref.logic : undefined;
  if (typeof logic === "object" && logic !== null && "id" in logic && typeof logic.id === "string") return logic.id;
  return ref.id;
}
