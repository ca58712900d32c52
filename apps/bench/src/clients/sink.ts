/** Keeps the last value read, so that no engine can leave the reading out. */
export const sink: { last: unknown } = { last: undefined };

/** A decoded row of any workload; only W1 has the last two columns. */
export interface DecodedRow {
  readonly id?: unknown;
  readonly body?: unknown;
  readonly created_at?: unknown;
  readonly data?: unknown;
}

/** Reads every column of a decoded row, by name as programs do: some libraries decode a column only when it is read. */
export function readColumns(row: DecodedRow): void {
  sink.last = row.id;
  sink.last = row.body;
  sink.last = row.created_at;
  sink.last = row.data;
}
