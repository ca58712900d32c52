import type { Row } from "./row.ts";

/** A column whose texts are JSON. */
export interface JsonColumn {
  /** The column's name. */
  readonly key: string;
  /** The error for one of its texts, at `offset` of a message, that is no JSON. */
  readonly unreadable: (offset: number, cause: unknown) => Error;
}

interface PendingValue {
  readonly row: Row;
  readonly column: JsonColumn;
  readonly text: string;
  readonly offset: number;
}

/**
 * The JSON of several rows, parsed when all of them are made. `JSON.parse` runs a lot of code: in a loop of its own it
 * finds that code in the processor's cache, and so does the decoding of the next rows (docs/decisions/0006-speed.md).
 */
export class PendingJson {
  #values: PendingValue[] = [];

  /** How many values are put off. */
  get count(): number {
    return this.#values.length;
  }

  /** Puts off a value: until {@link PendingJson.parse} the row has its text. `offset`: where that stands in the message. */
  add(row: Row, column: JsonColumn, text: string, offset: number): void {
    this.#values.push({ row, column, text, offset });
  }

  /** Puts all values in their rows, in the order in which they were added. Throws for the first that is no JSON. */
  parse(): void {
    const values = this.#values;
    if (values.length === 0) return;
    this.#values = [];
    for (const { row, column, text, offset } of values) {
      try {
        row[column.key] = JSON.parse(text);
      } catch (cause) {
        throw column.unreadable(offset, cause);
      }
    }
  }

  /** Forgets what is put off. */
  clear(): void {
    this.#values = [];
  }
}
