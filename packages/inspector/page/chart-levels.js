// A statechart cut into levels: the children of one state, and the arrows that are drawn between them. An arrow from or
// to a state deeper down is drawn from or to the box, on this level, that holds it.
/** @import { Chart } from "../src/wire.ts" */
/** @import { ChartEdge, ChartState } from "./chart-words.js" */

/**
 * @typedef {object} LevelArrow
 * @property {string} id
 * @property {string} from a state of the level
 * @property {string} to another state of the level
 * @property {ChartEdge[]} edges the transitions that it stands for
 */

/**
 * @typedef {object} Level
 * @property {readonly ChartState[]} states in the order in which they are reached
 * @property {readonly LevelArrow[]} arrows
 */

/**
 * The levels by the id of the state that holds them. The outermost is under `""`; a single root that holds all other
 * states is not drawn.
 *
 * @param {Chart} chart
 * @returns {ReadonlyMap<string, Level>}
 */
export function levelsOf(chart) {
  const states = new Map(chart.states.map((state) => [state.id, state]));
  const root = rootOf(chart);
  const home = (/** @type {ChartState} */ state) =>
    state.parent === undefined || state.parent === root?.id ? "" : state.parent;
  /** @type {Map<string, ChartState[]>} */
  const children = new Map([["", []]]);
  for (const state of chart.states) {
    if (state === root) continue;
    const level = children.get(home(state));
    if (level === undefined) children.set(home(state), [state]);
    else level.push(state);
  }

  /** @type {Map<string, Map<string, LevelArrow>>} */
  const arrows = new Map();
  const path = (/** @type {string} */ id) => {
    const up = [];
    for (let at = states.get(id); at !== undefined && at !== root; at = states.get(at.parent ?? "")) up.unshift(at);
    return up;
  };
  for (const edge of chart.edges) {
    for (const target of edge.to) {
      const [from, to] = [path(edge.from), path(target)];
      const apart = from.findIndex((state, index) => state !== to[index]);
      const [a, b] = [from[apart], to[apart]];
      if (a === undefined || b === undefined) continue;
      const level = home(a);
      const known = arrows.get(level) ?? new Map();
      arrows.set(level, known);
      const id = `${a.id} ${b.id}`;
      const arrow = known.get(id);
      if (arrow === undefined) known.set(id, { id, from: a.id, to: b.id, edges: [edge] });
      else if (!arrow.edges.includes(edge)) arrow.edges.push(edge);
    }
  }

  return new Map(
    [...children].map(([id, level]) => {
      const between = [...(arrows.get(id)?.values() ?? [])];
      const initial = id === "" ? root?.initial : states.get(id)?.initial;
      return [id, { states: inReach(level, between, initial), arrows: between }];
    }),
  );
}

/**
 * The state that holds all the others, if there is one.
 *
 * @param {Chart} chart
 * @returns {ChartState | undefined}
 */
export function rootOf(chart) {
  const [root, ...others] = chart.states.filter((state) => state.parent === undefined);
  return others.length === 0 && chart.states.length > 1 ? root : undefined;
}

/**
 * The states in the order in which arrows reach them from the first; what no arrow reaches follows as it was defined.
 *
 * @type {(states: readonly ChartState[], arrows: readonly LevelArrow[], initial: string | undefined) => ChartState[]}
 */
function inReach(states, arrows, initial) {
  const first = states.find((state) => state.id === initial) ?? states[0];
  /** @type {Set<ChartState>} */
  const reached = new Set(first === undefined ? [] : [first]);
  for (const state of reached) {
    for (const arrow of arrows) {
      const next = arrow.from === state.id ? states.find(({ id }) => id === arrow.to) : undefined;
      if (next !== undefined) reached.add(next);
    }
  }
  return [...reached, ...states.filter((state) => !reached.has(state))];
}
