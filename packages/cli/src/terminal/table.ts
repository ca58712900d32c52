/** How a column is lined up. */
export interface TableColumn {
  readonly title: string;
  /** Default `"left"`. */
  readonly align?: "left" | "right";
}

/** Rows in columns, two spaces apart, with a line of titles; no space at the ends of lines. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map((line) =>
      columns
        .map(({ align = "left" }, index) => {
          const cell = line[index] ?? "";
          return align === "left" ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
