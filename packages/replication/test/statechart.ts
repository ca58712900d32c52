import { readFileSync } from "node:fs";
import { mermaid } from "../../../tools/mermaid.ts";
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
${mermaid(connectionMachine.root)}
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
