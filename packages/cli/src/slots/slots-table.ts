import { formatLsn } from "@trunkline/protocol";
import type { Colours } from "../terminal/colours.ts";
import { table } from "../terminal/table.ts";
import { bytesOrDash, type SlotState, type SlotVerdictWord } from "./slot-state.ts";

/** The slots as a table, then a sentence for each: who reads, what its budget is, what to do. */
export function slotsTable(states: readonly SlotState[], colours: Colours): string {
  if (states.length === 0) return "The server has no replication slots.\n";
  const columns = [
    { title: "SLOT" },
    { title: "DATABASE" },
    { title: "KIND" },
    { title: "LAG", align: "right" },
    { title: "WAL KEPT", align: "right" },
    { title: "VERDICT" },
  ] as const;
  const rows = states.map(({ row, lagBytes, keptBytes, verdict }) => [
    row.name,
    row.database ?? "-",
    `${row.plugin ?? "physical"}${row.temporary ? ", temporary" : ""}`,
    bytesOrDash(lagBytes),
    bytesOrDash(keptBytes),
    verdict,
  ]);
  const [titles = "", ...lines] = table(columns, rows).split("\n");
  const told = states.flatMap((state, index) => [
    paint(state.verdict, colours)(lines[index] ?? ""),
    `  ${state.sentence}`,
    `  WAL budget: ${state.budget}`,
  ]);
  return `${[colours.bold(titles), ...told].join("\n")}\n`;
}

function paint(verdict: SlotVerdictWord, { red, yellow, green }: Colours): (line: string) => string {
  switch (verdict) {
    case "lost":
    case "endangered":
      return red;
    case "unread":
    case "creating":
      return yellow;
    case "reading":
      return green;
    case "idle":
      return (line) => line;
  }
}

/** The slots as one JSON object on one line: `{"slots":[…]}`. Bytes and LSNs are text. */
export function slotsJson(states: readonly SlotState[]): string {
  const slots = states.map(({ row, reader, verdict, sentence, lagBytes, keptBytes, safeBytes, fullInMs }) => ({
    name: row.name,
    type: row.type,
    plugin: row.plugin,
    database: row.database,
    temporary: row.temporary,
    active: row.active,
    reader: reader ?? null,
    verdict,
    sentence,
    confirmedLsn: row.confirmedFlushLsn === null ? null : formatLsn(row.confirmedFlushLsn),
    restartLsn: row.restartLsn === null ? null : formatLsn(row.restartLsn),
    lagBytes: lagBytes === null ? null : String(lagBytes),
    keptBytes: keptBytes === null ? null : String(keptBytes),
    safeBytes: safeBytes === null ? null : String(safeBytes),
    fullInMs,
    walStatus: row.walStatus,
    invalidationReason: row.invalidationReason,
  }));
  return `${JSON.stringify({ slots })}\n`;
}
