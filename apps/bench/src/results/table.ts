import type { ConnectionCosts } from "../connections/rounds.ts";
import type { SupervisionCost } from "../run/supervision-costs.ts";
import type { Figures } from "./figures.ts";
import type { JudgedGoal } from "./goals.ts";

/** A cell of a printed table; numbers go to the right. */
type Cell = string | number | null;

const columns: readonly { readonly title: string; readonly cell: (figures: Figures) => Cell }[] = [
  { title: "client", cell: ({ client }) => client },
  { title: "runs", cell: ({ runs }) => runs },
  { title: "CPU µs/row", cell: ({ cpuMicrosPerRow: value }) => value?.toFixed(2) ?? null },
  { title: "min–max", cell: (figures) => range(figures.cpuMicrosPerRowMin, figures.cpuMicrosPerRowMax, 2) },
  { title: "rows/s", cell: ({ rowsPerSecond }) => thousands(rowsPerSecond) },
  { title: "MB/s", cell: ({ megabytesPerSecond: value }) => value?.toFixed(0) ?? null },
  { title: "RSS MB", cell: ({ maxRssMb: value }) => value?.toFixed(0) ?? null },
  { title: "p50 ms", cell: ({ latencyP50Ms: value }) => value?.toFixed(2) ?? null },
  { title: "p99 ms", cell: ({ latencyP99Ms: value }) => value?.toFixed(2) ?? null },
];

/** The figures as text, a table for each workload and setup; columns that say nothing are left out. */
export function formatFigures(all: readonly Figures[]): string {
  const titles = new Set(all.map(titleOf));
  return [...titles]
    .map((title) => {
      const block = all.filter((figures) => titleOf(figures) === title);
      const shown = columns.filter(({ cell }) => block.some((figures) => cell(figures) !== null));
      const rows = block.map((figures) => shown.map(({ cell }) => cell(figures)));
      const complaints = block.flatMap(({ client, invalid }) => invalid.map((why) => `  INVALID ${client}: ${why}`));
      return [
        title,
        formatTable(
          shown.map((column) => column.title),
          rows,
        ),
        ...complaints,
      ].join("\n");
    })
    .join("\n\n");
}

function titleOf({ workload, setup, rows }: Figures): string {
  return `${workload} ${setup}, ${rows.toLocaleString("en-US")} rows`;
}

/** What connections cost, by their number. */
export function formatConnections(all: readonly ConnectionCosts[]): string {
  const rows = all.map((costs) => [
    costs.connections,
    costs.rssKbEach,
    costs.cpuMicrosPerKeepalive,
    costs.cpuMicrosPerBusyRow,
  ]);
  return formatTable(["connections", "RSS KB each", "CPU µs/keepalive", "CPU µs/row, busy"], rows);
}

/** What supervision costs. */
export function formatSupervision(all: readonly SupervisionCost[]): string {
  return formatTable(
    ["supervision", "cost"],
    all.map(({ what, figure }) => [what, figure]),
  );
}

/** The goals as text, met or not. */
export function formatGoals(goals: readonly JudgedGoal[]): string {
  const rows = goals.map(({ name, value, sense, limit, verdict }) => [
    verdict,
    name,
    value?.toFixed(2) ?? null,
    `${sense === "atMost" ? "≤" : "≥"} ${limit}`,
  ]);
  return formatTable(["", "goal", "here", "wanted"], rows);
}

export function formatTable(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = [titles, ...rows.map((row) => row.map((cell) => (cell === null ? "–" : String(cell))))];
  const widths = titles.map((_, index) => Math.max(...texts.map((row) => row[index]?.length ?? 0)));
  return texts
    .map((row) =>
      row
        .map((text, index) => pad(text, widths[index] ?? 0, index))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function pad(text: string, width: number, index: number): string {
  return index === 0 || /^[^\d–]/.test(text) ? text.padEnd(width) : text.padStart(width);
}

function range(min: number | null, max: number | null, digits: number): string | null {
  return min === null || max === null ? null : `${min.toFixed(digits)}–${max.toFixed(digits)}`;
}

function thousands(value: number | null): string | null {
  return value === null ? null : value.toLocaleString("en-US");
}
