/** What is drawn of a machine: a state node of XState's, its transitions as they are resolved. */
export interface ChartNode {
  readonly key: string;
  readonly type: string;
  readonly states: Readonly<Record<string, ChartNode>>;
  readonly initial?: { readonly target: readonly ChartNode[] } | undefined;
  readonly transitions: ReadonlyMap<string, readonly ChartTransition[]>;
  readonly always?: readonly ChartTransition[] | undefined;
  readonly invoke: readonly { readonly id: string; readonly src: unknown }[];
}

/** One transition of a node. */
export interface ChartTransition {
  readonly eventType: string;
  readonly target?: readonly ChartNode[] | undefined;
  readonly guard?: unknown;
}

/** A machine as a Mermaid state diagram, from its own definition. What its root does in every state is not in it. */
export const mermaid = (root: ChartNode): string => ["stateDiagram-v2", ...drawn(root, 1)].join("\n");

/** The transitions of one node: targets, and what leads there, one entry for each pair of states. */
export function arrows(node: ChartNode): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const transition of [...[...node.transitions.values()].flat(), ...(node.always ?? [])]) {
    const to = transition.target?.[0];
    if (to === undefined) continue;
    const label = `${eventName(transition.eventType, node)}${guardName(transition.guard)}`;
    found.set(to.key, [...new Set([...(found.get(to.key) ?? []), label])]);
  }
  return found;
}

function drawn(node: ChartNode, depth: number): string[] {
  const indent = "  ".repeat(depth);
  const lines: string[] = [];
  const initial = node.initial?.target[0];
  if (initial !== undefined) lines.push(`${indent}[*] --> ${initial.key}`);
  for (const child of Object.values(node.states)) {
    if (Object.keys(child.states).length > 0) {
      lines.push(`${indent}state ${child.key} {`, ...drawn(child, depth + 1), `${indent}}`);
    }
    for (const [target, labels] of arrows(child))
      lines.push(`${indent}${child.key} --> ${target}: ${labels.join(", ")}`);
    if (child.type === "final") lines.push(`${indent}${child.key} --> [*]`);
  }
  return lines;
}

function eventName(eventType: string, node: ChartNode): string {
  if (eventType === "") return "at once";
  const [, after] = /^xstate\.after\.(\w+)\./.exec(eventType) ?? [];
  if (after !== undefined) return `after ${after}`;
  const [, outcome, id] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(eventType) ?? [];
  if (outcome === undefined) return eventType;
  const source = node.invoke.find((invoked) => invoked.id === id)?.src;
  return `${String(source ?? id)} ${outcome === "done" ? "is done" : "fails"}`;
}

/** Guards by name; one that is written in place has none. */
function guardName(guard: unknown): string {
  const name = typeof guard === "function" ? guard.name : guard;
  return typeof name === "string" && name !== "" && name !== "guard" ? ` [${name}]` : "";
}
