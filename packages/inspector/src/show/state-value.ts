import type { AnyStateNode } from "xstate";

/** A state value as a path: `connected.streaming`; regions of a parallel state side by side: `on.(left.up | right.down)`. */
export function statePath(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  const parts = Object.entries(value).map(([key, inner]) => {
    const below = statePath(inner);
    if (below === "") return key;
    return below.includes(" | ") ? `${key}.(${below})` : `${key}.${below}`;
  });
  return parts.join(" | ");
}

/** The ids of the states that a state value makes active, outermost first. */
export function activeIds(state: AnyStateNode, value: unknown): string[] {
  return [state.id, ...entriesOf(value).flatMap(([key, inner]) => activeBelow(state.states[key], inner))];
}

const activeBelow = (state: AnyStateNode | undefined, value: unknown): string[] =>
  state === undefined ? [] : activeIds(state, value);

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value === "string") return [[value, undefined]];
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}
