import type { TextParser } from "./type-parsers.ts";
import { valueMalformed } from "./value-malformed.ts";

/**
 * A parser for arrays whose elements `element` parses. SQL nulls become `null`; more dimensions become nested arrays;
 * lower bounds other than 1 are dropped: `[0:1]={5,6}` is `[5, 6]`. The delimiter is `,` for every built-in type but
 * `box`, which has `;`.
 * @throws ProtocolError `value_malformed` (the parser, not this function).
 * @see https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function arrayOf(element: TextParser, delimiter: "," | ";" = ","): (text: string) => unknown[] {
  return (text) => {
    const start = text.startsWith("[") ? text.indexOf("=") + 1 : 0;
    const scan: Scan = { text, at: start, delimiter, element };
    if (text[start] !== "{") throw valueMalformed("array", text);
    const value = parseList(scan);
    if (scan.at !== text.length) throw valueMalformed("array", text);
    return value;
  };
}

interface Scan {
  readonly text: string;
  at: number;
  readonly delimiter: string;
  readonly element: TextParser;
}

/** Reads from `{` to its `}`. Nesting is bounded: Postgres' arrays have at most six dimensions. */
function parseList(scan: Scan, depth = 1): unknown[] {
  const { text, delimiter } = scan;
  if (depth > 6) throw valueMalformed("array", text);
  const values: unknown[] = [];
  scan.at++;
  if (text[scan.at] === "}") {
    scan.at++;
    return values;
  }
  for (;;) {
    values.push(parseItem(scan, depth));
    const separator = text[scan.at];
    if (separator !== delimiter && separator !== "}") throw valueMalformed("array", text);
    scan.at++;
    if (separator === "}") return values;
  }
}

function parseItem(scan: Scan, depth: number): unknown {
  switch (scan.text[scan.at]) {
    case "{":
      return parseList(scan, depth + 1);
    case '"':
      return scan.element(quoted(scan));
    default: {
      const text = unquoted(scan);
      return text === "NULL" ? null : scan.element(text);
    }
  }
}

/** Reads from a double quote past the next one that no backslash stands before. */
function quoted(scan: Scan): string {
  const { text } = scan;
  let value = "";
  let from = scan.at + 1;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      scan.at = at + 1;
      return value + text.slice(from, at);
    }
    if (character === "\\") {
      value += text.slice(from, at);
      from = ++at;
    }
  }
  throw valueMalformed("array", text);
}

/** Reads up to the delimiter or the closing brace; what contains either, a brace, a quote or a backslash is quoted. */
function unquoted(scan: Scan): string {
  const { text, delimiter, at } = scan;
  let end = at;
  while (end < text.length && text[end] !== delimiter && text[end] !== "}") end++;
  const value = text.slice(at, end);
  if (value === "" || /["{\\]/.test(value)) throw valueMalformed("array", text);
  scan.at = end;
  return value;
}
