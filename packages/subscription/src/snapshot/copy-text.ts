import { defaultTypes, type Row, type TextParser, type TypeParsers } from "@trunkline/protocol";
import { SubscriptionError } from "../errors/subscription-error.ts";

/** A column as COPY writes it. */
export interface CopyColumn {
  readonly name: string;
  /** `pg_type.oid`. */
  readonly typeOid: number;
}

/** Turns one row of COPY's text format, a CopyData payload, into the row that a stream would bring. */
export type CopyRowReader = (payload: Buffer) => Row;

/**
 * What stands after a backslash, and what it means. The server writes no other; the octal and hexadecimal forms are for
 * reading only.
 */
const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/**
 * A reader for the rows of one table: same names, same parsers, same order as a stream's rows; SQL NULL is `null`. The
 * reader throws SubscriptionError `copy_malformed` for a row with another number of columns, an unknown escape, or a
 * value that its parser refuses (`cause`).
 * @see https://www.postgresql.org/docs/current/sql-copy.html
 */
export function copyRowReader(columns: readonly CopyColumn[], types: TypeParsers = defaultTypes): CopyRowReader {
  const readers = columns.map(({ name, typeOid }) => ({ name, parse: types.getTypeParser(typeOid, "text") }));
  return (payload) => {
    const texts = splitRow(payload.toString("utf8"), columns.length);
    const entries = readers.map(({ name, parse }, index): readonly [string, unknown] => [
      name,
      readValue(texts[index] ?? "", name, parse),
    ]);
    return Object.fromEntries(entries);
  };
}

/** The columns' texts, still escaped: a tab or a newline in a value is never written as itself. */
function splitRow(text: string, count: number): readonly string[] {
  const line = text.endsWith("\n") ? text.slice(0, -1) : text;
  // A table without columns has empty rows.
  const texts = count === 0 && line === "" ? [] : line.split("\t");
  if (texts.length === count) return texts;
  throw new SubscriptionError("copy_malformed", `A row has ${texts.length} columns, and its table ${count}.`);
}

function readValue(text: string, name: string, parse: TextParser): unknown {
  if (text === "\\N") return null;
  const value = unescapeCopy(text);
  try {
    return parse(value);
  } catch (cause) {
    throw new SubscriptionError("copy_malformed", `The value of ${name} could not be parsed.`, { cause });
  }
}

/**
 * The text that stands escaped in a column.
 * @throws SubscriptionError `copy_malformed`
 */
export function unescapeCopy(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\([\s\S]?)/g, (_, escaped: string) => {
    const meaning = Object.hasOwn(escapes, escaped) ? escapes[escaped] : undefined;
    if (meaning !== undefined) return meaning;
    throw new SubscriptionError("copy_malformed", `"\\${escaped}" is no escape of COPY's.`);
  });
}
