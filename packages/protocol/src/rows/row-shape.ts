import type { Row } from "./row.ts";

/** A row that grows beyond so many properties column by column becomes a hash table, at twice the price. */
const GROWS_WELL = 16;

/**
 * What makes a row to be filled with these columns. Up to 16 of them it begins empty and gets its columns in the
 * table's order, null ones too: so all rows of a relation share one hidden class, at half the price of copying a
 * template (docs/decisions/0003-decoding-rows.md). Wider ones, and those with a column called `__proto__`, have all
 * their columns from the start, as own properties: assigning then never reaches the setter of that name.
 */
export function emptyRowOf(names: readonly string[]): () => Row {
  if (names.length <= GROWS_WELL && !names.includes("__proto__")) return () => ({});
  // JSON.parse, because an object that is put together property by property would be a hash table, and its copies too.
  const template: Row = JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join()}}`);
  return () => ({ ...template });
}

/**
 * The name as the engine keeps it for properties: {@link setColumn} then compares addresses. A name as it was decoded
 * is looked up in the table of all names at each row.
 */
export function propertyKey(name: string): string {
  return Object.keys({ [name]: null })[0] ?? name;
}

/**
 * `row[key] = value`. The first columns have a line of their own each: the engine learns the key of each line, and
 * stores without looking anything up as long as the stream is of one table (W1: 0.88 of the time, 0006-speed.md).
 */
export function setColumn(row: Row, index: number, key: string, value: unknown): void {
  switch (index) {
    case 0:
      row[key] = value;
      return;
    case 1:
      row[key] = value;
      return;
    case 2:
      row[key] = value;
      return;
    case 3:
      row[key] = value;
      return;
    case 4:
      row[key] = value;
      return;
    case 5:
      row[key] = value;
      return;
    case 6:
      row[key] = value;
      return;
    case 7:
      row[key] = value;
      return;
    default:
      row[key] = value;
  }
}
