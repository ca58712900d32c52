// What stands at the boxes and arrows of a statechart.
/** @import { Chart } from "../src/wire.ts" */

/** @typedef {Chart["states"][number]} ChartState */
/** @typedef {Chart["edges"][number]} ChartEdge */

/** A longer event's name is cut. */
const longest = 18;

/**
 * An edge's event as people say it.
 *
 * @param {Pick<ChartEdge, "event" | "afterMs">} edge
 */
export function edgeWords({ event, afterMs }) {
  if (afterMs !== undefined) return afterMs >= 1000 ? `${afterMs / 1000} s` : `${afterMs} ms`;
  return eventWords(event);
}

/**
 * XState's own events without their machinery: `xstate.done.actor.0.setup` is `done`.
 *
 * @param {string} event
 */
export function eventWords(event) {
  if (event === "") return "always";
  const own = /^xstate\.(done|error|snapshot|after|init|stop)\b/.exec(event)?.[1];
  return own === undefined ? event : own === "init" ? "started" : own;
}

/**
 * An event's own name, without the names of those it comes from: `transport.closed` is `closed`.
 *
 * @param {string} words
 */
export function shortWords(words) {
  return words.slice(words.lastIndexOf(".") + 1) || words;
}

/**
 * What stands at an arrow: its first event, and how many more there are.
 *
 * @param {readonly ChartEdge[]} edges
 */
export function arrowLabel(edges) {
  const labels = edges.map((edge) => (edge.afterMs === undefined ? shortWords(edgeWords(edge)) : edgeWords(edge)));
  const [one = "", ...more] = [...new Set(labels)];
  const short = one.length > longest ? `${one.slice(0, longest - 1)}…` : one;
  return more.length === 0 ? short : `${short} +${more.length}`;
}

/**
 * Everything that is known of an arrow, a line for each of its transitions.
 *
 * @param {readonly ChartEdge[]} edges
 * @param {ReadonlyMap<string, ChartState>} states
 */
export function aboutArrow(edges, states) {
  const name = (/** @type {string} */ id) => states.get(id)?.key ?? id;
  return edges.map((edge) => {
    const guard = edge.guard === undefined ? "" : ` [${edge.guard}]`;
    return `${name(edge.from)} → ${edge.to.map(name).join(", ")}: ${edgeWords(edge)}${guard}`;
  });
}

/**
 * The transitions that hold in every state inside of one, and so start nowhere in particular.
 *
 * @param {Chart} chart
 * @param {ReadonlyMap<string, ChartState>} states
 * @returns {readonly { readonly state: ChartState; readonly words: readonly string[] }[]}
 */
export function anywhereWords(chart, states) {
  return chart.states.flatMap((state) => {
    const edges = chart.edges.filter(
      (edge) => edge.from === state.id && edge.to.every((to) => isInside(to, state.id, states)),
    );
    const compound = chart.states.some((other) => other.parent === state.id);
    if (!compound || edges.length === 0) return [];
    const words = edges.map(
      (edge) => `${edgeWords(edge)} → ${edge.to.map((to) => states.get(to)?.key ?? to).join(", ")}`,
    );
    return [{ state, words: [...new Set(words)] }];
  });
}

/**
 * Whether a state is another or lies within it.
 *
 * @param {string} id
 * @param {string} ancestor
 * @param {ReadonlyMap<string, ChartState>} states
 */
export function isInside(id, ancestor, states) {
  for (let at = states.get(id); at !== undefined; at = at.parent === undefined ? undefined : states.get(at.parent)) {
    if (at.id === ancestor) return true;
  }
  return false;
}
