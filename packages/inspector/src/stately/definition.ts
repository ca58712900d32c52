import type { AnyActorRef } from "xstate";

/** The config of an actor's machine as JSON text: functions by their names, logics by their ids. Of other actors only the id. */
export function definitionText(actor: AnyActorRef): string {
  const logic: unknown = "logic" in actor ? actor.logic : undefined;
  const config = typeof logic === "object" && logic !== null && "config" in logic ? logic.config : undefined;
  if (typeof config !== "object" || config === null) return JSON.stringify({ id: actor.id });
  const texts = texted.get(config) ?? JSON.stringify(config, withoutCode());
  texted.set(config, texts);
  return texts;
}

/** A config does not change, and has one text however many actors run it. */
const texted = new WeakMap<object, string>();

function withoutCode(): (this: unknown, key: string, value: unknown) => unknown {
  // The objects that hold the one that is written. A part that stands in two places is written twice, a ring once.
  const above: unknown[] = [];
  return function (key, value) {
    if (above.includes(this)) above.length = above.indexOf(this) + 1;
    if (typeof value === "function") return { type: value.name };
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "object" || value === null) return value;
    if ("getInitialSnapshot" in value) return "id" in value ? String(value.id) : "actor";
    // What a machine begins with may be anything; it is in the snapshot.
    if (key === "context" || above.includes(value)) return undefined;
    above.push(value);
    return value;
  };
}
