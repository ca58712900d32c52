import { readFileSync } from "node:fs";
import { arrows, type ChartNode, mermaid } from "../../../tools/mermaid.ts";
import { subscriptionMachine } from "../src/stream/subscription-machine.ts";

/** Where the page lies. */
export const statechartPageUrl = new URL("../../../docs/reference/subscription-statechart.md", import.meta.url);

/** What each state waits for, in words. A state that is missing here fails to compile. */
const waitsFor: Readonly<Record<keyof typeof subscriptionMachine.states, string>> = {
  preparing: "the checkpoint is loaded, the server examined, publications are made",
  copying: "the tables are copied, as long as it takes",
  opening: "a session is on its way to its stream: login, position, lock, slot, publications",
  standingBy: "another owner has the slot; looks again every `standbyPollMs`",
  streaming: "changes come in",
  yielding: "the server shuts down; the handler gets `serverShutdownGraceMs`",
  deciding: "nothing: what follows is decided from the error, by one table",
  backingOff: "the next attempt; the wait grows up to `backoff.maxMs`",
  preparingAgain: "the same, where preparing did not come to its end",
  draining: "the handler finishes what it has in hand, at most `drainMs`",
  closing: "what is durable is confirmed, and the session says goodbye",
  stopped: "nothing: the process ends with its reason",
};

/** The page as it should be: the machine drawn from its own definition. */
export function statechartPage(): string {
  return `# The subscription's statechart

Drawn from the machine itself by \`packages/subscription/test/draw-statechart.ts\`; a test keeps it current. \`session.\` events tell
of the one connection that a subscription has at a time; its own states are [on another page](replication-connection-statechart.md).

\`\`\`mermaid
${mermaid(subscriptionMachine.root)}
\`\`\`

${table()}

*Started*: a supervisor counts the child as started in this state.

From every state but \`closing\` and \`stopped\` (\`draining\` takes note of who asks once more):

${fromEverywhere(subscriptionMachine.root)}
`;
}

/** The page as it is. */
export const currentPage = (): string => readFileSync(statechartPageUrl, "utf8");

function table(): string {
  const rows = Object.entries(waitsFor).map(([state, words]) => {
    const tags = Object.entries(subscriptionMachine.states).find(([key]) => key === state)?.[1].tags ?? [];
    return `| \`${state}\` | ${words} | ${tags.includes("started") ? "started" : ""} |`;
  });
  return ["| state | what it waits for | |", "| --- | --- | --- |", ...rows].join("\n");
}

function fromEverywhere(root: ChartNode): string {
  return [...arrows(root)]
    .map(([target, labels]) => `- ${labels.map((label) => `\`${label}\``).join(", ")}: \`${target}\``)
    .join("\n");
}
