import { readFileSync } from "node:fs";
import type { AnyStateNode } from "xstate";
import { connectionMachine } from "../src/machine/connection-machine.ts";
import type { ConnectionEventType } from "../src/machine/events.ts";
import { type Outcome, outcomes } from "../src/machine/outcomes.ts";
import { connectionStates } from "../src/machine/states.ts";

/** Where the page lies. */
export const statechartPageUrl = new URL(
  "../../../docs/reference/replication-connection-statechart.md",
  import.meta.url,
);

/** The page as it should be: the machine drawn from its own definition, and its table. */
export function statechartPage(): string {
  return `# The replication connection's statechart

Drawn from the machine itself by \`packages/replication/test/draw-statechart.ts\`; a test keeps it current.
Events that begin with \`transport.\` come from the socket's side, \`mailbox.\` from what the callbacks returned, and
\`otp.stop\` from whoever stops the process. Calls and infos go to the mailbox in every state but \`stopped\`.

\`\`\`mermaid
${mermaid()}
\`\`\`

## What each event does in each state

A state: the machine goes there (\`a / b\`: with / without \`autoReconnect\`; in brackets: after a reconnect that proved no
good). *kept*: it stays and remembers something. *refused*: the callback that asked gets this error. *superseded*: the
loss of the connection, already on its way, is the answer. Blank: nothing happens.

${table()}
`;
}

/** The page as it is. */
export const currentPage = (): string => readFileSync(statechartPageUrl, "utf8");

function mermaid(): string {
  return ["stateDiagram-v2", ...drawn(connectionMachine.root, 1)].join("\n");
}

function drawn(node: AnyStateNode, depth: number): string[] {
  const indent = "  ".repeat(depth);
  const lines: string[] = [];
  const initial = node.initial?.target[0];
  if (initial !== undefined) lines.push(`${indent}[*] --> ${initial.key}`);
  for (const child of Object.values(node.states)) {
    if (Object.keys(child.states).length > 0) {
      lines.push(`${indent}state ${child.key} {`, ...drawn(child, depth + 1), `${indent}}`);
    }
    for (const [target, events] of edges(child))
      lines.push(`${indent}${child.key} --> ${target}: ${events.join(", ")}`);
    if (child.type === "final") lines.push(`${indent}${child.key} --> [*]`);
  }
  return lines;
}

/** Targets, and the events that lead to them: one arrow for each pair of states. */
function edges(node: AnyStateNode): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const transitions = [...node.transitions.values()].flat();
  for (const { eventType, target, guard } of transitions) {
    const to = target?.[0];
    if (to === undefined) continue;
    const name = eventType.startsWith("xstate.after.") ? `after ${eventType.split(".")[2] ?? ""}` : eventType;
    const label = typeof guard === "string" ? `${name} [${guard}]` : name;
    found.set(to.key, [...new Set([...(found.get(to.key) ?? []), label])]);
  }
  return found;
}

function table(): string {
  const events = Object.keys(outcomes.stopped) as ConnectionEventType[];
  const own = events.filter(
    (event) => event.startsWith("transport.") || event.startsWith("mailbox.") || event === "otp.stop",
  );
  const header = ["event", ...connectionStates.filter((state) => state !== "stopped").map(short)];
  const rows = own.map((event) => [
    `\`${event}\``,
    ...connectionStates.filter((state) => state !== "stopped").map((state) => cell(outcomes[state][event])),
  ]);
  return [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

const short = (state: string): string => state.replace("connected.", "");

function cell(outcome: Outcome): string {
  if (typeof outcome === "object" && "auto" in outcome) {
    const failing = outcome.failing === undefined ? "" : ` (${short(outcome.failing)})`;
    return `${short(outcome.auto)}${failing} / ${short(outcome.once)}`;
  }
  if (typeof outcome === "object") return `*refused* \`${outcome.refused}\``;
  if (outcome === "ignored") return "";
  return outcome === "kept" || outcome === "superseded" || outcome === "delivered" ? `*${outcome}*` : short(outcome);
}
