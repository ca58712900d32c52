import { type AnyActorRef, type AnyStateNode, type AnyTransitionDefinition, createMachine } from "xstate";
import type { Chart } from "../wire.ts";

/** A statechart as it is shown, and the state nodes behind it. */
export interface DrawnChart {
  readonly chart: Chart;
  readonly root: AnyStateNode;
}

/** The charts of logics, each drawn once. */
export class Charts {
  readonly #byConfig = new WeakMap<object, DrawnChart | "none">();
  readonly #ids = new Map<string, number>();

  /** The chart of an actor's logic: of a machine, or of logic whose `config` is a machine's. */
  of(actor: AnyActorRef): DrawnChart | undefined {
    const logic: unknown = "logic" in actor ? actor.logic : undefined;
    if (typeof logic !== "object" || logic === null || !("config" in logic)) return undefined;
    const { config } = logic;
    if (typeof config !== "object" || config === null) return undefined;
    // Copies of a machine with other implementations share its config.
    const known = this.#byConfig.get(config);
    if (known !== undefined) return known === "none" ? undefined : known;
    const root = "root" in logic && isStateNode(logic.root) ? logic.root : rootOf(config);
    const drawn = root === undefined || Object.keys(root.states).length === 0 ? undefined : this.#draw(root);
    this.#byConfig.set(config, drawn ?? "none");
    return drawn;
  }

  #draw(root: AnyStateNode): DrawnChart {
    const times = this.#ids.get(root.id) ?? 0;
    this.#ids.set(root.id, times + 1);
    const id = times === 0 ? root.id : `${root.id}~${times}`;
    return { root, chart: drawChart(id, root) };
  }
}

/** A machine's definition as states and edges. Transitions that go nowhere are left out. */
export function drawChart(id: string, root: AnyStateNode): Chart {
  const states = [...statesBelow(root)];
  return {
    t: "chart",
    id,
    states: states.map((state) => ({
      id: state.id,
      key: state.key,
      ...(state.parent === undefined ? {} : { parent: state.parent.id }),
      kind: state.type,
      ...initialOf(state),
    })),
    edges: states.flatMap(edgesOf),
  };
}

/** Which edge of its chart a transition is. */
export function edgeId(transition: AnyTransitionDefinition): string | undefined {
  const { source, eventType } = transition;
  const index = siblingsOf(source, eventType).indexOf(transition);
  return index < 0 ? undefined : edgeName(source, eventType, index);
}

/** An event as a reader knows it: what XState names by itself is put in words. */
export function eventLabel(type: string): string {
  if (type === "") return "always";
  if (type === "xstate.init") return "start";
  if (type.startsWith("xstate.done.state.")) return "done";
  if (type.startsWith("xstate.after.")) return "after";
  const [, what, actor] = /^xstate\.(done|error|snapshot)\.actor\.(.+)$/.exec(type) ?? [];
  return what === undefined || actor === undefined ? type : `${what}: ${actor}`;
}

function* statesBelow(state: AnyStateNode): Generator<AnyStateNode> {
  yield state;
  for (const child of Object.values(state.states)) yield* statesBelow(child);
}

function initialOf(state: AnyStateNode): { readonly initial?: string } {
  if (state.type !== "compound") return {};
  const target = state.initial.target[0];
  return target === undefined ? {} : { initial: target.id };
}

function edgesOf(state: AnyStateNode): Chart["edges"] {
  const events = [...state.transitions.keys(), ...(state.always === undefined ? [] : [""])];
  return events.flatMap((event) =>
    siblingsOf(state, event).flatMap((transition, index) => {
      const to = transition.target?.map(({ id }) => id) ?? [];
      if (to.length === 0) return [];
      const guard = guardName(transition.guard);
      return [
        {
          id: edgeName(state, event, index),
          from: state.id,
          to,
          ...eventOf(transition),
          ...(guard === undefined ? {} : { guard }),
        },
      ];
    }),
  );
}

function eventOf(transition: AnyTransitionDefinition): { readonly event: string; readonly afterMs?: number } {
  const delay: unknown = "delay" in transition ? transition.delay : undefined;
  if (typeof delay === "number") return { event: "after", afterMs: delay };
  if (typeof delay === "string") return { event: `after ${delay}` };
  return { event: eventLabel(transition.eventType) };
}

function siblingsOf(state: AnyStateNode, event: string): readonly AnyTransitionDefinition[] {
  return (event === "" ? state.always : state.transitions.get(event)) ?? [];
}

const edgeName = (state: AnyStateNode, event: string, index: number): string => `${state.id}|${event}|${index}`;

function guardName(guard: unknown): string | undefined {
  if (guard === undefined) return undefined;
  if (typeof guard === "string") return guard;
  if (typeof guard === "function") return guard.name === "" || guard.name === "guard" ? "a condition" : guard.name;
  const type = typeof guard === "object" && guard !== null && "type" in guard ? guard.type : undefined;
  return typeof type === "string" ? type : "a condition";
}

function isStateNode(value: unknown): value is AnyStateNode {
  return typeof value === "object" && value !== null && "transitions" in value && value.transitions instanceof Map;
}

// Logic that is no machine may carry a chart of itself: the config of one.
function rootOf(config: object): AnyStateNode | undefined {
  return "states" in config ? createMachine(config as Parameters<typeof createMachine>[0]).root : undefined;
}
