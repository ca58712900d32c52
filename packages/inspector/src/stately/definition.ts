import type { AnyActorRef } from "xstate";

/** The config of an actor's machine as JSON text: functions by their names, logics by their ids. Of other actors only the id. */
export function definitionText(actor: AnyActorRef): string {
  const logic: unknown = "logic" in actor ? actor.logic : undefined;
  const config = typeof logic === "object" && logic !== null && "config" in logic ? logic.config : undefined;
  if (typeof config !== "object" || config === null) return JSON.stringify({ id: actor.id });
  const texts = texted.get(config) ?? JSON.stringify(config, withoutCode(new Set()));
  texted.set(config, texts);
  return texts;
}

/** A config does not change, and has one text however many actors run it. */
const texted = new WeakMap<object, string>();

function withoutCode(above: Set<unknown>): (this: unknown, key: string, value: unknown) => unknown {
  return (key, value) => {
    if (typeof value === "function") return { type: value.name };
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "object" || value === null) return value;
    if ("getInitialSnapshot" in value) return "id" in value ? String(value.id) : "actor";
    // What a machine begins with may be anything; it is in the snapshot.
    if (key === "context" || above.has(value)) return undefined;
    above.add(value);
    return value;
  };
}
