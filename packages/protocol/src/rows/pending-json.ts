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

/** Longer texts are parsed by themselves: joining costs by the character, and saves by the call. */
const LONG_TEXT = 512;

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
    const parsed = parseTogether(values);
    if (parsed === undefined) {
      parseOneByOne(values);
      return;
    }
    for (let index = 0; index < values.length; index++) {
      const { row, column } = values[index] as PendingValue;
      row[column.key] = parsed[index];
    }
  }

  /** Forgets what is put off. */
  clear(): void {
    this.#values = [];
  }
}

/**
 * All values by one call, as an array; `undefined` where they must be parsed one by one: a text is long, or is no JSON,
 * which shows in the joined text or in the number of its elements. Two that are none could be made up to fit each other;
 * the server, which checks what it stores, has none.
 */
function parseTogether(values: readonly PendingValue[]): readonly unknown[] | undefined {
  let joined = "";
  for (const { text } of values) {
    if (text.length > LONG_TEXT) return undefined;
    joined += joined === "" ? `[${text}` : `,${text}`;
  }
  try {
    const parsed: readonly unknown[] = JSON.parse(`${joined}]`);
    return parsed.length === values.length ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function parseOneByOne(values: readonly PendingValue[]): void {
  for (const { row, column, text, offset } of values) {
    try {
      row[column.key] = JSON.parse(text);
    } catch (cause) {
      throw column.unreadable(offset, cause);
    }
  }
}
